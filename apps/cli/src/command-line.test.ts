import { once } from "node:events";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { runCommandLine } from "./command-line.ts";
import { bramblePath } from "./programs.ts";

/** What one command line wrote and how it ended. */
type Ended = { readonly code: number; readonly out: string; readonly err: string };

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

async function type(...args: string[]): Promise<Ended> {
  return typeUntil(new AbortController().signal, null, ...args);
}

/** Types a command line; at the signal somebody presses Ctrl+C, and says `said` when asked, where it is no null. */
async function typeUntil(signal: AbortSignal, said: string | null, ...args: string[]): Promise<Ended> {
  const out: string[] = [];
  const err: string[] = [];
  const terminal = {
    out: (text: string) => void out.push(text),
    note: (text: string) => void err.push(text),
    isTty: false,
    columns: 100,
    now: () => 1_800_000_000_000,
    ...(said === null ? {} : { ask: async () => said }),
  };
  const code = await runCommandLine(args, terminal, signal);
  return { code, out: out.join("\n"), err: err.join("\n") };
}

/** A head of a few fixed answers; gives its URL and what it was asked. */
async function fakeHead(
  answers: Record<string, unknown>,
  status = 200,
): Promise<{ url: string; asked: { path: string; body: string; authorization: string | undefined }[] }> {
  const asked: { path: string; body: string; authorization: string | undefined }[] = [];
  const server = createServer(async (request: IncomingMessage, response) => {
    let body = "";
    for await (const part of request) body += part;
    asked.push({ path: request.url ?? "", body, authorization: request.headers.authorization });
    const path = (request.url ?? "").split("?")[0] ?? "";
    const answer = answers[path];
    response.writeHead(answer === undefined ? 404 : status, { "content-type": "application/json" });
    response.end(
      typeof answer === "string"
        ? answer
        : JSON.stringify(answer ?? { error: { code: "not-found", message: `no ${path}`, hint: "See /api/docs." } }),
    );
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closers.push(() => server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

const board = {
  id: "b8:27:eb:00:00:2a",
  name: "b0042",
  index: 41,
  mac: "b8:27:eb:00:00:2a",
  serial: "00000000eb00002a",
  model: "Raspberry Pi 3 Model B Plus Rev 1.3",
  address: "172.20.11.42",
  place: { rack: "r1", bank: "k02", slot: 21, switch: "s01", port: 42, group: "g01" },
  state: "silent",
  cause: "board",
  since: 1_800_000_000_000 - 7000,
  simulated: true,
  agent: "0.1.0",
  cores: 4,
  memoryMb: 877,
  boot: null,
  working: false,
  latest: {
    at: 1_800_000_000_000 - 9000,
    cpu: 3.14,
    load: 0.1,
    memoryUsedMb: 200,
    memoryTotalMb: 877,
    memory: 22.8,
    diskUsedGb: 1,
    diskTotalGb: 50,
    temperatureC: 48.3,
    throttled: 0,
    rxKbps: 1,
    txKbps: 1,
    uptimeS: 60,
    processes: [{ pid: 1, name: "systemd", user: "root", cpu: 0.1, memory: 0.8 }],
  },
};

const cluster = {
  name: "police-box",
  description: "1050 boards",
  version: "0.1.0",
  startedAt: 1_799_999_000_000,
  now: 1_800_000_000_000,
  expected: 1050,
  states: { up: 1049, silent: 1 },
  hottest: { name: "b0001", temperatureC: 61.2 },
  samplesPerSecond: 210,
  warbles: { queued: 0, leased: 1, done: 12, failed: 0 },
  bringUp: null,
  watts: { now: 2000, limit: 24_000 },
};

test("help of a command that there is not says so, with or without --help", async () => {
  for (const args of [["nosuch"], ["nosuch", "--help"], ["help", "nosuch"]]) {
    const { code, err } = await type(...args);
    expect([code, err]).toEqual([2, expect.stringContaining("nosuch")]);
  }
});

test("help of a command is the same either way", async () => {
  expect((await type("help", "check")).out).toBe((await type("check", "--help")).out);
});

describe("questions to a head", () => {
  test("status tells how many are up and names the silent ones folded", async () => {
    const { url } = await fakeHead({ "/api/v1/cluster": cluster, "/api/v1/boards": { boards: [board], next: null } });
    const { code, out } = await type("status", "--head", url);
    expect(code).toBe(0);
    expect(out).toContain("1049 of 1050 up");
    expect(out).toMatch(/silent \(board\).*7 s:\n {2}b0042/);
  });

  test("boards asks for the set and the state and prints one line a board", async () => {
    const { url, asked } = await fakeHead({ "/api/v1/boards": { boards: [board], next: null } });
    const { code, out } = await type("boards", "@k02", "--state", "silent", "--head", url);
    expect(code).toBe(0);
    expect(asked[0]!.path).toBe("/api/v1/boards?set=%40k02&state=silent&limit=2000");
    expect(out.split("\n")).toHaveLength(2);
    expect(out).toMatch(/b0042 +silent \(board\) +7 s +3 % +23 % +48 °C +r1 k02\/21/);
  });

  test("boards follows the pages until the last", async () => {
    const { url, asked } = await fakeHead({ "/api/v1/boards": { boards: [board], next: "b0042" } });
    const { out } = await type("boards", "--limit", "3", "--head", url);
    expect(asked.map(({ path }) => path.includes("cursor=b0042"))).toEqual([false, true, true]);
    expect(out.split("\n")).toHaveLength(4);
  });

  test("board shows place, readings and processes; --json the body as it came", async () => {
    const { url } = await fakeHead({ "/api/v1/boards/b0042": board });
    expect((await type("board", "b0042", "--head", url)).out).toMatch(
      /rack r1, bank k02, slot 21[\s\S]*48\.3 °C[\s\S]*systemd/,
    );
    expect(JSON.parse((await type("board", "b0042", "--json", "--head", url)).out)).toEqual(board);
  });

  test("an answer that is an error is told in the head's own words, with its hint", async () => {
    const { url } = await fakeHead(
      {
        "/api/v1/boards/nope": {
          error: { code: "board.unknown", message: 'no board is called "nope"', hint: "Try `bramble boards`." },
        },
      },
      404,
    );
    expect(await type("board", "nope", "--head", url)).toEqual({
      code: 1,
      out: "",
      err: 'bramble: no board is called "nope"\nTry `bramble boards`.',
    });
  });

  test("a head that wants a token is answered with the flag that gives it", async () => {
    const error = { code: "auth.required", message: "this needs a token", hint: "Authorization: Bearer …" };
    const { url } = await fakeHead({ "/api/v1/cluster": { error } }, 401);
    expect((await type("status", "--head", url)).err).toBe(
      "bramble: this needs a token\nGive it with --token-file FILE, or BRAMBLE_TOKEN_FILE.",
    );
  });

  test("strangers are counted apart from the places of the cluster file", async () => {
    const { url } = await fakeHead({ "/api/v1/cluster": { ...cluster, expected: 84, states: { up: 85, off: 0 } } });
    expect((await type("status", "--head", url)).out).toContain("85 of 85 up; 1 of them not in the cluster file");
  });

  test("top orders by the reading that was asked for", async () => {
    const cool = { ...board, name: "b0001", state: "up", latest: { ...board.latest, temperatureC: 40, cpu: 99 } };
    const hot = { ...board, name: "b0002", state: "up", latest: { ...board.latest, temperatureC: 70, cpu: 1 } };
    const { url } = await fakeHead({
      "/api/v1/cluster": cluster,
      "/api/v1/boards": { boards: [cool, hot], next: null },
    });
    expect((await type("top", "--head", url)).out).toMatch(/b0002[\s\S]*b0001/);
    expect((await type("top", "--by", "cpu", "--head", url)).out).toMatch(/b0001[\s\S]*b0002/);
  });

  test.each([
    ["status", "nobody listens there", "http://127.0.0.1:1", 3, /no head answers at http:\/\/127\.0\.0\.1:1/],
    ["status", "the URL is none", "ftp://x", 2, /A URL like http:\/\/127\.0\.0\.1:8880 was expected/],
  ])("%s says so when %s", async (command, _when, head, code, sentence) => {
    const ended = await type(command, "--head", head);
    expect(ended.code).toBe(code);
    expect(ended.err).toMatch(sentence);
  });

  test("something that is no Bramble head is told as such", async () => {
    const { url } = await fakeHead({ "/api/v1/cluster": "<html>hello</html>" });
    expect(await type("status", "--head", url)).toMatchObject({ code: 1, err: expect.stringContaining("not JSON") });
  });
});

describe("warble", () => {
  test("run prints the lines", async () => {
    expect(await type("warble", "run", "#pi{PRINT(1)PRINT(2)}")).toMatchObject({ code: 0, out: "1\n2" });
  });

  test("run ends with 1 and one line when the program ends in an error; the output before it is kept", async () => {
    const ended = await type("warble", "run", "#pi{PRINT(1)PRINT(1/0)}");
    expect(ended).toMatchObject({ code: 1, out: "1" });
    expect(ended.err).toMatch(/^DIV0 @\d+: .+$/);
  });

  test("run keeps saved values in the folder of --store, apart for each user", async () => {
    const store = mkdtempSync(join(tmpdir(), "bramble-saved-"));
    const save = (user: string, post: string) => type("warble", "run", post, "--store", store, "--user", user);
    await save("cli:ada", '#pi{SAVE("n",41)}');
    expect((await save("cli:ada", '#pi{PRINT(LOAD("n")+1)}')).out).toBe("42");
    expect((await save("../../etc/passwd", '#pi{PRINT(LOAD("n")+1)}')).out).toBe("1");
  });

  test("run reads a file, and --json prints the whole result", async () => {
    const file = join(mkdtempSync(join(tmpdir(), "bramble-post-")), "post.warble");
    writeFileSync(file, "#pi{LIGHTS(0,255,0,0)}");
    expect(JSON.parse((await type("warble", "run", file, "--json")).out)).toMatchObject({
      out: [],
      effects: [["LIGHTS", 0, 255, 0, 0]],
      error: null,
    });
  });

  test("post waits for the board's answer", async () => {
    const done = { id: "w1", state: "done", board: "b0042", out: ["hello cluster"], error: null, steps: 3 };
    const { url, asked } = await fakeHead({
      "/api/v1/warbles": { id: "w1", place: 2, waitMs: 1200 },
      "/api/v1/warbles/w1": done,
    });
    const ended = await type("warble", "post", '#pi{PRINT("hello cluster")}', "--head", url);
    expect(ended).toMatchObject({ code: 0, out: "hello cluster" });
    expect(ended.err).toContain("done on b0042");
    expect(JSON.parse(asked[0]!.body)).toEqual({ text: '#pi{PRINT("hello cluster")}', user: "cli:me" });
  });

  test.each([
    ["c", "w1 is taken back.", true],
    ["", "w1 goes on; `bramble warble cancel w1 --user cli:ada --head http://", false],
    [null, "w1 goes on; `bramble warble cancel w1 --user cli:ada --head http://", false],
  ])("Ctrl+C while a post is waited for, answered with %j", async (said, sentence, isCancelled) => {
    const { url, asked } = await fakeHead({
      "/api/v1/warbles": { id: "w1", place: 0, waitMs: 0 },
      "/api/v1/warbles/w1": { id: "w1", state: "leased", board: "b0042", fold: { done: 3, total: 9, boards: 1 } },
      "/api/v1/warbles/w1/cancel": { cancelled: true },
    });
    const { code, err } = await typeUntil(
      AbortSignal.timeout(400),
      said,
      "warble",
      "post",
      "#pi{SUM(k,1,99999,k)}",
      ...["--user", "cli:ada", "--head", url],
    );
    expect({ code, isCancelled: asked.some(({ path }) => path.endsWith("/cancel")) }).toEqual({ code: 0, isCancelled });
    expect(err).toContain("3 of 9 chunks, 1 board");
    expect(err).toContain(sentence);
  });

  test("a taking back that is refused after Ctrl+C is told, and ends with 1", async () => {
    const { url } = await fakeHead({
      "/api/v1/warbles": { id: "w1", place: 0, waitMs: 0 },
      "/api/v1/warbles/w1": { id: "w1", state: "leased", board: "b0042", fold: null },
    });
    const ended = await typeUntil(AbortSignal.timeout(400), "c", "warble", "post", "#pi{1}", "--head", url);
    expect(ended).toMatchObject({ code: 1, err: "w1 could not be taken back: no /api/v1/warbles/w1/cancel" });
  });

  test.each([
    [true, "w7 is taken back."],
    [false, "w7 had ended already."],
  ])("cancel of a post that waits: %j", async (cancelled, sentence) => {
    const { url } = await fakeHead({ "/api/v1/warbles/w7/cancel": { cancelled } });
    expect(await type("warble", "cancel", "w7", "--head", url)).toMatchObject({ code: 0, out: sentence });
  });

  test("cancel of a post that nobody knows says so", async () => {
    const { url } = await fakeHead({});
    const { code, err } = await type("warble", "cancel", "../../x", "--head", url);
    expect({ code, err }).toMatchObject({ code: 1, err: expect.stringContaining("..%2F..%2Fx") });
  });
});

describe("the command line itself", () => {
  test("every command has an example in its help", async () => {
    for (const command of [
      ["demo"],
      ["check"],
      ["status"],
      ["boards"],
      ["board"],
      ["top"],
      ["warble", "run"],
      ["warble", "post"],
      ["warble", "cancel"],
    ]) {
      const { code, out } = await type(...command, "--help");
      expect({ command, code }).toEqual({ command, code: 0 });
      expect(out).toMatch(/Example:\n {2}bramble /);
    }
  });

  test.each([
    [["bords"], "Did you mean boards"],
    [["boards", "--stat", "up"], "--state"],
    [["boards", "--limit", "many"], "whole number from 1"],
    [["check"], "missing required argument 'file'"],
    [["demo", "--port", "99999"], "whole number from 0 to 65535"],
    [["demo", "--fail", "2"], "number from 0 to 1"],
    [["sim", "kil", "@g03"], 'did you mean "kill"'],
    [["sim", "kill"], "which boards"],
    [["sim", "loss", "@g03"], "which part"],
    [["sim", "kill", "@g03", "--control", "none"], "a port from 1 to 65535"],
  ])("%j is refused with exit code 2 and says what was expected", async (args, sentence) => {
    const { code, err } = await type(...args);
    expect(code).toBe(2);
    expect(err).toContain(sentence);
  });

  test("a sim command without a simulator says how to start one", async () => {
    const { code, err } = await type("sim", "kill", "@g03", "--control", "1");
    expect(code).toBe(3);
    expect(err).toContain("bramble demo");
  });

  test("check prints what follows from a file, and ends with 1 when it is wrong", async () => {
    const good = await type("check", bramblePath("examples", "desk-5.yaml"));
    expect(good.code).toBe(0);
    expect(good.out).toContain("5");
    const file = join(mkdtempSync(join(tmpdir(), "bramble-check-")), "wrong.yaml");
    writeFileSync(file, "schema: bramble/v1\nclustr: {}\n");
    const wrong = await type("check", file);
    expect(wrong.code).toBe(1);
    expect(wrong.err).toMatch(/wrong\.yaml:2:1: error: .*cluster/);
    expect(await type("check", "/nonexistent.yaml")).toMatchObject({ code: 2 });
  });

  test("check names a wrong setting of a driver with its place and the one that was meant", async () => {
    const file = join(mkdtempSync(join(tmpdir(), "bramble-check-")), "desk.yaml");
    const desk = readFileSync(bramblePath("examples", "desk-5.yaml"), "utf8");
    writeFileSync(file, desk.replace("driver: shelly-gen2", "driver: shelly-gen2, settings: { frist: 1 }"));
    const wrong = await type("check", file);
    expect(wrong.code).toBe(1);
    expect(wrong.err).toMatch(/desk\.yaml:37:\d+: error: shelly-gen2 has no setting "frist"; .*did you mean "first"\?/);
  });

  test("version prints one line", async () => {
    expect((await type("version")).out).toMatch(/^bramble \d+\.\d+\.\d+ \(Node \d+/);
  });
});
