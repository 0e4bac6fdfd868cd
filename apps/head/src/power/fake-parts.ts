import type { FakeClock, Mac, Millis } from "@bramble/core/base";
import { fakeClock, seededRandom, silentLog } from "@bramble/core/base";
import type { Cluster } from "@bramble/core/cluster";
import type { BoardEvent, Standing } from "@bramble/core/observe";
import { stepBoard } from "@bramble/core/observe";
import type { OutletReading, PowerDriver } from "@bramble/core/power";
import { definePowerDriver, PowerError } from "@bramble/core/power";
import type { BoardRecord } from "@bramble/core/register";
import { type Bus, createBus, type HeadEvents } from "../bus.ts";
import type { Entry, Roster } from "../register/roster.ts";
import { openDatabase } from "../store/database.ts";
import { type PowerJournal, powerJournal, powerPlanMigrations } from "../store/power-plans.ts";
import { createPower, type Power } from "./room.ts";

/** A cluster's power and its boards, in memory: boards come up `bootMs` after their outlet went on. */
export type FakeBox = AsyncDisposable & {
  readonly power: Power;
  readonly clock: FakeClock;
  readonly bus: Bus;
  readonly roster: Roster;
  /** `pdu1.3 on`, in the order of switching. */
  readonly switched: readonly string[];
  readonly events: readonly HeadEvents["event"][];
  /** What outlets draw while they are on, by their meters; null: they have none. 100 W where nothing is said. */
  readonly draws: Map<string, number | null>;
  /** PDUs that cannot be reached, and outlets that say yes and do nothing. */
  readonly away: Set<string>;
  /** PDUs whose line breaks when their meter is read. */
  readonly unmetered: Set<string>;
  readonly lying: Set<string>;
  /** Outlets that read as they were told and switch nothing. */
  readonly pretending: Set<string>;
  /** Decides whether a board comes up after it got power, on the n-th start of its group (from 1). */
  comesUp: (board: string, start: number) => boolean;
  /** Things that answer to a probe, `10.0.0.10:8880`, and buttons that were pressed. */
  readonly answering: Set<string>;
  readonly pressed: string[];
  onPress: () => void;
  readonly journal: PowerJournal;
  /** Boards that were asked to halt; they go quiet at once. */
  readonly halted: string[];
  /** No agent hears that it should halt. */
  isDeaf: boolean;
  /** Does a board work now? */
  setWorking(board: string, isWorking: boolean): void;
  /** An operator takes it out of work. */
  drain(board: string): void;
  /** It sends a sample with this temperature. */
  measure(board: string, celsius: number, uptimeS?: number): void;
  /** Start another power room over the same outlets, boards and journal, as after a crash of the head. */
  restart(journal?: PowerJournal): Power;
  /** As after a restart of the head: it was up, is not heard from yet, and its last sample is not known. */
  unhear(board: string): void;
  /** Let a board's agent link now, whatever was said of it. */
  wake(board: string): void;
  isOn(outlet: string): boolean;
  /** The relay falls open by itself, as after a moment without power. */
  forget(outlet: string): void;
  /** Somebody switches it on at the PDU. */
  close(outlet: string): void;
  stateOf(board: string): string;
};

/** A box of this cluster, all off; with `isWired` what the file says to be always on is on. */
export function fakeBox(
  cluster: Cluster,
  {
    bootMs = 10_000,
    journal,
    isWired = false,
  }: { readonly bootMs?: Millis; readonly journal?: PowerJournal; readonly isWired?: boolean } = {},
): FakeBox {
  const clock = fakeClock();
  const bus = createBus((_name, thrown) => {
    throw thrown;
  });
  const entries: Entry[] = cluster.boards.map((slot) => ({
    index: slot.index,
    name: slot.name,
    slot,
    record: recordOf(slot.name, slot.index),
    standing: { state: { kind: "off" }, since: clock.now() },
    latest: null,
    boot: null,
    isLinked: false,
    isWorking: false,
  }));
  const byName = new Map(entries.map(({ name, index }) => [name, index]));
  const roster: Roster = {
    all: () => entries,
    byMac: (mac) => entries.find(({ record }) => record?.mac === mac) ?? null,
    byName: (name) => entries[byName.get(name) ?? -1] ?? null,
    at: (index) => entries[index] ?? null,
  };
  const apply = (index: number, event: BoardEvent): void => {
    const entry = entries[index]!;
    const now: Standing = stepBoard(entry.standing, event, clock.now());
    if (now === entry.standing) return;
    const before = entry.standing;
    entries[index] = { ...entry, standing: now, isLinked: ["up", "draining"].includes(now.state.kind) };
    bus.emit("board.standing", { record: entry.record!, before, now });
  };
  const on = new Set<string>(isWired ? cluster.outlets.filter(({ alwaysOn }) => alwaysOn).map(({ id }) => id) : []);
  const claims = new Map<string, boolean>();
  const switched: string[] = [];
  const starts = new Map<string, number>();
  const events: HeadEvents["event"][] = [];
  bus.on("event", (event) => events.push(event));
  bus.on("power.switched", ({ on: isOn, boards }) => {
    for (const name of boards) apply(byName.get(name)!, { kind: "powered", on: isOn });
  });
  const turn = (outlet: string, want: boolean): void => {
    if (on.has(outlet) === want) return;
    switched.push(`${outlet} ${want ? "on" : "off"}`);
    if (want) on.add(outlet);
    else on.delete(outlet);
    const group = cluster.groups.find((each) => each.outlet === outlet);
    if (group === undefined || !want) return;
    const start = (starts.get(group.id) ?? 0) + 1;
    starts.set(group.id, start);
    clock.after(bootMs, () => {
      for (const name of group.boards)
        if (on.has(outlet) && box.comesUp(name, start)) apply(byName.get(name)!, { kind: "linked" });
    });
  };
  const driver = fakeDriver({
    reach(pdu) {
      if (box.away.has(pdu)) throw new PowerError("power.connection", pdu, "no route");
    },
    set(outlet, want) {
      if (box.pretending.has(outlet)) claims.set(outlet, want);
      else if (!box.lying.has(outlet)) turn(outlet, want);
    },
    read(outlet) {
      const draw = box.draws.get(outlet) ?? null;
      const watts = on.has(outlet) ? (box.draws.has(outlet) ? draw : 100) : 0;
      return { on: claims.get(outlet) ?? on.has(outlet), watts };
    },
    meter(pdu) {
      if (box.unmetered.has(pdu)) throw new PowerError("power.connection", pdu, "cut");
    },
  });
  const registry = { roster, apply };
  const db = openDatabase(":memory:", powerPlanMigrations, { log: silentLog, schedule: queueMicrotask });
  const makePower = (journal: PowerJournal): Power =>
    createPower({
      ...{ cluster, registry, bus, clock, paced: clock, random: seededRandom(1), log: silentLog, journal },
      pricePerKwh: 0.3,
      config: { mode: "simulated", addresses: new Map(), pduPort: 10_023 },
      drivers: [driver],
      reach: {
        probe: async (address, port) => box.answering.has(`${address}:${port}`),
        async press(device, button) {
          box.pressed.push(`${device} ${button}`);
          box.onPress();
        },
      },
      halt(mac) {
        const entry = entries.find(({ record }) => record?.mac === mac);
        if (entry === undefined || box.isDeaf) return false;
        box.halted.push(entry.name);
        apply(entry.index, { kind: "bye" });
        return true;
      },
    });
  let power = makePower(journal ?? powerJournal(db));
  const box: FakeBox = {
    ...{ clock, bus, roster, switched, events },
    get power() {
      return power;
    },
    restart(next = powerJournal(db)) {
      power = makePower(next);
      return power;
    },
    answering: new Set(),
    pressed: [],
    onPress: () => {},
    journal: powerJournal(db),
    halted: [],
    isDeaf: false,
    measure(board, temperatureC, uptimeS) {
      const index = byName.get(board)!;
      const entry = entries[index]!;
      const sample = { ...noSample, at: clock.now(), temperatureC, uptimeS: uptimeS ?? null };
      entries[index] = { ...entry, latest: sample };
      bus.emit("samples.stored", { newest: [{ mac: entry.record!.mac, sample }], count: 1 });
    },
    unhear(board) {
      const index = byName.get(board)!;
      apply(index, { kind: "unheard" });
      entries[index] = { ...entries[index]!, latest: null };
    },
    setWorking(board, isWorking) {
      const index = byName.get(board)!;
      entries[index] = { ...entries[index]!, isWorking };
    },
    draws: new Map(),
    away: new Set(),
    unmetered: new Set(),
    lying: new Set(),
    pretending: new Set(),
    comesUp: () => true,
    drain: (board) => apply(byName.get(board)!, { kind: "drain" }),
    wake: (board) => apply(byName.get(board)!, { kind: "linked" }),
    isOn: (outlet) => on.has(outlet),
    forget: (outlet) => void on.delete(outlet),
    close: (outlet) => void on.add(outlet),
    stateOf: (board) => roster.byName(board)!.standing.state.kind,
    async [Symbol.asyncDispose]() {
      await power[Symbol.asyncDispose]();
      await db[Symbol.asyncDispose]();
    },
  };
  return box;
}

function fakeDriver(hand: {
  reach(pdu: string): void;
  set(outlet: string, on: boolean): void;
  read(outlet: string): OutletReading;
  meter(pdu: string): void;
}): PowerDriver {
  return definePowerDriver({
    id: "simulated",
    summary: "outlets in memory",
    async open({ pdu, outlets }) {
      hand.reach(pdu);
      return {
        outlets,
        async set(outlet, on) {
          hand.reach(pdu);
          hand.set(`${pdu}.${outlet}`, on);
        },
        async read() {
          hand.reach(pdu);
          return Array.from({ length: outlets }, (_, i) => hand.read(`${pdu}.${i + 1}`));
        },
        async load() {
          hand.meter(pdu);
          return [];
        },
        async [Symbol.asyncDispose]() {},
      };
    },
  });
}

const noSample = {
  ...{ cpu: null, load: null, memoryUsedMb: null, memoryTotalMb: null, diskUsedGb: null, diskTotalGb: null },
  ...{ throttled: null, rxKbps: null, txKbps: null, uptimeS: null, processes: [] },
} as const;

function recordOf(name: string, index: number): BoardRecord {
  return {
    mac: `02:00:00:00:${String(index >> 8).padStart(2, "0")}:${(index & 255).toString(16).padStart(2, "0")}` as Mac,
    name,
    index,
    serial: null,
    model: null,
    address: null,
    place: null,
    isSimulated: true,
    agent: null,
    cores: null,
    memoryMb: null,
    bootId: null,
    firstSeen: 0,
    lastRegistered: 0,
  };
}
