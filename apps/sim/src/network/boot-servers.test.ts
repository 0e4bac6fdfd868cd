import { fakeClock, silentLog } from "@bramble/core/base";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createServerFinder, type Get, readBootServers } from "./boot-servers.ts";

const peer = (port: number) => ({ address: "127.0.0.1", port });
const servers = { dhcp: peer(6767), tftp: peer(6969), http: peer(8882) };
const answer = { status: 200, body: JSON.stringify({ servers }) };
const never = new AbortController().signal;

function finder(answers: readonly (Awaited<ReturnType<Get>> | Error)[]) {
  const clock = fakeClock();
  const asked: string[] = [];
  const get: Get = async (path) => {
    const one = answers[Math.min(asked.length, answers.length - 1)]!;
    asked.push(path);
    if (one instanceof Error) throw one;
    return one;
  };
  return { clock, asked, found: createServerFinder({ get, clock, log: silentLog }) };
}

test("a thousand boards ask once, and again after a while", async () => {
  const { clock, asked, found } = finder([answer]);
  const all = await Promise.all(Array.from({ length: 1_000 }, () => found.find(never)));
  expect(new Set(all.map((one) => JSON.stringify(one)))).toEqual(new Set([JSON.stringify(servers)]));
  expect(asked).toEqual(["/api/v1/boot"]);
  await clock.advance(6_000);
  await found.find(never);
  expect(asked).toHaveLength(2);
});

test("a head without boot servers, old or new, is told steps", async () => {
  expect(await finder([{ status: 404, body: "" }]).found.find(never)).toBeNull();
  expect(await finder([{ status: 200, body: '{"servers":null}' }]).found.find(never)).toBeNull();
});

test("a head that is away, or not ready, is waited for", async () => {
  const { clock, asked, found } = finder([new Error("refused"), { status: 503, body: "" }, answer]);
  let got: unknown = null;
  void found.find(never).then((servers) => {
    got = servers;
  });
  await clock.advance(500);
  expect(got).toBeNull();
  await clock.advance(2_000);
  expect(got).toEqual(servers);
  expect(asked).toHaveLength(3);
});

test("a board whose power goes waits no longer; the others do", async () => {
  const { clock, found } = finder([new Error("refused"), answer]);
  const life = new AbortController();
  const gone = found.find(life.signal);
  const stays = found.find(never);
  life.abort(new Error("dark"));
  await expect(gone).rejects.toThrow("dark");
  await expect(found.find(life.signal)).rejects.toThrow("dark");
  await clock.advance(2_000);
  expect(await stays).toEqual(servers);
});

test("its end leaves nobody waiting and no timer", async () => {
  const { clock, found } = finder([new Error("refused")]);
  const waits = found.find(never);
  await clock.advance(10);
  found[Symbol.dispose]();
  await expect(waits).rejects.toThrow();
  expect(clock.pending()).toBe(0);
});

test("only addresses of this machine are believed", () => {
  const other = { ...servers, tftp: { address: "10.0.0.1", port: 69 } };
  expect(readBootServers(JSON.stringify({ servers: other }))).toBeNull();
  const wide = { ...servers, tftp: { address: "0.0.0.0", port: 69 } };
  expect(readBootServers(JSON.stringify({ servers: wide }))?.tftp).toEqual({ address: "127.0.0.1", port: 69 });
  fc.assert(fc.property(fc.json(), (body) => readBootServers(body) === null));
  expect(readBootServers("{")).toBeNull();
});
