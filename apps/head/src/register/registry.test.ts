import { readFileSync } from "node:fs";
import type { Hello } from "@bramble/core/api";
import type { FakeClock, Mac } from "@bramble/core/base";
import { fakeClock, mac, silentLog } from "@bramble/core/base";
import type { Cluster } from "@bramble/core/cluster";
import { parseCluster } from "@bramble/core/cluster";
import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import type { HeadEvents } from "../bus.ts";
import { createBus } from "../bus.ts";
import { boardMigrations, boardStore } from "../store/boards.ts";
import type { Database } from "../store/database.ts";
import { openDatabase } from "../store/database.ts";
import { findBoard } from "./find.ts";
import type { Registry } from "./registry.ts";
import { createRegistry } from "./registry.ts";

/** 84 boards whose MACs nobody knows, and five that are all named. */
const mini = exampleCluster("mini-84");
const desk = exampleCluster("desk-5");

function exampleCluster(name: string): Cluster {
  const result = parseCluster(readFileSync(new URL(`../../../../examples/${name}.yaml`, import.meta.url), "utf8"));
  if (result.kind === "invalid") throw new Error(JSON.stringify(result.problems));
  return result.cluster;
}

const macOf = (n: number): Mac =>
  mac(`b8:27:eb:01:${(n >> 8).toString(16).padStart(2, "0")}:${(n & 255).toString(16).padStart(2, "0")}`);
const hello = (board: Mac, rest: Partial<Hello> = {}): Hello => ({
  ...{ type: "hello", mac: board, serial: null, model: "pi3b+", address: null, agent: "0.1.0", node: "24.0.0" },
  ...{ cores: 4, memoryMb: 877.6, bootId: "first", simulated: true, ...rest },
});

const open: AsyncDisposable[] = [];
afterEach(async () => {
  for (const thing of open.splice(0).reverse()) await thing[Symbol.asyncDispose]();
});

function rig(cluster: Cluster, { db = database(), clock = fakeClock(), maxStrangers = 1000 } = {}) {
  const bus = createBus((_, thrown) => {
    throw thrown;
  });
  const told: { name: string; event: unknown }[] = [];
  for (const name of ["board.registered", "board.standing", "boot.reported", "event"] as (keyof HeadEvents)[])
    bus.on(name, (event) => told.push({ name, event }));
  const changed: number[] = [];
  bus.on("roster.changed", ({ index }) => changed.push(index));
  const registry = createRegistry({
    cluster,
    store: boardStore(db),
    bus,
    clock,
    log: silentLog,
    terms: { maxStrangers },
  });
  open.push(registry);
  return { registry, bus, told, changed, db, clock, roster: registry.roster };
}
function database(): Database {
  const db = openDatabase(":memory:", boardMigrations, { log: silentLog, schedule: (run) => queueMicrotask(run) });
  open.push(db);
  return db;
}
const register = async (registry: Registry, said: Hello) => {
  const answer = await registry.register(said);
  if (answer.kind === "refused") throw new Error(answer.message);
  return answer;
};

describe("a board's place", () => {
  test("comes from its MAC where the file names it", async () => {
    const { registry, roster } = rig(desk);
    const slot = desk.boards.find((board) => board.mac !== null)!;
    const { record, isNew } = await register(registry, hello(slot.mac!));
    expect(record).toMatchObject({ name: slot.name, index: slot.index, place: { bank: slot.bank, slot: slot.slot } });
    expect(isNew).toBe(true);
    expect(roster.byName(slot.name)?.record).toEqual(record);
  });

  test("comes from its address where the file's rule gives it", async () => {
    const { registry } = rig(mini);
    const slot = mini.boards[5]!;
    const { record } = await register(registry, hello(macOf(1), { address: slot.address }));
    expect(record).toMatchObject({ name: slot.name, index: 5 });
  });

  test("is at the end of the layout for a stranger, and stays there", async () => {
    const { registry, roster } = rig(mini);
    const first = await register(registry, hello(macOf(1)));
    const second = await register(registry, hello(macOf(2)));
    expect(first.record).toMatchObject({ name: "x-010001", index: 84, place: null });
    expect(second.record.index).toBe(85);
    expect((await register(registry, hello(macOf(1), { bootId: "next" }))).record.index).toBe(84);
    expect(roster.all()).toHaveLength(86);
  });

  test("is not given to two: the second is a stranger, and people are told", async () => {
    const { registry, roster, told } = rig(mini);
    const { address, index, name } = mini.boards[0]!;
    await register(registry, hello(macOf(1), { address }));
    registry.apply(index, { kind: "linked" });
    const { record } = await register(registry, hello(macOf(2), { address }));
    expect(record.place).toBeNull();
    expect(roster.byName(name)?.record?.mac).toBe(macOf(1));
    expect(told).toContainEqual({
      name: "event",
      event: expect.objectContaining({ kind: "board.conflict", board: record.name }),
    });
  });

  test("passes to the board that replaces a dead one; the dead one is a stranger then", async () => {
    const { registry, roster, db, clock } = rig(mini);
    const { address, name } = mini.boards[0]!;
    await register(registry, hello(macOf(1), { address }));
    await register(registry, hello(macOf(2), { address }));
    expect(roster.byName(name)?.record?.mac).toBe(macOf(2));
    expect(roster.byMac(macOf(1))?.record).toMatchObject({ name: "x-010001", index: 84, place: null });
    const again = rig(mini, { db, clock });
    expect(again.roster.byName(name)?.record?.mac).toBe(macOf(2));
    expect(again.roster.byName("x-010001")?.record?.mac).toBe(macOf(1));
  });
});

describe("registering", () => {
  test("again with the same words writes nothing, a thousand times over", async () => {
    const { registry, db, told } = rig(mini);
    await register(registry, hello(macOf(1)));
    const commits = db.commits();
    const answers = await Promise.all(Array.from({ length: 1000 }, () => register(registry, hello(macOf(1)))));
    expect(answers.every(({ isNew }) => !isNew)).toBe(true);
    expect(db.commits()).toBe(commits);
    expect(told.filter(({ name }) => name === "board.registered")).toHaveLength(1);
  });

  test("at the same moment shares one write, and each is answered after it", async () => {
    const { registry, db } = rig(mini);
    const before = db.commits();
    await Promise.all(Array.from({ length: 50 }, () => register(registry, hello(macOf(1)))));
    expect(db.commits() - before).toBe(1);
  });

  test("with ever new words is bounded", async () => {
    const { registry, clock } = rig(mini);
    const refused: string[] = [];
    for (let i = 0; i < 100; i++) {
      const answer = await registry.register(hello(macOf(1), { bootId: `boot ${i}` }));
      if (answer.kind === "refused") refused.push(answer.code);
    }
    expect(new Set(refused)).toEqual(new Set(["limit.rate"]));
    expect(refused.length).toBeGreaterThan(60);
    await clock.advance(11_000);
    await register(registry, hello(macOf(1), { bootId: "calm" }));
  });

  test("under made-up MACs is bounded, and boards of the cluster are still taken", async () => {
    const { registry, roster } = rig(mini, { maxStrangers: 10 });
    const answers = await Promise.all(Array.from({ length: 50 }, (_, n) => registry.register(hello(macOf(n)))));
    expect(answers.filter(({ kind }) => kind === "refused")).toHaveLength(40);
    expect(roster.all()).toHaveLength(94);
    await expect(registry.discover({ mac: macOf(99) })).rejects.toMatchObject({ code: "limit.boards" });
    await register(registry, hello(macOf(99), { address: mini.boards[3]!.address }));
  });

  test.each([["not a mac"], ["ff:ff:ff:ff:ff:ff"], [""]])('as "%s" is refused', async (text) => {
    const { registry } = rig(mini);
    expect(await registry.register(hello(text as Mac))).toMatchObject({ kind: "refused", code: "input.mac" });
  });

  test("is not answered when it cannot be kept, and is kept when it comes again", async () => {
    const { registry, db } = rig(mini);
    db.read((sql) => sql.exec("PRAGMA query_only = 1"));
    expect(await registry.register(hello(macOf(1)))).toMatchObject({ kind: "refused", code: "store.unavailable" });
    db.read((sql) => sql.exec("PRAGMA query_only = 0"));
    expect(await register(registry, hello(macOf(1)))).toMatchObject({ isNew: true });
  });
});

describe("a restart", () => {
  test("brings the boards back where they were, silent until they are heard, off where they were off", async () => {
    const first = rig(mini);
    const { registry, db, clock } = first;
    const [live, dark] = [mini.boards[0]!, mini.boards[1]!];
    await register(registry, hello(macOf(1), { address: live.address, serial: "abc" }));
    await register(registry, hello(macOf(2), { address: dark.address }));
    await register(registry, hello(macOf(3)));
    registry.apply(live.index, { kind: "linked" });
    registry.apply(dark.index, { kind: "linked" });
    registry.apply(dark.index, { kind: "powered", on: false });
    const offSince = clock.now();
    await clock.advance(1000);
    const again = rig(mini, { db, clock });
    expect(again.roster.byName(live.name)).toMatchObject({
      record: { mac: macOf(1), serial: "abc", name: live.name },
      standing: { state: { kind: "silent", cause: "unknown" } },
      isLinked: false,
    });
    expect(again.roster.byName(dark.name)?.standing).toEqual({ state: { kind: "off" }, since: offSince });
    expect(again.roster.byMac(macOf(3))).toMatchObject({ name: "x-010003", index: 84 });
    again.registry.apply(live.index, { kind: "linked" });
    expect(again.roster.byName(live.name)?.standing.state.kind).toBe("up");
  });

  test("with a file that has fewer places makes strangers of those that lost theirs", async () => {
    const { registry, db, clock } = rig(mini);
    for (const [n, slot] of mini.boards.entries()) await register(registry, hello(macOf(n), { address: slot.address }));
    const again = rig({ ...mini, boards: mini.boards.slice(0, 80) }, { db, clock });
    expect(again.roster.all()).toHaveLength(84);
    expect(
      again.roster
        .all()
        .slice(80)
        .map(({ name, slot }) => [name, slot]),
    ).toEqual([80, 81, 82, 83].map((n) => [`x-${macOf(n).replaceAll(":", "").slice(6)}`, null]));
  });
});

describe("standings", () => {
  test("move by events of other rooms, and each change is told once", async () => {
    const { registry, roster, bus, told } = rig(mini);
    const { name, index, address } = mini.boards[0]!;
    await register(registry, hello(macOf(1), { address }));
    bus.emit("power.switched", { outlet: "pdu1.1", on: true, boards: [name, "nobody"] });
    await registry.reportBoot({ mac: macOf(1) }, { step: "kernel", failed: null });
    registry.apply(index, { kind: "linked" });
    registry.apply(index, { kind: "linked" });
    bus.emit("work.changed", { board: name, isWorking: true });
    const standings = told.filter((entry) => entry.name === "board.standing").map(({ event }) => event);
    expect(standings.map((event) => (event as HeadEvents["board.standing"]).now.state.kind)).toEqual([
      "powering",
      "loading",
      "up",
    ]);
    expect(roster.at(index)).toMatchObject({ boot: { step: "kernel", failed: null }, isWorking: true });
    // Without power there is no boot: what it told of its last one says nothing of the next.
    bus.emit("power.switched", { outlet: "pdu1.1", on: false, boards: [name] });
    expect(roster.at(index)?.boot).toBeNull();
  });

  test("a place that nobody has ever sat at is powering too, and viewers hear of it", () => {
    const { roster, bus, told, changed } = rig(mini);
    bus.emit("power.switched", { outlet: "pdu1.1", on: true, boards: [mini.boards[7]!.name] });
    expect(roster.at(7)).toMatchObject({ record: null, standing: { state: { kind: "powering" } } });
    expect(changed).toEqual([7]);
    expect(told).toEqual([]);
  });

  test("that cannot be kept are kept later", async () => {
    const { registry, db, clock } = rig(mini);
    await register(registry, hello(macOf(1)));
    db.read((sql) => sql.exec("PRAGMA query_only = 1"));
    registry.apply(84, { kind: "powered", on: true });
    await clock.advance(3000);
    db.read((sql) => sql.exec("PRAGMA query_only = 0"));
    await clock.advance(1000);
    expect(boardStore(db).all()[0]?.standing.state.kind).toBe("powering");
  });

  test("the end of maintenance finds a linked board up", async () => {
    const { registry, roster } = rig(mini);
    await register(registry, hello(macOf(1)));
    registry.note(84, { isLinked: true });
    registry.apply(84, { kind: "maintain" });
    registry.apply(84, { kind: "release" });
    expect(roster.at(84)?.standing.state.kind).toBe("up");
  });
});

test("a board is found by MAC, by name and by its name with fewer zeros", async () => {
  const { registry, roster } = rig(mini);
  await register(registry, hello(macOf(1)));
  const { name } = mini.boards[6]!;
  for (const said of [name, name.toUpperCase(), name.replace(/0/, ""), ` ${name} `, name.replace(/^b/, "b00")])
    expect(findBoard(roster, said).index).toBe(6);
  expect(findBoard(roster, "B8-27-EB-01-00-01").name).toBe("x-010001");
  expect(findBoard(roster, "x-010001").index).toBe(84);
  expect(() => findBoard(roster, "c07")).toThrow(/no board "c07"; the nearest name is b07/);
  expect(() => findBoard(roster, "")).toThrow(/no board/);
});

/** One step of the model: a board says hello, goes dark, or is discovered. */
const step = fc.oneof(
  fc.record({ kind: fc.constant("hello" as const), board: fc.nat(12), place: fc.option(fc.nat(9)), boot: fc.nat(2) }),
  fc.record({ kind: fc.constant("discover" as const), board: fc.nat(12), place: fc.option(fc.nat(9)) }),
  fc.record({ kind: fc.constant("linked" as const), board: fc.nat(12) }),
  fc.record({ kind: fc.constant("lapsed" as const), board: fc.nat(12) }),
  fc.record({ kind: fc.constant("restart" as const) }),
);

test("in any order, no place has two boards, no board two places, and a restart changes nothing", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const db = database();
      const clock: FakeClock = fakeClock();
      const cluster = { ...mini, boards: mini.boards.slice(0, 8) };
      let { registry, roster } = rig(cluster, { db, clock });
      const seen = new Set<Mac>();
      for (const next of steps) {
        if (next.kind === "restart") {
          const before = new Map([...seen].map((board) => [board, roster.byMac(board)?.slot?.name ?? null]));
          await registry[Symbol.asyncDispose]();
          ({ registry, roster } = rig(cluster, { db, clock }));
          for (const [board, slot] of before) expect(roster.byMac(board)?.slot?.name ?? null).toBe(slot);
        } else {
          const board = macOf(next.board);
          const entry = roster.byMac(board);
          if (next.kind === "linked" || next.kind === "lapsed") {
            if (entry !== null) registry.apply(entry.index, { kind: next.kind });
          } else {
            const address = next.place === null ? null : (cluster.boards[next.place]?.address ?? "10.1.1.1");
            if (next.kind === "hello") await register(registry, hello(board, { address, bootId: `boot ${next.boot}` }));
            else await registry.discover({ mac: board, address });
            seen.add(board);
          }
        }
        const entries = roster.all();
        const macs = entries.flatMap(({ record }) => (record === null ? [] : [record.mac]));
        expect(new Set(macs)).toEqual(seen);
        expect(macs).toHaveLength(seen.size);
        expect(new Set(entries.map(({ name }) => name)).size).toBe(entries.length);
        for (const [i, entry] of entries.entries()) {
          expect(entry.index).toBe(i);
          expect(roster.byName(entry.name)?.index ?? i).toBe(i);
          if (entry.record === null) continue;
          expect(entry.record).toMatchObject({ index: i, name: entry.name });
          expect(roster.byMac(entry.record.mac)).toBe(entry);
          expect(entry.record.place === null).toBe(entry.slot === null);
        }
        const kept = new Map(
          boardStore(db)
            .all()
            .map((known) => [known.record.mac, known.slot]),
        );
        for (const board of seen) expect(kept.get(board)).toBe(roster.byMac(board)?.slot?.name ?? null);
      }
      await registry[Symbol.asyncDispose]();
    }),
    { numRuns: 60 },
  );
});
