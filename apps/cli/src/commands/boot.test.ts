import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { laneStates } from "@bramble/core/boot";
import { afterEach, expect, test } from "vitest";
import { runCommandLine } from "../command-line.ts";

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

type Asked = { readonly method: string; readonly path: string; readonly body: string };

/** A head that answers each path with its list of answers, the last one for ever. */
async function fakeHead(answers: Record<string, readonly unknown[]>): Promise<{ url: string; asked: Asked[] }> {
  const asked: Asked[] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const part of request) body += part;
    asked.push({ method: request.method ?? "", path: request.url ?? "", body });
    const path = (request.url ?? "").replace("/api/v1", "").split("?")[0] ?? "";
    const seen = asked.filter((each) => each.path.split("?")[0] === (request.url ?? "").split("?")[0]).length;
    const answer = answers[path]?.[seen - 1] ?? answers[path]?.at(-1);
    response.writeHead(answer === undefined ? 404 : 200, { "content-type": "application/json" });
    response.end(JSON.stringify(answer ?? { error: { code: "not-found", message: "no such thing", hint: "Look." } }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closers.push(() => server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

/** Types a command line; `stopAt` ends it when the output says so. */
async function type(args: readonly string[], { isTty = false, stopAt = /never/ } = {}) {
  const out: string[] = [];
  const err: string[] = [];
  const stop = new AbortController();
  const terminal = {
    out(text: string) {
      out.push(text);
      if (stopAt.test(text)) stop.abort();
    },
    note: (text: string) => void err.push(text),
    ...{ isTty, columns: 120, now: () => 1_800_000_000_000 },
  };
  const code = await runCommandLine(args, terminal, stop.signal);
  return { code, out: out.join("\n"), err: err.join("\n") };
}

const boot = {
  ...{ now: 0, kind: "none", servers: { dhcp: null, tftp: null, http: null }, images: [], problems: [] },
  ...{
    states: { idle: 0, waiting: 0, booting: 0, up: 1, stopped: 0 },
    steps: {},
    groups: [],
    troubles: [],
    alarms: [],
  },
  took: { boards: 0, medianMs: null, slowestMs: null },
};
const lanes = (...rows: readonly (readonly [string, string, number])[]) => ({
  ...{ now: 1_800_000_000_000, version: 1, states: [], steps: [] },
  lanes: rows.map(([board, state, at]) => [
    ...[board, laneStates.indexOf(state as "up"), at, 1, -1, 9, 0, 500],
    ...[Array.from({ length: at + 1 }, () => 10), ""],
  ]),
});

test("bramble boot alone gives the summary, or the head's own answer", async () => {
  const { url } = await fakeHead({ "/boot": [boot] });
  expect((await type(["boot", "--head", url])).out).toContain("boards boot from another machine");
  expect(JSON.parse((await type(["boot", "--head", url, "--json"])).out)).toEqual(boot);
  expect(await type(["boot", "wach", "--head", url])).toMatchObject({ code: 2 });
});

test("watch tells each change in a line where there is no terminal, until it is ended", async () => {
  const { url, asked } = await fakeHead({
    "/boot/lanes": [
      lanes(["b1", "booting", 5], ["b2", "up", 9]),
      lanes(["b1", "booting", 5], ["b2", "up", 9]),
      lanes(["b1", "up", 9], ["b2", "up", 9]),
    ],
  });
  const { code, out } = await type(["boot", "watch", "@k01", "--head", url, "--every", "0.2"], { stopAt: /b1 up/ });
  expect(code).toBe(0);
  expect(out.split("\n").map((line) => line.slice(9))).toEqual([
    "b1 kernel",
    "2 boards: 1 up, 1 on their way (1 at kernel)",
    "b1 up",
  ]);
  expect(asked[0]?.path).toBe("/api/v1/boot/lanes?set=%40k01");
});

test("watch draws the lanes anew on a terminal, those that matter unless some are named", async () => {
  const { url, asked } = await fakeHead({ "/boot/lanes": [lanes(["b1", "booting", 5])], "/boot": [boot] });
  const drawn = await type(["boot", "watch", "--head", url], { isTty: true, stopAt: /kernel/ });
  expect(drawn.out.startsWith("\x1b[H1 board: 0 up, 1 on their way")).toBe(true);
  expect(asked[0]?.path).toBe("/api/v1/boot/lanes?state=waiting%2Cbooting%2Cstopped");
  const nobody = await fakeHead({ "/boot/lanes": [lanes()], "/boot": [boot] });
  expect((await type(["boot", "watch", "--once", "--head", nobody.url])).out).toMatch(/no board is on its way/);
  expect((await type(["boot", "watch", "b1", "--once", "--head", nobody.url])).out).toBe("no board fits");
  expect(JSON.parse((await type(["boot", "watch", "--json", "--head", url])).out).lanes).toHaveLength(1);
});

test("set sends who said it; file gives the word back to the cluster file", async () => {
  const { url, asked } = await fakeHead({ "/boot/plans": [{ boards: 21 }, { boards: 1 }, { plans: [] }] });
  expect((await type(["boot", "set", "@k01", "rescue", "--head", url])).out).toBe(
    "21 boards boot rescue from the next boot on",
  );
  expect((await type(["boot", "set", "b1", "file", "--head", url])).out).toBe(
    "1 board boots what the cluster file says from the next boot on",
  );
  expect(asked.map(({ method, body }) => [method, JSON.parse(body)])).toEqual([
    ["PUT", { set: "@k01", plan: "rescue", by: expect.stringMatching(/^cli:/) }],
    ["PUT", { set: "b1", plan: null, by: expect.stringMatching(/^cli:/) }],
  ]);
  expect((await type(["boot", "plans", "--head", url])).out).toContain("SAID BY");
  expect(await type(["boot", "set", "b1", "nothing", "--head", url])).toMatchObject({ code: 2 });
});

test("leases and show speak to the head, and pass on what it says when it refuses", async () => {
  const { url } = await fakeHead({ "/boot/leases": [{ leases: [], pool: 9, poolFree: 9 }] });
  expect((await type(["boot", "leases", "--head", url])).out).toContain("9 of 9 addresses of the pool are free");
  const refused = await type(["boot", "show", "b9", "--head", url]);
  expect(refused).toMatchObject({ code: 1, err: expect.stringContaining("no such thing") });
});
