import type { HeadMessage } from "@bramble/core/api";
import { type FakeClock, fakeClock, type Logger, type Mac, mac, seededRandom, silentLog } from "@bramble/core/base";
import type { BoardState, Sample } from "@bramble/core/observe";
import type { BoardRecord } from "@bramble/core/register";
import type { Outcome, RunRequest } from "@bramble/core/work";
import { simulatedLamp, simulatedSpeaker } from "@bramble/drivers";
import { type Bus, createBus } from "../bus.ts";
import type { Entry, Roster } from "../register/roster.ts";
import { type Database, openDatabase } from "../store/database.ts";
import { type HistoryLimits, type WorkStore, workMigrations, workStore } from "../store/work.ts";
import { defaultWorkLimits, type WorkLimits } from "./limits.ts";
import type { Sandbox } from "./sandbox/sandbox.ts";
import { createWork, type Work } from "./work.ts";

/*
 * For tests: the real room over a real store in memory, a clock that stands still, boards that are objects, and a sandbox
 * that answers what it is told.
 */

type Sent = { readonly board: Mac; readonly message: HeadMessage };
/** The order to run, as a board receives it. */
export type RunMessage = Extract<HeadMessage, { type: "run" }>;

/** A work room with pretend boards, for tests. */
export type Rig = AsyncDisposable & {
  readonly work: Work;
  readonly bus: Bus;
  readonly clock: FakeClock;
  readonly store: WorkStore;
  readonly db: Database;
  readonly sent: Sent[];
  readonly logged: string[];
  /** An idle board that is up; `cpu` and `state` can be changed later by calling again. */
  board(n: number, some?: { cpu?: number | null; state?: BoardState; isLinked?: boolean }): BoardRecord;
  /** The runs that a board was sent, oldest first. */
  runs(board: BoardRecord): RunMessage[];
  /** Hand the newest run's result in, as the board would. */
  answer(board: BoardRecord, some?: Partial<Outcome>): Promise<void>;
  /** Let everything that can happen now happen. */
  settle(): Promise<void>;
};

const up: BoardState = { kind: "up" };

/** An outcome that printed `1`. */
export const plainOutcome: Outcome = {
  out: ["1"],
  effects: [],
  error: null,
  warnings: [],
  steps: 2,
  saves: {},
  data: {},
};

/** A room over the database at `path`, with its limits changed as `limits` says. */
export async function createRig({
  path = ":memory:",
  history,
  limits = {},
  sandbox = fakeSandbox(async () => plainOutcome),
  clock = fakeClock(),
  check = (post: string) =>
    post.startsWith("{") ? null : { class: "NOTWARBLE", pos: 1, message: "here is no program" },
}: {
  path?: string;
  history?: HistoryLimits;
  limits?: Partial<WorkLimits>;
  sandbox?: Sandbox;
  clock?: FakeClock;
  check?: Parameters<typeof createWork>[0]["check"];
} = {}): Promise<Rig> {
  const entries = new Map<Mac, Entry>();
  const linked = new Set<Mac>();
  const sent: Sent[] = [];
  const logged: string[] = [];
  const log: Logger = {
    ...silentLog,
    info: (facts, event) => logged.push(`${event} ${JSON.stringify(facts)}`),
    warn: (facts, event) => logged.push(`${event} ${JSON.stringify(facts)}`),
    error: (facts, event) => logged.push(`${event} ${JSON.stringify(facts)}`),
  };
  const bus = createBus((_name, thrown) => {
    throw thrown;
  });
  const signal = new AbortController().signal;
  const device = { id: "device", address: null, count: 24 };
  const lamp = await simulatedLamp.open(device, { clock, log }, signal);
  const speaker = await simulatedSpeaker.open(device, { clock, log }, signal);
  const db = openDatabase(path, workMigrations, { log: silentLog, schedule: queueMicrotask });
  const store = workStore(db, history);
  const roster: Roster = {
    all: () => [...entries.values()],
    byMac: (key) => entries.get(key) ?? null,
    byName: (name) => [...entries.values()].find((entry) => entry.name === name) ?? null,
    at: (index) => [...entries.values()][index] ?? null,
  };
  const send = (board: Mac, message: HeadMessage): boolean => {
    if (!linked.has(board)) return false;
    sent.push({ board, message });
    return true;
  };
  const work = createWork({
    ...{ store, roster, bus, clock, log, send, lamp, speaker, sandbox, check },
    random: seededRandom(1),
    limits: { ...defaultWorkLimits, ...limits },
  });
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 50; turn++) await Promise.resolve();
  };
  const runs = ({ mac: key }: BoardRecord): RunMessage[] =>
    sent.flatMap(({ board, message }) => (board === key && message.type === "run" ? [message] : []));
  return {
    ...{ work, bus, clock, store, db, sent, logged, runs, settle },
    board(n, { cpu = 3, state = up, isLinked = true } = {}) {
      const record = recordOf(n);
      const standing = { state, since: 0 };
      const latest = { cpu } as Sample;
      const { index, name } = record;
      entries.set(record.mac, {
        ...{ index, name, slot: null, record, standing, latest, boot: null, isLinked, isWorking: false },
      });
      if (isLinked) linked.add(record.mac);
      else linked.delete(record.mac);
      return record;
    },
    async answer(board, some = {}) {
      const { lease } = runs(board).at(-1)!;
      await work.desk.result(board, lease, { ...plainOutcome, ...some }, 5);
      await settle();
    },
    async [Symbol.asyncDispose]() {
      await work[Symbol.asyncDispose]();
      await lamp[Symbol.asyncDispose]();
      await speaker[Symbol.asyncDispose]();
      await db[Symbol.asyncDispose]();
    },
  };
}

/** A sandbox that answers what `run` says, and remembers what it was asked. */
export function fakeSandbox(
  run: (request: RunRequest) => Promise<Outcome>,
): Sandbox & { readonly asked: RunRequest[] } {
  const asked: RunRequest[] = [];
  return {
    asked,
    run(request) {
      asked.push(request);
      return run(request);
    },
    async [Symbol.asyncDispose]() {},
  };
}

function recordOf(n: number): BoardRecord {
  return {
    mac: mac(`b8:27:eb:00:00:${n.toString(16).padStart(2, "0")}`),
    name: `b${String(n).padStart(4, "0")}`,
    index: n - 1,
    ...{ serial: null, model: null, address: null, place: null, isSimulated: true, agent: null },
    ...{ cores: 4, memoryMb: 1024, bootId: "x", firstSeen: 0, lastRegistered: 0 },
  };
}
