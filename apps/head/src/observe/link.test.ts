import { readFileSync } from "node:fs";
import type { Mac } from "@bramble/core/base";
import { parseCluster } from "@bramble/core/cluster";
import { encodeSamples } from "@bramble/core/observe";
import { afterEach, describe, expect, test } from "vitest";
import type { FakeBoard, RigOptions } from "./rig.ts";
import { eventually, helloOf, macOf, observeRig, pass, quietSample } from "./rig.ts";

const parsed = parseCluster(readFileSync(new URL("../../../../examples/mini-84.yaml", import.meta.url), "utf8"));
if (parsed.kind === "invalid") throw new Error(JSON.stringify(parsed.problems));
const { cluster } = parsed;
const [first] = cluster.boards;

type Rig = Awaited<ReturnType<typeof observeRig>>;
const open: AsyncDisposable[] = [];
afterEach(async () => {
  for (const rig of open.splice(0)) await rig[Symbol.asyncDispose]();
});
const rigOf = async (options?: RigOptions): Promise<Rig> => {
  const rig = await observeRig(cluster, options);
  open.push(rig);
  return rig;
};
/** A board that has said hello and heard welcome. */
const link = async (rig: Rig, board: Mac = macOf(1), address: string | null = first!.address): Promise<FakeBoard> => {
  const dialled = await rig.dial();
  dialled.say(helloOf(board, { address }));
  await dialled.next("welcome");
  return dialled;
};
const stateOf = (rig: Rig, board: Mac = macOf(1)) => rig.roster.byMac(board)?.standing.state;
const outcome = { out: ["3.14"], effects: [], error: null, warnings: [], steps: 7, saves: {}, data: {} };

describe("a board that says hello", () => {
  test("is welcomed with its name and place, is up, and is linked", async () => {
    const rig = await rigOf();
    const board = await link(rig);
    expect(board.heard[0]).toEqual({
      ...{ type: "welcome", name: first!.name, place: { rack: first!.rack, bank: first!.bank, slot: first!.slot } },
      ...{ epoch: "first", intervalMs: 5000, heartbeatMs: 1000, cpuLimit: 30, board: 0, boards: 84 },
    });
    expect(rig.roster.at(0)).toMatchObject({
      isLinked: true,
      boot: { step: "registered" },
      standing: { state: { kind: "up" } },
    });
    expect(rig.links.count()).toBe(1);
    expect(rig.told("link.opened")).toHaveLength(1);
  });

  test("is refused without the token that is asked for", async () => {
    const rig = await rigOf({ allow: ({ token }) => token === "sesame" });
    const board = await rig.dial();
    board.say(helloOf(macOf(1)));
    expect(await board.next("refused")).toMatchObject({ code: "auth.required" });
    expect(await eventually(board.closed)).toMatchObject({ code: 1008 });
    expect(rig.roster.byMac(macOf(1))).toBeNull();
    const other = await rig.dial();
    other.say(helloOf(macOf(1), { token: "sesame" }));
    await other.next("welcome");
  });

  test("is refused, and told so, when the store cannot keep it", async () => {
    const rig = await rigOf();
    rig.db.read((sql) => sql.exec("PRAGMA query_only = 1"));
    const board = await rig.dial();
    board.say(helloOf(macOf(1)));
    expect(await board.next("refused")).toMatchObject({ code: "store.unavailable", retryAfterMs: 10_000 });
    rig.db.read((sql) => sql.exec("PRAGMA query_only = 0"));
  });

  test("takes the link over from its older self, without having been away", async () => {
    const rig = await rigOf();
    const older = await link(rig);
    older.say({ type: "ready", slots: 2 });
    await eventually(() => rig.desk.calls.length > 0);
    const newer = await link(rig);
    expect(await eventually(older.closed)).toMatchObject({ code: 4001 });
    newer.say({ type: "ready", slots: 1 });
    await eventually(() => rig.desk.calls.length > 2);
    expect(rig.desk.calls).toEqual([`ready ${first!.name} 2`, `gone ${first!.name}`, `ready ${first!.name} 1`]);
    expect(rig.links.count()).toBe(1);
    expect(rig.told("board.standing")).toHaveLength(1);
    expect(rig.links.send(macOf(1), { type: "cancel", lease: "x" })).toBe(true);
    await newer.next("cancel");
  });
});

describe("a link ends with a clear word when its board", () => {
  test("says nothing for five seconds", async () => {
    const rig = await rigOf();
    const board = await rig.dial();
    await rig.clock.advance(4999);
    expect(board.closed()).toBeNull();
    await rig.clock.advance(1);
    expect(await eventually(board.closed)).toEqual({ code: 1008, reason: "no hello within 5 s" });
  });

  test.each<[string, string | Uint8Array, number, RegExp]>([
    ["is no Bramble at all", "GET / HTTP/1.1", 1008, /not JSON/],
    ["says a list", "[1,2,3]", 1008, /no message/],
    ["says null", "null", 1008, /no message/],
    ["says something unknown", '{"type":"sudo"}', 1008, /"sudo" is no message; known: hello/],
    ["says a name of objects", '{"type":"__proto__"}', 1008, /no message/],
    ["leaves words out", '{"type":"hello","mac":"b8:27:eb:00:00:01"}', 1008, /^hello/],
    ["has a wrong kind of word", JSON.stringify({ ...helloOf(macOf(1)), cores: "four" }), 1008, /hello\/cores/],
    ["asks for work first", '{"type":"ready","slots":1}', 1008, /hello comes first/],
    ["sends samples first", encodeSamples([quietSample(1)]), 1008, /hello comes first/],
    ["says hello at great length", JSON.stringify({ ...helloOf(macOf(1)), x: "y".repeat(70_000) }), 1009, /smaller/],
    ["is deeply nested", `${"[".repeat(30_000)}${"]".repeat(30_000)}`, 1008, /./],
  ])("%s", async (_, said, code, reason) => {
    const rig = await rigOf();
    const board = await rig.dial();
    board.socket.send(said);
    const closed = await eventually(board.closed);
    expect(closed.code).toBe(code);
    expect(closed.reason).toMatch(reason);
    expect(rig.links.count()).toBe(0);
  });

  test("has a MAC that no board has", async () => {
    const rig = await rigOf();
    const board = await rig.dial();
    board.say(helloOf("ff:ff:ff:ff:ff:ff" as Mac));
    expect(await board.next("refused")).toMatchObject({ code: "input.mac" });
    expect(await eventually(board.closed)).toMatchObject({ code: 1008 });
  });

  test.each([
    ["a type that cannot be spelt out", '{"type":{"toString":1,"valueOf":1}}'],
    ["a type that is a tower", `{"type":${"[".repeat(30_000)}${"]".repeat(30_000)}}`],
    ["no type", "{}"],
    ["a tower", `${"[".repeat(30_000)}${"]".repeat(30_000)}`],
  ])("says %s, and harms nobody", async (_what, text) => {
    const rig = await rigOf();
    const board = await rig.dial();
    board.socket.send(text);
    expect(await eventually(board.closed)).toMatchObject({ code: 1008, reason: expect.stringMatching(/no message/) });
    await link(rig);
  });

  test.each<[string, (board: FakeBoard) => void, number, RegExp]>([
    [
      "sends a damaged frame of samples",
      (b) => b.socket.send(encodeSamples([quietSample(1)]).subarray(0, 9)),
      1008,
      /cut short/,
    ],
    ["sends noise", (b) => b.socket.send(Uint8Array.of(7, 7, 7)), 1008, /version 7/],
    ["says hello twice", (b) => b.say(helloOf(macOf(1))), 1008, /second hello/],
    ["reports a step that is none", (b) => b.say({ type: "boot", step: "coffee" }), 1008, /^boot\/step/],
    [
      "sends an effect without a name",
      (b) => b.say({ type: "result", lease: "l", ms: 1, outcome: { ...outcome, effects: [[1]] } }),
      1008,
      /effect/,
    ],
    ["sends text that is not UTF-8", (b) => b.socket.send(Buffer.from([0xc3, 0x28]), { binary: false }), 1007, /^/],
    ["sends a frame of 4 MB", (b) => b.socket.send(new Uint8Array(4 * 2 ** 20)), 1009, /^/],
    [
      "floods",
      (b) => {
        for (let i = 0; i < 1500; i++) b.say({ type: "ready", slots: 1 });
      },
      1008,
      /too many frames/,
    ],
  ])("%s", async (_, say, code, reason) => {
    const rig = await rigOf();
    const board = await link(rig);
    const neighbour = await link(rig, macOf(2), cluster.boards[1]!.address);
    say(board);
    const closed = await eventually(board.closed);
    expect(closed.code).toBe(code);
    expect(closed.reason).toMatch(reason);
    neighbour.samples(quietSample(rig.clock.now()));
    await pass(rig.clock, 250);
    await neighbour.next("stored");
    expect(stateOf(rig, macOf(2))).toEqual({ kind: "up" });
  });

  test("floods with pings", async () => {
    const rig = await rigOf();
    const board = await link(rig);
    for (let i = 0; i < 1500; i++) board.socket.ping();
    // The close may be lost in the flood: then the connection just ends.
    expect([1006, 1008]).toContain((await eventually(board.closed)).code);
  });

  test("is one too many", async () => {
    const rig = await rigOf({ limits: { connections: 1 } });
    await link(rig);
    const board = await rig.dial();
    expect(await eventually(board.closed)).toMatchObject({ code: 1013 });
  });

  test("does not take what is sent", async () => {
    const rig = await rigOf({ limits: { unsentOctets: 100_000 } });
    const board = await link(rig);
    board.socket.pause();
    const long = { type: "cancel", lease: "x".repeat(500_000) } as const;
    let sent = 0;
    while (sent < 200 && rig.links.send(macOf(1), long)) sent++;
    expect(sent).toBeLessThan(200);
    await eventually(() => rig.links.count() === 0);
    expect(rig.links.send(macOf(1), long)).toBe(false);
  });
});

describe("samples over a link", () => {
  test("are answered after their commit, with the time up to which they are durable", async () => {
    const rig = await rigOf();
    const board = await link(rig);
    const now = rig.clock.now();
    board.samples(quietSample(now - 5000, 7), quietSample(now, 9));
    await pass(rig.clock, 250);
    expect(await board.next("stored")).toEqual({ type: "stored", upTo: now });
    expect(rig.roster.at(0)?.latest).toMatchObject({ at: now, cpu: 9 });
    expect(rig.samples.history(macOf(1), 0, now, 10)).toHaveLength(2);
    expect(rig.told("samples.stored")).toMatchObject([{ count: 2, newest: [{ mac: macOf(1), sample: { at: now } }] }]);
    await pass(rig.clock, 6000, () => board.socket.ping());
    expect(rig.ingest.counters()).toMatchObject({ stored: 2 });
  });

  test("are not answered when they could not be stored, and may come again", async () => {
    const rig = await rigOf();
    const board = await link(rig);
    rig.db.read((sql) => sql.exec("PRAGMA query_only = 1"));
    board.samples(quietSample(rig.clock.now()));
    await pass(rig.clock, 500);
    rig.db.read((sql) => sql.exec("PRAGMA query_only = 0"));
    expect(board.heard.map(({ type }) => type)).toEqual(["welcome"]);
    board.samples(quietSample(rig.clock.now()));
    await pass(rig.clock, 250);
    await board.next("stored");
  });

  test("that could not be stored are not answered by those after them", async () => {
    const rig = await rigOf();
    const board = await link(rig);
    const now = rig.clock.now();
    rig.db.read((sql) => sql.exec("PRAGMA query_only = 1"));
    board.samples(quietSample(now - 5000));
    await pass(rig.clock, 500);
    rig.db.read((sql) => sql.exec("PRAGMA query_only = 0"));
    board.samples(quietSample(now));
    expect(await board.next("stored")).toEqual({ type: "stored", upTo: now });
    expect(rig.samples.history(macOf(1), 0, now, 10)).toHaveLength(2);
  });

  test("of a board whose clock is ahead are taken as of now, with one warning", async () => {
    const rig = await rigOf();
    const board = await link(rig);
    const ahead = rig.clock.now() + 86_400_000;
    for (const wait of [0, 5000]) {
      board.samples(quietSample(ahead + wait));
      await pass(rig.clock, 250, () => board.socket.ping());
    }
    await eventually(() => board.heard.filter(({ type }) => type === "stored").length === 2, rig.clock);
    expect(board.heard.at(-1)).toEqual({ type: "stored", upTo: ahead + 5000 });
    expect(rig.roster.at(0)!.latest!.at).toBeLessThanOrEqual(rig.clock.now());
    expect(rig.told("event")).toMatchObject([{ kind: "board.clock", level: "warn", board: first!.name }]);
  });

  test("with impossible readings lose those readings only", async () => {
    const rig = await rigOf();
    const board = await link(rig);
    board.samples({ ...quietSample(rig.clock.now()), cpu: 1e9, temperatureC: 4000 });
    await pass(rig.clock, 250);
    await board.next("stored");
    expect(rig.roster.at(0)?.latest).toMatchObject({ cpu: null, temperatureC: null, load: 0.4 });
  });

  test("of a long backlog all arrive, though no more than a few frames wait at once", async () => {
    const rig = await rigOf({ limits: { waiting: 2 } });
    const board = await link(rig);
    const start = rig.clock.now() - 40_000;
    for (let frame = 0; frame < 20; frame++)
      board.samples(...Array.from({ length: 50 }, (_, i) => quietSample(start + frame * 1000 + i)));
    await pass(rig.clock, 8000, () => board.socket.ping());
    expect(rig.samples.history(macOf(1), 0, Number.MAX_SAFE_INTEGER, 5000)).toHaveLength(1000);
    expect(board.heard.filter(({ type }) => type === "stored")).toHaveLength(20);
    expect(stateOf(rig)).toEqual({ kind: "up" });
  });
});

describe("work over a link", () => {
  test("is asked for, and its result is taken once it is durable", async () => {
    const rig = await rigOf();
    const board = await link(rig);
    board.say({ type: "ready", slots: 1 });
    board.say({ type: "result", lease: "l-1", outcome, ms: 12 });
    expect(await board.next("taken")).toEqual({ type: "taken", lease: "l-1" });
    expect(rig.desk.calls).toEqual([`ready ${first!.name} 1`]);
    expect(rig.desk.results).toEqual([{ lease: "l-1", outcome }]);
  });

  test("is not taken when the store cannot write", async () => {
    const rig = await rigOf();
    const board = await link(rig);
    board.say({ type: "result", lease: "fails", outcome, ms: 12 });
    board.say({ type: "result", lease: "l-2", outcome, ms: 12 });
    expect((await board.next("taken")).lease).toBe("l-2");
    expect(board.closed()).toBeNull();
  });
});

describe("a board is seen silent", () => {
  test("when it says goodbye", async () => {
    const rig = await rigOf();
    const board = await link(rig);
    board.say({ type: "bye", reason: "restart" });
    board.socket.close(1000);
    await eventually(() => rig.links.count() === 0);
    expect(stateOf(rig)).toEqual({ kind: "silent", cause: "bye" });
    expect(rig.roster.at(0)?.isLinked).toBe(false);
    expect(rig.desk.calls).toEqual([`gone ${first!.name}`]);
  });

  test("when its side closes the link without a word", async () => {
    const rig = await rigOf();
    const board = await link(rig);
    board.socket.terminate();
    await eventually(() => rig.links.count() === 0);
    expect(stateOf(rig)).toEqual({ kind: "silent", cause: "agent" });
  });

  test("when its heartbeats cease, and up again with the first that comes on the same link", async () => {
    const rig = await rigOf();
    const board = await link(rig);
    board.say({ type: "ready", slots: 2 });
    await pass(rig.clock, 4000, () => board.socket.ping());
    expect(stateOf(rig)).toEqual({ kind: "up" });
    await pass(rig.clock, 3000);
    expect(stateOf(rig)).toEqual({ kind: "silent", cause: "board" });
    expect(rig.desk.calls).toEqual([`ready ${first!.name} 2`, `gone ${first!.name}`]);
    board.socket.ping();
    await eventually(() => stateOf(rig)?.kind === "up");
    expect(rig.desk.calls.at(-1)).toBe(`ready ${first!.name} 2`);
  });

  test("when its heartbeats come without samples, until one comes", async () => {
    const rig = await rigOf();
    const board = await link(rig);
    await pass(rig.clock, 21_000, () => board.socket.ping());
    expect(stateOf(rig)).toEqual({ kind: "silent", cause: "hung" });
    board.samples(quietSample(rig.clock.now()));
    await eventually(() => stateOf(rig)?.kind === "up");
  });

  test("but not when the head stops: it closes every link and blames nobody", async () => {
    const rig = await rigOf();
    const board = await link(rig);
    await rig.links[Symbol.asyncDispose]();
    expect(await eventually(board.closed)).toEqual({ code: 1001, reason: "the head stops" });
    expect(stateOf(rig)).toEqual({ kind: "up" });
    const late = await rig.dial();
    expect(await eventually(late.closed)).toMatchObject({ code: 1001 });
  });
});

test("a link that is gone leaves no timer behind", async () => {
  const rig = await rigOf();
  const before = rig.clock.pending();
  const board = await link(rig);
  board.socket.send("nonsense");
  await eventually(() => rig.links.count() === 0 && board.closed() !== null);
  expect(rig.clock.pending()).toBe(before);
});
