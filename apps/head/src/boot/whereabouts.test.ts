import { readFileSync } from "node:fs";
import { fakeClock, type Mac, mac, silentLog } from "@bramble/core/base";
import { type Cluster, parseCluster } from "@bramble/core/cluster";
import { afterEach, describe, expect, test } from "vitest";
import { createBus } from "../bus.ts";
import { createRegistry } from "../register/registry.ts";
import { boardMigrations, boardStore } from "../store/boards.ts";
import { openDatabase } from "../store/database.ts";
import { createWhereabouts } from "./whereabouts.ts";

const mini = clusterOf("mini-84");
const desk = clusterOf("desk-5");
function clusterOf(name: string): Cluster {
  const parsed = parseCluster(readFileSync(new URL(`../../../../examples/${name}.yaml`, import.meta.url), "utf8"));
  if (parsed.kind === "invalid") throw new Error(JSON.stringify(parsed.problems));
  return parsed.cluster;
}

const open: (AsyncDisposable | Disposable)[] = [];
afterEach(async () => {
  for (const each of open.splice(0).reverse())
    await (Symbol.asyncDispose in each ? each[Symbol.asyncDispose]() : each[Symbol.dispose]());
});
function keep<T extends AsyncDisposable | Disposable>(thing: T): T {
  open.push(thing);
  return thing;
}

function rig(cluster: Cluster, isGiver = true) {
  const db = keep(
    openDatabase(":memory:", boardMigrations, { log: silentLog, schedule: (run) => queueMicrotask(run) }),
  );
  const bus = createBus((_, thrown) => {
    throw thrown;
  });
  const parts = { cluster, bus, clock: fakeClock(), log: silentLog };
  const registry = keep(createRegistry({ ...parts, store: boardStore(db) }));
  const leases = new Map<string, Mac>();
  const holderOf = (address: string) => leases.get(address) ?? null;
  const where = keep(createWhereabouts({ cluster, roster: registry.roster, bus, holderOf, isGiver }));
  return { registry, where, leases };
}

const [one, two] = [mac("b8:27:eb:00:00:01"), mac("b8:27:eb:00:00:02")];
const other = mac("dc:a6:32:00:00:09");
const slot = mini.boards[12]!;
const port = { switch: slot.switch, port: slot.port };
const giaddr = "127.30.1.1";

describe("the place of a board", () => {
  test("is the one that the file gives to its MAC, whatever its switch says", () => {
    const { where } = rig(desk);
    const named = desk.boards.find((each) => each.mac !== null)!;
    const place = where.place({ mac: named.mac!, port: { switch: "s1", port: 99 }, giaddr });
    expect(place).toEqual({ address: named.address, name: named.name, isPlugged: false });
    expect(where.knows(named.mac!)).toBe(true);
    expect(where.place({ mac: other, port: { switch: named.switch, port: named.port }, giaddr })).toEqual({
      ...{ address: null, name: null, isPlugged: false },
    });
  });

  test("is the one that it has kept, before that of its switch port", async () => {
    const { where, registry } = rig(mini);
    await registry.discover({ mac: one, address: mini.boards[3]!.address });
    expect(where.place({ mac: one, port, giaddr })).toMatchObject({ name: mini.boards[3]!.name });
  });

  test("is that of its switch port, named by the switch's id, its address or its relay's", () => {
    const { where } = rig(mini);
    const address = mini.switches.find(({ id }) => id === slot.switch)!.address!;
    for (const [said, relay] of [
      [port, giaddr],
      [{ ...port, switch: address }, giaddr],
      [{ ...port, switch: null }, address],
    ] as const)
      expect(where.place({ mac: one, port: said, giaddr: relay })).toEqual({
        ...{ address: slot.address, name: slot.name, isPlugged: true },
      });
    expect(where.nameOf(one)).toBe(slot.name);
    expect(where.addressOf(one)).toBe(slot.address);
    for (const unknown of [null, { switch: "s99", port: 1 }, { ...port, port: null }])
      expect(where.place({ mac: two, port: unknown, giaddr })).toMatchObject({ address: null, name: null });
    expect(where.nameOf(two)).toBe("x-000002");
  });

  test("is not that of another board that lives there, and is once that one is dead", async () => {
    const { where, registry } = rig(mini);
    await registry.discover({ mac: one, address: slot.address });
    registry.apply(slot.index, { kind: "linked" });
    expect(where.place({ mac: two, port, giaddr })).toMatchObject({ address: null, name: null });
    registry.apply(slot.index, { kind: "powered", on: false });
    expect(where.place({ mac: two, port, giaddr })).toMatchObject({ name: slot.name, isPlugged: true });
  });

  test("is not that of its port while a board that lives elsewhere by the register has the address by its lease", async () => {
    const { where, registry, leases } = rig(mini);
    await registry.discover({ mac: one, address: mini.boards[3]!.address });
    registry.apply(mini.boards[3]!.index, { kind: "linked" });
    leases.set(slot.address!, one);
    expect(where.place({ mac: two, port, giaddr })).toMatchObject({ address: null, isPlugged: false });
    registry.apply(mini.boards[3]!.index, { kind: "powered", on: false });
    expect(where.place({ mac: two, port, giaddr })).toMatchObject({ address: slot.address, isPlugged: true });
  });
});

describe("who speaks", () => {
  test("is known by the lease, by the place's address, or by what the board said", async () => {
    const { where, registry, leases } = rig(mini);
    expect(where.boardAt(slot.address!)).toBeNull();
    await registry.discover({ mac: one, address: slot.address });
    expect(where.boardAt(slot.address!)).toBe(one);
    expect(where.boardAt(slot.address!.replace(/^\d+\.\d+/, "127.20"))).toBe(one);
    leases.set(slot.address!, two);
    expect(where.boardAt(slot.address!)).toBe(two);
    await registry.discover({ mac: mac("dc:a6:32:00:00:07"), address: "10.84.99.9" });
    expect(where.boardAt("10.84.99.9")).toBe("dc:a6:32:00:00:07");
    expect(where.boardAt("10.84.99.8")).toBeNull();
  });

  test("is known by its serial, of eight digits or sixteen, told before or just now", async () => {
    const { where, registry } = rig(mini);
    await registry.discover({ mac: one, serial: "00000000A2EF5644" });
    expect(where.boardBySerial("a2ef5644")).toBe(one);
    expect(where.serialOf(one)).toBe("00000000A2EF5644");
    expect(where.boardBySerial("0b0b0b0b")).toBeNull();
    where.learn(two, "0b0b0b0b");
    expect(where.boardBySerial("000000000b0b0b0b")).toBe(two);
    expect(where.serialOf(two)).toBe("0b0b0b0b");
    expect(where.knows(two)).toBe(false);
  });

  test("is bounded, however many make themselves up", () => {
    const { where } = rig(mini);
    for (let n = 0; n < 9000; n++)
      where.learn(
        mac(`02:00:00:00:${(n >> 8).toString(16).padStart(2, "0")}:${(n & 255).toString(16).padStart(2, "0")}`),
        `${10_000_000 + n}`,
      );
    expect(where.boardBySerial("10000000")).toBeNull();
    expect(where.boardBySerial("10008999")).not.toBeNull();
  });
});

test("where another server gives the addresses a board is where it was seen, not where the file would have it", async () => {
  const named = desk.boards.filter((each) => each.mac !== null || each.address !== null);
  const [own, neighbour] = [named[0]!, named[1]!];
  const who = own.mac ?? one;
  for (const isGiver of [false, true]) {
    const { registry, where } = rig(desk, isGiver);
    await registry.discover({ mac: other, address: neighbour.address! });
    expect(where.boardAt(neighbour.address!)).toBe(isGiver ? (neighbour.mac ?? other) : other);
    await registry.discover({ mac: who, address: "192.168.77.201" });
    if (own.mac !== null) expect(where.addressOf(who)).toBe(isGiver ? own.address : "192.168.77.201");
  }
});
