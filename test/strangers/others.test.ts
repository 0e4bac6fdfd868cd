import { createSocket } from "node:dgram";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fakeClock, seededRandom, silentLog } from "@bramble/core/base";
import { parseCluster } from "@bramble/core/cluster";
import { encodeBeacon } from "@bramble/core/discover";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { listenForHead } from "../../apps/agent/src/discover/beacon.ts";
import { runCommandLine } from "../../apps/cli/src/command-line.ts";
import { freePort } from "../bench/process.ts";
import { repository } from "../support/demo-process.ts";
import { octets, requests, texts, words } from "./corpus.ts";
import { exchange, type Program, startProgram } from "./programs.ts";

/** `bramble …` in this process: its exit code and what it said. */
async function bramble(...args: string[]): Promise<{ code: number; said: string }> {
  const said: string[] = [];
  const say = (text: string): void => void said.push(text);
  const terminal = { out: say, note: say, isTty: false, columns: 100, now: Date.now };
  const code = await runCommandLine(args, terminal, AbortSignal.timeout(20_000));
  return { code, said: said.join("\n") };
}

/** More than JSON can do wrong. */
const clusterFiles: readonly (readonly [string, string | Uint8Array])[] = [
  ...texts,
  ...octets,
  [
    "a bomb of aliases",
    `a: &a [x,x,x,x,x,x,x,x,x]\n${[..."bcdefghi"].map((c, i) => `${c}: &${c} [${`*${"abcdefgh"[i]},`.repeat(8)}]`).join("\n")}\n`,
  ],
  ["an alias of itself", "a: &a [*a]\n"],
  ["a merge of itself", "a: &a\n  <<: *a\n"],
  ["a tower of dashes", `${"- ".repeat(20_000)}x`],
  ["a tag that would run", "!!js/function 'function(){ process.exit() }'\n"],
  ["two documents", "name: a\n---\nname: b\n"],
  ["tabs", "name:\n\t- x\n"],
  ["one key twice", "name: a\nname: b\n"],
  ["names of objects", "__proto__: {x: 1}\nconstructor: 1\nbanks: {__proto__: []}\n"],
  ["too large", `name: ${"x".repeat(1_100_000)}\n`],
  ["a page of the web", "<!doctype html><title>no</title>"],
];

describe("a cluster file", () => {
  const dir = mkdtempSync(join(tmpdir(), "bramble-strange-"));
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  test.each(clusterFiles)("that is %s is refused with its line, and nothing is thrown", async (_what, source) => {
    const file = join(dir, "cluster.yaml");
    writeFileSync(file, source);
    const parsed = parseCluster(typeof source === "string" ? source : new TextDecoder().decode(source));
    expect(parsed.kind).toBe("invalid");
    const { code, said } = await bramble("check", file);
    expect(code).not.toBe(0);
    expect(said).toMatch(/cluster\.yaml/);
    expect(said).not.toMatch(/\bat .*\.ts:\d+|undefined|\[object/);
    expect(({} as { isAdmin?: true }).isAdmin).toBeUndefined();
  });

  test("that is no file is told as such", async () => {
    for (const path of [dir, join(dir, "none.yaml"), `${dir}/${"x".repeat(300)}`, "a\0b"]) {
      const { code, said } = await bramble("check", path);
      expect(code, path).not.toBe(0);
      expect(said, path).not.toMatch(/\bat .*\.ts:\d+/);
    }
  });
});

test.each(words)("the command line takes %s for what it is: no command, no flag, no head", async (_what, word) => {
  const plain = word.replaceAll("%00", "\0");
  for (const args of [
    [plain],
    [`--${plain}`],
    ["boards", "--head", plain],
    ["status", `--${plain}`, "1"],
    ["check", `--${plain}`],
  ]) {
    const { code, said } = await bramble(...args);
    expect(code, args.join(" ")).not.toBe(0);
    expect(said.length, args.join(" ")).toBeGreaterThan(0);
    expect(said, args.join(" ")).not.toMatch(/\bat .*\.[tj]s:\d+/);
  }
});

test("a hundred thousand strange datagrams at the beacon's port change nothing: the head is found by its own", async () => {
  let port = 0;
  const parts = { clock: fakeClock(), random: seededRandom("strange"), log: silentLog, onReturn: () => {}, port: 0 };
  await using finder = await listenForHead({ ...parts, onListening: (bound) => (port = bound) });
  const sender = createSocket("udp4");
  const real = encodeBeacon({ bramble: 1, head: "http://127.0.0.1:8880", key: null, id: "true" });
  const strange = [
    ...octets.map(([, bytes]) => bytes),
    ...texts.map(([, text]) => new TextEncoder().encode(text).subarray(0, 1400)),
    ...Array.from({ length: real.length }, (_, cut) => real.subarray(0, cut)),
    new TextEncoder().encode('{"bramble":1,"head":{"toString":1},"id":{}}'),
    new TextEncoder().encode('{"bramble":1,"head":"javascript:alert(1)","key":null,"id":"x"}'),
  ];
  const found = finder.find(AbortSignal.timeout(20_000));
  const send = (bytes: Uint8Array) =>
    new Promise<void>((resolve) => sender.send(bytes, port, "127.0.0.1", () => resolve()));
  // The receiver has its turns, else all but the first were dropped unread.
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  for (let n = 0; n < 100_000; n += 100) {
    await Promise.all(Array.from({ length: 100 }, (_, k) => send(strange[(n + k) % strange.length]!)));
    await turn();
  }
  // Of a flood some datagrams are lost; the head says it again every five seconds.
  let heard = false;
  void found.then(() => (heard = true));
  for (let tries = 0; tries < 2000 && !heard; tries++) {
    await send(real);
    await turn();
    await parts.clock.advance(100);
  }
  expect(await found).toEqual({ url: "http://127.0.0.1:8880" });
  await new Promise<void>((resolve) => sender.close(() => resolve()));
});

describe.each(["agent", "sim"] as const)("the HTTP service of the %s", (name) => {
  let program: Program;
  let port: number;
  beforeAll(async () => {
    port = await freePort();
    const head = ["--head", "http://127.0.0.1:9"];
    const cluster = [
      "--cluster",
      join(repository, "examples/desk-5.yaml"),
      "--control",
      String(port),
      "--pdu-port",
      "0",
    ];
    if (name === "agent") program = await startProgram("agent", [...head, "--port", String(port)], /^(.*)$/m);
    else program = await startProgram("sim", [...head, ...cluster], /^ready sim (.*)$/m);
    const path = name === "agent" ? "healthz" : "status";
    for (let tries = 0; tries < 100; tries++)
      if (
        await fetch(`http://127.0.0.1:${port}/${path}`).then(
          ({ ok }) => ok,
          () => false,
        )
      )
        return;
    throw new Error(program.said());
  });
  afterAll(() => program?.[Symbol.asyncDispose]());

  const isWell = async (what: string): Promise<void> => {
    expect(program.isRunning(), what).toBe(true);
    const path = name === "agent" ? "/healthz" : "/status";
    expect((await fetch(`http://127.0.0.1:${port}${path}`)).status, what).toBe(200);
    expect(program.said(), what).not.toMatch(/unhandled|TypeError|RangeError/i);
    expect(program.peakMb()).toBeLessThan(400);
  };

  test("answers or closes for whatever is no request", async () => {
    for (const [what, text] of requests) {
      const { text: answer, isClosed } = await exchange(port, text.replaceAll("\n", "\r\n"), 300);
      expect(answer, what).not.toMatch(/^HTTP\/1\.1 500/);
      expect(isClosed || answer !== "" || text.length < 600 || text.startsWith("GET /a"), what).toBe(true);
    }
    await isWell("what is no request");
  });

  test("answers whatever is asked and posted", async () => {
    const headers = { "content-type": "application/json" };
    for (const [what, word] of words) {
      const { status } = await fetch(`http://127.0.0.1:${port}/${word}`);
      expect(status, what).toBeLessThan(500);
    }
    for (const [what, body] of [...texts, ...octets]) {
      const init = { method: "POST", headers, body: body as BodyInit };
      const answer = await fetch(`http://127.0.0.1:${port}/command`, init).catch(() => null);
      expect(answer?.status ?? 400, what).toBeGreaterThanOrEqual(400);
      expect(answer?.status ?? 400, what).toBeLessThan(500);
      if (answer !== null) expect(await answer.text(), what).toContain('{"error":{"code":');
    }
    await isWell("hostile commands");
  });
});
