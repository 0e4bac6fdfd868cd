import { readFileSync } from "node:fs";
import type { Mac } from "@bramble/core/base";
import { fakeClock, mac, silentLog } from "@bramble/core/base";
import type { BootClient, BootEvent } from "@bramble/core/boot";
import { parseCluster } from "@bramble/core/cluster";
import { afterEach, describe, expect, test } from "vitest";
import type { HeadEvents } from "../bus.ts";
import { createBus } from "../bus.ts";
import { createRegistry } from "../register/registry.ts";
import { boardMigrations, boardStore } from "../store/boards.ts";
import { openDatabase } from "../store/database.ts";
import { createLanes } from "./lanes.ts";
import { tellStopped } from "./stopped-news.ts";

const parsed = parseCluster(readFileSync(new URL("../../../../examples/mini-84.yaml", import.meta.url), "utf8"));
if (parsed.kind === "invalid") throw new Error(JSON.stringify(parsed.problems));
const { cluster } = parsed;
const boards = cluster.boards.slice(0, 42).map(({ name }) => name);
const macOf = (n: number): Mac =>
  mac(`b8:27:eb:01:${(n >> 8).toString(16)}0:${(n & 255).toString(16).padStart(2, "0")}`);

const rom: BootClient = { kind: "pi-rom", model: "3b+", serial: null };
const discover: BootEvent = { kind: "discover", client: rom };
const offer: BootEvent = { kind: "offer", address: "172.20.0.1", isBoot: true };
const kernel: BootEvent = { kind: "file", path: "kernel8.img", by: "tftp", news: "begun", sizeBytes: 1000 };

const open: (AsyncDisposable | Disposable)[] = [];
afterEach(async () => {
  for (const each of open.splice(0).reverse())
    await (Symbol.asyncDispose in each ? each[Symbol.asyncDispose]() : each[Symbol.dispose]());
});
function keep<T extends AsyncDisposable | Disposable>(thing: T): T {
  open.push(thing);
  return thing;
}

function rig() {
  const clock = fakeClock();
  const db = keep(
    openDatabase(":memory:", boardMigrations, { log: silentLog, schedule: (run) => queueMicrotask(run) }),
  );
  const bus = createBus((_, thrown) => {
    throw thrown;
  });
  const registry = keep(createRegistry({ cluster, store: boardStore(db), bus, clock, log: silentLog }));
  const rogues: string[] = [];
  const pace = { speed: 1, leastMs: 100 };
  const lanes = keep(createLanes({ cluster, registry, bus, clock, pace, rogues: () => rogues, began: () => {} }));
  keep(tellStopped({ bus, clock }));
  const events: HeadEvents["event"][] = [];
  bus.on("event", (event) => events.push(event));
  const entryOf = (name: string) => registry.roster.byName(name)!;
  return {
    ...{ clock, bus, registry, lanes, events, rogues, entryOf },
    power: (on: boolean, names: readonly string[] = boards) =>
      bus.emit("power.switched", { outlet: "pdu1.1", on, boards: names }),
    /** The board of the `n`th place is known, as after its first DISCOVER. */
    seat: (n: number) => registry.discover({ mac: macOf(n), address: cluster.boards[n]!.address }),
    laneOf: (name: string) => lanes.of(entryOf(name)).lane,
    stateOf: (name: string) => entryOf(name).standing.state,
  };
}

test("what the servers see moves a board through its states, each step once", async () => {
  const { lanes, seat, bus, power, laneOf, stateOf, registry } = rig();
  const reported: string[] = [];
  bus.on("boot.reported", ({ report, isSeen }) => reported.push(`${report.step} ${isSeen}`));
  power(true);
  expect(stateOf(boards[0]!)).toEqual({ kind: "powering" });
  lanes.tell(macOf(0), discover);
  const record = await seat(0);
  expect(stateOf(boards[0]!).kind).toBe("leasing");
  lanes.tell(macOf(0), offer);
  lanes.tell(macOf(0), discover);
  lanes.tell(macOf(0), kernel);
  expect(stateOf(boards[0]!).kind).toBe("loading");
  registry.apply(record.index, { kind: "linked" });
  expect(laneOf(boards[0]!)).toMatchObject({ state: { kind: "up" }, at: "registered", attempt: 1 });
  expect(reported).toEqual(["discover true", "offer true", "kernel true"]);
});

test("a place that nobody is known of waits too, and hands over to the board that comes", async () => {
  const { lanes, seat, power, laneOf, clock } = rig();
  power(true);
  expect(laneOf(boards[0]!)).toMatchObject({ state: { kind: "waiting" } });
  const { poweredAt } = laneOf(boards[0]!);
  await clock.advance(7000);
  lanes.tell(macOf(0), discover);
  await seat(0);
  expect(laneOf(boards[0]!)).toMatchObject({ at: "discover", poweredAt });
  await seat(1);
  expect(laneOf(boards[1]!)).toMatchObject({ state: { kind: "waiting" }, poweredAt });
});

test("boards of a group that stop alike are told in one event, with step, cause and advice", async () => {
  const { lanes, seat, power, clock, events, stateOf, entryOf, registry } = rig();
  power(true);
  for (let n = 0; n < 42; n++) {
    await seat(n);
    lanes.tell(macOf(n), discover);
    lanes.tell(macOf(n), offer);
    if (n < 12) lanes.tell(macOf(n), kernel);
    if (n === 12) await registry.reportBoot({ mac: macOf(n) }, { step: "initrd", failed: "no space" });
  }
  await clock.advance(40_000);
  const told = events.filter(({ kind }) => kind === "boot.stopped").map(({ message }) => message);
  expect(told).toHaveLength(3);
  expect(told.find((each) => each.includes("at kernel"))).toMatch(
    /^12 boards of \S+ stopped at kernel \(.* and 6 more\): It has 0 % of the kernel/,
  );
  expect(told.find((each) => each.includes("no space"))).toMatch(/stopped at initrd: It says so itself: no space\./);
  expect(told.find((each) => each.startsWith("29 boards"))).toMatch(/asked for no file/);
  expect(stateOf(boards[0]!)).toMatchObject({ kind: "failed", step: "kernel" });
  expect(stateOf(boards[12]!)).toEqual({ kind: "failed", step: "initrd", reason: "no space" });
  const judged = lanes.judge();
  expect(judged(entryOf(boards[0]!))).toMatchObject({ step: "kernel" });
  expect(judged(entryOf(cluster.boards[80]!.name))).toBeNull();
  lanes.tell(macOf(0), kernel);
  expect(stateOf(boards[0]!).kind).toBe("loading");
});

describe("a board that has power and never asks", () => {
  test("is named, with what to do, though its MAC is not known", async () => {
    const { lanes, seat, power, clock, events, stateOf } = rig();
    power(true);
    for (let n = 1; n < 42; n++) {
      await seat(n);
      lanes.tell(macOf(n), { kind: "told", step: "registered", failed: null });
    }
    await clock.advance(65_000);
    expect(events.filter(({ kind }) => kind === "boot.stopped")).toEqual([
      expect.objectContaining({ board: boards[0], message: expect.stringMatching(/never asked to boot/) }),
    ]);
    expect(stateOf(boards[0]!)).toMatchObject({ kind: "failed", step: "power" });
  });

  test("is told with all of its group when none of them does", async () => {
    const { power, clock, events } = rig();
    power(true);
    await clock.advance(65_000);
    const [told, ...more] = events.filter(({ kind }) => kind === "boot.stopped");
    expect(more).toEqual([]);
    expect(told?.message).toMatch(/^42 boards of .* stopped before its first sign .*nor did any of the 41 beside it/);
  });

  test("is no board whose power went, nor one that talks while its outlet reads anew", async () => {
    const { power, clock, events, registry, seat, laneOf } = rig();
    power(true);
    await clock.advance(10_000);
    power(false);
    await clock.advance(65_000);
    const { index } = await seat(3);
    registry.note(index, { isLinked: true });
    registry.apply(index, { kind: "linked" });
    power(true, [boards[3]!, "nobody"]);
    expect(laneOf(boards[3]!).state.kind).toBe("up");
    expect(events.filter(({ kind }) => kind === "boot.stopped")).toEqual([]);
  });
});

test("another DHCP server is named where boards take no answer", async () => {
  const { lanes, seat, clock, events, rogues } = rig();
  await seat(0);
  lanes.tell(macOf(0), discover);
  lanes.tell(macOf(0), offer);
  rogues.push("172.20.0.99");
  await clock.advance(40_000);
  expect(events.at(-1)?.message).toContain("another DHCP server (172.20.0.99)");
});

test("a board that goes away with its power on and does not come back is judged so", async () => {
  const { lanes, seat, registry, clock, entryOf } = rig();
  const { index } = await seat(0);
  registry.apply(index, { kind: "linked" });
  registry.apply(index, { kind: "bye" });
  await clock.advance(61_000);
  expect(lanes.judge()(entryOf(boards[0]!))).toMatchObject({ fault: "warm-reboot" });
});

test("lanes of made-up MACs are bounded, events of a boot too, and versions only grow", async () => {
  const { lanes, seat, entryOf } = rig();
  await seat(0);
  for (let i = 0; i < 300; i++) lanes.tell(macOf(0), { ...kernel, path: `odd-${i}.txt` } as BootEvent);
  for (let i = 0; i < 3; i++)
    lanes.tell(macOf(0), {
      ...({ kind: "file", path: "kernel8.img", by: "tftp", news: "moving" } as const),
      ...{ sentBytes: i, sizeBytes: 9 },
    });
  const before = lanes.version();
  expect(lanes.of(entryOf(boards[0]!)).events).toHaveLength(160);
  for (let n = 0; n < 5000; n++)
    lanes.tell(
      mac(`02:00:00:00:${(n >> 8).toString(16).padStart(2, "0")}:${(n & 255).toString(16).padStart(2, "0")}`),
      discover,
    );
  expect(lanes.version()).toBe(before + 5000);
  expect(lanes.of(entryOf(boards[0]!)).lane.attempt).toBe(1);
});

test("many stories at once are told by step alone", async () => {
  const { bus, clock, events } = rig();
  const found = { step: "kernel", fault: "kernel-cut", cause: "It broke off.", advice: "Look.", source: "" } as const;
  for (let n = 0; n < 60; n++) bus.emit("lane.stopped", { board: `b${n}`, group: `g${n % 20}`, ...found });
  bus.emit("lane.stopped", { board: "x-1", group: null, ...found });
  await clock.advance(3000);
  expect(events.map(({ message }) => message)).toEqual([
    "61 boards of 21 groups stopped at kernel (b0, b20, b40, b1, b21, b41 and 55 more): It broke off.",
  ]);
});
