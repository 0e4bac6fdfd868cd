import type { Clock, Logger, Mac, Random } from "@bramble/core/base";
import { type Cluster, foldNodeSet, type OutletId } from "@bramble/core/cluster";
import type { LimitReading, LoadBook, PowerDriver, PowerGraph } from "@bramble/core/power";
import { checkPowerConfig, loadBook, powerGraph } from "@bramble/core/power";
import { powerTransport } from "@bramble/drivers/transport";
import type { Bus } from "../bus.ts";
import type { Registry } from "../register/registry.ts";
import type { PowerJournal } from "../store/power-plans.ts";
import { type Budgets, watchBudgets } from "./budgets.ts";
import { watchHeat } from "./cutouts.ts";
import { type Doubts, watchDoubts } from "./doubts.ts";
import { countEnergy, type Energy } from "./energy.ts";
import { metersNow } from "./meters.ts";
import { createOutlets, type Outlets } from "./outlets.ts";
import { createPdu, type Pdu } from "./pdu.ts";
import { createReach, type Reach } from "./reach.ts";
import { type CutOff, createRelief } from "./relief.ts";
import { runSchedules, type Schedules } from "./schedules.ts";
import { createSequencer, type Sequencer } from "./sequencer.ts";
import { createStagger } from "./stagger.ts";
import type { PlanTools } from "./tools.ts";
import { keepTrace } from "./trace.ts";

/** How PDUs are reached. */
export type PowerConfigOfHead = {
  /** `simulated`: each PDU of the file through the simulator's driver; `file`: the driver that the file names; `none`: not at all. */
  readonly mode: "simulated" | "file" | "none";
  /** Addresses by PDU, before the file's or the rule's. */
  readonly addresses: ReadonlyMap<string, string>;
  /** Where the simulator's PDUs listen. */
  readonly pduPort: number;
  /** From the secrets file, by PDU. */
  readonly secrets?: Readonly<Record<string, Readonly<Record<string, string>>>>;
};

/** The power room: outlets, the sequencer over them, and what is known about both. */
export type Power = AsyncDisposable & {
  readonly outlets: Outlets;
  readonly sequencer: Sequencer;
  readonly doubts: Doubts;
  readonly graph: PowerGraph;
  readonly book: LoadBook;
  readonly journal: PowerJournal;
  /** May this board not be given work, because its group is being judged and may be cycled? */
  readonly isHeld: (board: string) => boolean;
  readonly energy: Energy;
  readonly schedules: Schedules;
  /** What each limit carries now. */
  readonly meters: () => readonly LimitReading[];
  readonly budgets: Budgets;
  /** Outlets that were seen to switch since the head's start. */
  readonly switches: () => number;
};

/** Make the power room. Nothing is spoken to until somebody asks or the first refresh comes. */
export function createPower(parts: {
  readonly cluster: Cluster;
  readonly config: PowerConfigOfHead;
  readonly drivers: readonly PowerDriver[];
  readonly registry: Pick<Registry, "roster" | "apply">;
  readonly journal: PowerJournal;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly paced: Clock;
  /** How many times faster `paced` goes; absent: once. */
  readonly speed?: number;
  readonly random: Random;
  readonly log: Logger;
  /** Ask a board's agent to halt; false when it has no link. */
  readonly halt: (board: Mac, reason: string) => boolean;
  /** Null: nobody has told it. */
  readonly pricePerKwh: number | null;
  /** For tests. */
  readonly reach?: Reach;
}): Power {
  const { cluster, config, drivers, log } = parts;
  const pdus: Pdu[] = [];
  for (const id of Object.keys(config.secrets ?? {})) {
    if (!cluster.pdus.some((pdu) => pdu.id === id))
      log.warn({ pdu: id.slice(0, 60) }, "secrets for a PDU that is not there");
  }
  for (const [at, pdu] of cluster.pdus.entries()) {
    if (config.mode === "none") break;
    const driver = drivers.find(({ id }) => id === (config.mode === "simulated" ? "simulated" : pdu.driver));
    const rule = config.mode === "simulated" ? simulatedAddress(at, config.pduPort) : pdu.address;
    const address = config.addresses.get(pdu.id) ?? rule;
    if (driver === undefined || address === null) {
      const why = driver === undefined ? `no driver "${pdu.driver}" in this version` : "no address";
      log.error({ pdu: pdu.id, why }, "PDU is not switched");
      continue;
    }
    const isSimulated = config.mode === "simulated";
    const wiring = {
      ...{ pdu: pdu.id, address, outlets: pdu.outlets },
      settings: isSimulated ? {} : pdu.settings,
      secret: isSimulated ? null : (config.secrets?.[pdu.id] ?? null),
    };
    const problems = checkPowerConfig(driver, wiring);
    if (problems.length > 0) {
      log.error({ pdu: pdu.id, why: problems.join("; ") }, "PDU is not switched");
      continue;
    }
    pdus.push(createPdu({ ...parts, config: wiring, driver, transport: powerTransport(pdu.id, parts.clock) }));
  }
  const outlets = createOutlets({ ...parts, pdus });
  const { registry, journal, bus, clock, paced } = parts;
  const { settleMs } = cluster.limits.boot;
  const doubts = watchDoubts({ ...parts, outlets, roster: registry.roster, patienceMs: settleMs * doubtPart });
  const graph = powerGraph(cluster);
  const book = loadBook(graph);
  const held = new Set<string>();
  const switching = new Map<OutletId, number>();
  const trace = keepTrace({ outlets, journal, switching, bus, clock, log });
  const { addresses, pduPort } = config;
  const reach =
    parts.reach ??
    createReach({ cluster, isSimulated: config.mode === "simulated", addresses, pduPort, drivers, clock, log });
  const tell: PlanTools["tell"] = (kind, level, message) => bus.emit("event", { kind, level, board: null, message });
  const sequencer = createSequencer({
    ...{ cluster, graph, book, outlets, registry, bus, clock, paced, log, journal, held, switching },
    ...{ started: new Set(), life: { since: clock.monotonic(), speed: parts.speed ?? 1 } },
    ...{ stagger: createStagger({ clock, paced }), ...reach, halt: parts.halt },
    contradicted: doubts.contradicted,
    tell,
  });
  const energy = countEnergy({ cluster, outlets, journal, clock, log, pricePerKwh: parts.pricePerKwh });
  const shutdown = (why: string): Promise<string> => everythingOff(cluster, sequencer, why);
  const relief = createRelief({
    ...{ cluster, registry, bus, log, halt: parts.halt },
    off: (boards, how) => cutOff(sequencer, boards, how),
  });
  const cutouts = watchHeat({ cluster, registry, bus, clock, tell, relief });
  const meters = (): readonly LimitReading[] => metersNow({ cluster, graph, book, outlets, roster: registry.roster });
  const switchedBefore = journal.trace(0, Number.MAX_SAFE_INTEGER);
  const budgets = watchBudgets({ cluster, meters, switchedBefore, bus, clock, tell, relief });
  const schedules = runSchedules({ cluster, journal, clock, log, tell, shutdown });
  return {
    ...{ energy, schedules, meters, budgets },
    ...{ outlets, sequencer, doubts, graph, book, journal },
    isHeld: (board) => held.has(board),
    switches: trace.switches,
    async [Symbol.asyncDispose]() {
      await schedules[Symbol.asyncDispose]();
      cutouts[Symbol.dispose]();
      budgets[Symbol.dispose]();
      await relief[Symbol.asyncDispose]();
      await energy[Symbol.asyncDispose]();
      await sequencer[Symbol.asyncDispose]();
      doubts[Symbol.dispose]();
      await trace[Symbol.asyncDispose]();
      await outlets[Symbol.asyncDispose]();
    },
  };
}

/** The nightly shutdown: boards halt, then their groups, then what nothing needs any more. */
async function everythingOff(cluster: Cluster, sequencer: Sequencer, why: string): Promise<string> {
  const boards = cluster.groups.flatMap((group) => group.boards);
  const request = { action: "off", boards, profile: null, withParents: true, allowCollateral: true } as const;
  const asked = await sequencer.ask({ request, set: "all", by: "schedule", why, key: null });
  return asked.kind === "started" ? `plan p${asked.id} has begun` : asked.why;
}

/** What is too hot, or too much, loses power, whatever else was planned for it. */
async function cutOff(sequencer: Sequencer, boards: readonly string[], { why, atOnce }: CutOff): Promise<string> {
  const request = { action: "off", boards, profile: null, withParents: false, allowCollateral: true, atOnce } as const;
  const asked = await sequencer.ask({ request, set: foldNodeSet(boards), by: "cut-out", why, key: null });
  return asked.kind === "started" ? `plan p${asked.id} takes its power` : asked.why;
}

/** An outlet that reads on is doubted when so much of the time to settle has passed without a sign: before it is cycled. */
const doubtPart = 0.8;

/** Where the simulator puts the n-th PDU of the file: 127.30.0.1, 127.30.0.2, … */
function simulatedAddress(at: number, port: number): string {
  return `127.30.${Math.floor((at + 1) / 256)}.${(at + 1) % 256}:${port}`;
}
