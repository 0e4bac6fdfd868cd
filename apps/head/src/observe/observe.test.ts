import { readFileSync } from "node:fs";
import { ClusterError, fakeClock, silentLog } from "@bramble/core/base";
import type { Cluster } from "@bramble/core/cluster";
import { parseCluster } from "@bramble/core/cluster";
import { afterEach, describe, expect, test } from "vitest";
import { createBus } from "../bus.ts";
import { openDatabase } from "../store/database.ts";
import { eventMigrations, eventStore } from "../store/events.ts";
import { keepEvents } from "./events.ts";
import { tellNews } from "./news.ts";
import { helloOf, macOf, observeRig, quietSample } from "./rig.ts";
import { sparingly } from "./sparingly.ts";

const parsed = parseCluster(readFileSync(new URL("../../../../examples/police-box.yaml", import.meta.url), "utf8"));
if (parsed.kind === "invalid") throw new Error(JSON.stringify(parsed.problems));
const box: Cluster = parsed.cluster;
const groupOf = (id: string) => box.boards.filter(({ group }) => group === id);

type Rig = Awaited<ReturnType<typeof observeRig>>;
const open: AsyncDisposable[] = [];
afterEach(async () => {
  for (const thing of open.splice(0).reverse()) await thing[Symbol.asyncDispose]();
});
const rigOf = async (): Promise<Rig> => {
  const rig = await observeRig(box);
  open.push(rig);
  return rig;
};

describe("a group of 42 boards", () => {
  /** Boards that beat each second, each at its own moment, until they are killed. */
  const beating = async (rig: Rig, groups: readonly string[]) => {
    const news = tellNews({ bus: rig.bus, clock: rig.clock });
    open.push({ [Symbol.asyncDispose]: async () => news[Symbol.dispose]() });
    const slots = groups.flatMap(groupOf);
    const killed = new Set<string>();
    await Promise.all(slots.map((slot, n) => rig.registry.register(helloOf(macOf(n), { address: slot.address }))));
    for (const [n, slot] of slots.entries()) {
      const watched = rig.watcher.watch(
        macOf(n),
        () => {},
        () => {},
      );
      rig.registry.apply(slot.index, { kind: "linked" });
      rig.clock.after((n * 137) % 1000, () =>
        rig.clock.every(1000, () => {
          if (!killed.has(slot.name)) watched.sampled();
        }),
      );
    }
    await rig.clock.advance(5000);
    return {
      kill(group: string) {
        for (const { name } of groupOf(group)) killed.add(name);
      },
      revive(group: string) {
        for (const { name } of groupOf(group)) killed.delete(name);
      },
      states: (group: string) => groupOf(group).map(({ index }) => rig.roster.at(index)!.standing.state),
      stories: () => rig.told("event").splice(0),
    };
  };

  test("that goes silent is seen within five seconds, blamed as one, and told in one event", async () => {
    const rig = await rigOf();
    const { kill, revive, states, stories } = await beating(rig, ["g03", "g04"]);
    expect(stories()).toMatchObject([
      { kind: "board.up", board: null, message: "g03: 42 boards up" },
      { kind: "board.up", board: null, message: "g04: 42 boards up" },
    ]);
    kill("g03");
    await rig.clock.advance(5000);
    expect(states("g03")).toEqual(new Array(42).fill({ kind: "silent", cause: "group" }));
    expect(new Set(states("g04").map(({ kind }) => kind))).toEqual(new Set(["up"]));
    await rig.clock.advance(5000);
    expect(stories()).toEqual([
      { kind: "board.silent", level: "warn", board: null, message: "g03: 42 boards silent: the whole group" },
    ]);
    revive("g03");
    await rig.clock.advance(5000);
    expect(new Set(states("g03").map(({ kind }) => kind))).toEqual(new Set(["up"]));
    expect(stories()).toMatchObject([{ kind: "board.up", message: "g03: 42 boards up" }]);
  });

  test("is off, not silent, when its outlet was switched off", async () => {
    const rig = await rigOf();
    const { kill, states, stories } = await beating(rig, ["g03"]);
    stories();
    kill("g03");
    rig.bus.emit("power.switched", { outlet: "pdu1.3", on: false, boards: groupOf("g03").map(({ name }) => name) });
    await rig.clock.advance(10_000);
    expect(states("g03")).toEqual(new Array(42).fill({ kind: "off" }));
    expect(stories()).toMatchObject([{ kind: "board.off", level: "info", message: "g03: 42 boards off" }]);
  });
});

describe("news", () => {
  test("of one board name it and the cause, and a board that is back before they are told makes none", async () => {
    const rig = await rigOf();
    const news = tellNews({ bus: rig.bus, clock: rig.clock });
    const slot = box.boards[0]!;
    await rig.registry.register(helloOf(macOf(1), { address: slot.address }));
    rig.registry.apply(0, { kind: "linked" });
    await rig.clock.advance(2000);
    rig.registry.apply(0, { kind: "lapsed" });
    rig.registry.apply(0, { kind: "linked" });
    await rig.clock.advance(2000);
    rig.registry.apply(0, { kind: "bye" });
    await rig.clock.advance(2000);
    expect(rig.told("event").map(({ message }) => message)).toEqual([
      `${slot.name} is up`,
      `${slot.name} is silent: it stopped on purpose`,
    ]);
    news[Symbol.dispose]();
  });

  test("of very many boards are one story", async () => {
    const rig = await rigOf();
    const news = tellNews({ bus: rig.bus, clock: rig.clock });
    await Promise.all(box.boards.map((slot, n) => rig.registry.register(helloOf(macOf(n), { address: slot.address }))));
    for (const { index } of box.boards) rig.registry.apply(index, { kind: "linked" });
    await rig.clock.advance(2000);
    expect(rig.told("event")).toMatchObject([{ message: expect.stringMatching(/^25 groups .*: 1050 boards up$/) }]);
    news[Symbol.dispose]();
  });
});

describe("samples by REST", () => {
  const body = (n: number, at: number) => ({ mac: macOf(n), at, cpu: 9.7, memoryUsedMb: 222.3 });

  test("discover their boards, which are up while they go on reporting", async () => {
    const rig = await rigOf();
    const now = rig.clock.now();
    const answered = rig.ingest.fromRest([body(1, now), body(2, now - 86_400_000), body(1, now - 5000)]);
    await rig.clock.advance(200);
    expect(await answered).toEqual({ stored: 3 });
    expect(rig.roster.byMac(macOf(1))).toMatchObject({ name: "x-010001", latest: { at: now, cpu: 9.7, load: null } });
    expect(rig.roster.byMac(macOf(1))?.standing.state.kind).toBe("up");
    // History is no sign of life.
    expect(rig.roster.byMac(macOf(2))?.standing.state.kind).toBe("off");
    await rig.clock.advance(61_000);
    expect(rig.roster.byMac(macOf(1))?.standing.state).toEqual({ kind: "silent", cause: "unknown" });
  });

  test("of 5,000 boards at once are stored, and are known when they come again", async () => {
    const rig = await rigOf();
    const now = rig.clock.now();
    const bodies = Array.from({ length: 5000 }, (_, n) => body(n, now));
    expect(await rig.ingest.fromRest(bodies)).toEqual({ stored: 5000 });
    expect(await rig.ingest.fromRest(bodies)).toEqual({ stored: 0 });
    expect(rig.roster.all()).toHaveLength(6050);
    await rig.clock.advance(5000);
    expect(rig.ingest.counters()).toEqual({ stored: 5000, perSecond: 1000 });
  });

  test("with a MAC that is none are refused whole, naming the sample", async () => {
    const rig = await rigOf();
    const now = rig.clock.now();
    const bodies = [body(1, now), { ...body(2, now), mac: "00:00:00:00:00:00" }];
    await expect(rig.ingest.fromRest(bodies)).rejects.toThrow(/sample 1: "00:00/);
    await expect(rig.ingest.fromRest(bodies)).rejects.toThrow(ClusterError);
    expect(rig.roster.byMac(macOf(1))).toBeNull();
  });
});

test("the newest samples are in the roster again after a restart, and older ones do not replace newer", async () => {
  const rig = await rigOf();
  const now = rig.clock.now();
  await rig.registry.register(helloOf(macOf(1)));
  for (const at of [now, now - 60_000]) {
    const stored = rig.ingest.fromLink(macOf(1), [quietSample(at)]);
    await rig.clock.advance(200);
    await stored;
  }
  expect(rig.roster.byMac(macOf(1))?.latest?.at).toBe(now);
});

describe("the log of events", () => {
  const logOf = () => {
    const schedule = (run: () => void): void => queueMicrotask(run);
    const db = openDatabase(":memory:", eventMigrations, { log: silentLog, schedule });
    open.push(db);
    const clock = fakeClock();
    const bus = createBus((_, thrown) => {
      throw thrown;
    });
    const start = () => keepEvents({ store: eventStore(db), bus, clock, log: silentLog });
    const tell = (message: string) => bus.emit("event", { kind: "test", level: "info", board: null, message });
    return { db, clock, bus, start, tell };
  };

  test("numbers events at once, lists them newest first, and goes on counting after a restart", async () => {
    const { clock, bus, start, tell } = logOf();
    const kept: number[] = [];
    bus.on("event.kept", ({ event }) => kept.push(event.id));
    const events = start();
    tell("one");
    tell("two");
    expect(events.list(10).map(({ message }) => message)).toEqual(["two", "one"]);
    await clock.advance(250);
    tell("three");
    expect(events.list(2).map(({ message }) => message)).toEqual(["three", "two"]);
    expect(events.list(2, 2).map(({ message }) => message)).toEqual(["one"]);
    await events[Symbol.asyncDispose]();
    const again = start();
    tell("four");
    expect(kept).toEqual([1, 2, 3, 4]);
    expect(again.list(10)).toHaveLength(4);
    await again[Symbol.asyncDispose]();
    expect(clock.pending()).toBe(0);
  });

  test("keeps what could not be written, and only the newest of a flood", async () => {
    const { db, clock, start, tell } = logOf();
    const events = start();
    db.read((sql) => sql.exec("PRAGMA query_only = 1"));
    for (let i = 0; i < 3000; i++) tell(`event ${i}`);
    await clock.advance(1000);
    expect(events.list(5000)).toHaveLength(1000);
    db.read((sql) => sql.exec("PRAGMA query_only = 0"));
    await clock.advance(5000);
    expect(eventStore(db).list(1)[0]?.message).toBe("event 2999");
    await events[Symbol.asyncDispose]();
  });
});

test("what happens a thousand times is logged once, with how often", async () => {
  const clock = fakeClock();
  const faults = sparingly(clock, 5000);
  expect(faults.due()).toBe(0);
  for (let i = 0; i < 999; i++) expect(faults.due()).toBeNull();
  await clock.advance(5000);
  expect(faults.due()).toBe(999);
});
