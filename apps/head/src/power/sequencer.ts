import type { Clock, Logger } from "@bramble/core/base";
import { ClusterError, messageOf } from "@bramble/core/base";
import type { Cluster, OutletId } from "@bramble/core/cluster";
import type { Wave } from "@bramble/core/power";
import { outletGraph, planWaves } from "@bramble/core/power";
import type { Bus } from "../bus.ts";
import type { Registry } from "../register/registry.ts";
import { bringGroup, type GroupResult } from "./group.ts";
import { noDriver, type Outlets } from "./outlets.ts";
import { createStagger } from "./stagger.ts";

/** How a bring-up stands, as `GET /cluster` tells it. */
export type BringUp = {
  /** From 1; 0 while only infrastructure is switched. */
  readonly wave: number;
  readonly waves: number;
  readonly groups: readonly string[];
  /** Boards of all waves together. */
  readonly up: number;
  readonly expected: number;
  /** Boards of this wave: 37 of 42. */
  readonly waveUp: number;
  readonly waveExpected: number;
  /** Boards that were waited for in vain so far, and are not up now either. */
  readonly missing: readonly string[];
  readonly done: boolean;
};

/** Brings groups up in waves. One bring-up at a time. */
export type Sequencer = AsyncDisposable & {
  /**
   * Begin to bring up the groups of these boards; progress is in `progress`, the end in `settled`.
   *
   * @returns how many boards and waves are planned.
   * @throws ClusterError `power.busy` while another bring-up runs, `power.no-driver` when there is nothing to switch.
   */
  up(boards: Iterable<string>): { readonly boards: number; readonly waves: number };
  /** End the running bring-up where it stands. False when none runs. */
  cancel(): boolean;
  progress(): BringUp | null;
  /** Resolves when no bring-up runs. Never rejects. */
  settled(): Promise<void>;
};

/** The sequencer over these outlets. */
export function createSequencer(parts: {
  readonly cluster: Cluster;
  readonly outlets: Outlets;
  readonly registry: Pick<Registry, "roster" | "apply">;
  readonly bus: Bus;
  /** For devices, which answer in their own time. */
  readonly clock: Clock;
  /** Bring-up waits; scaled by `--speed`. */
  readonly paced: Clock;
  readonly log: Logger;
}): Sequencer {
  const { cluster, outlets, registry, bus, clock, paced, log } = parts;
  const graph = outletGraph(cluster);
  let running: AbortController | null = null;
  let finished: Promise<void> = Promise.resolve();
  let last: Pick<BringUp, "wave" | "waves" | "groups" | "missing" | "done"> | null = null;
  let inWave: readonly string[] = [];
  let planned: readonly string[] = [];

  const isUp = (name: string): boolean => {
    const kind = registry.roster.byName(name)?.standing.state.kind;
    return kind === "up" || kind === "draining";
  };
  const tell = (kind: string, level: "info" | "warn", message: string): void =>
    bus.emit("event", { kind, level, board: null, message });

  const blockedBy = (outlet: OutletId): OutletId | null =>
    [...(graph.get(outlet) ?? [])].find((needed) => outlets.isOff(needed)) ?? null;

  const switchInfrastructure = async (wave: Wave, stagger: () => Promise<void>, signal: AbortSignal): Promise<void> => {
    for (const id of wave.outlets) {
      if (outlets.isOn(id)) continue;
      try {
        const missing = blockedBy(id);
        if (missing !== null) throw new ClusterError("power.refused", `it needs ${missing}, which is not on`);
        await stagger();
        await outlets.set(id, true, signal);
      } catch (thrown) {
        signal.throwIfAborted();
        log.error({ outlet: id, error: messageOf(thrown) }, "infrastructure not switched on");
        tell("outlet.failed", "warn", `${id} could not be switched on: ${messageOf(thrown)}`);
      }
    }
  };

  const run = async (waves: readonly Wave[], signal: AbortSignal): Promise<void> => {
    const stagger = createStagger(paced, cluster.limits.stagger.outletsMs, signal);
    const groups = new Map(cluster.groups.map((group) => [group.id, group]));
    const total = waves.filter(({ kind }) => kind === "boards").length;
    const missing: string[] = [];
    let number = 0;
    last = { wave: 0, waves: total, groups: [], missing, done: false };
    inWave = [];
    await waitForPdus(new Set(waves.flatMap((wave) => wave.outlets)), { outlets, clock }, signal);
    for (const wave of waves) {
      signal.throwIfAborted();
      if (wave.kind === "infrastructure") {
        await switchInfrastructure(wave, stagger, signal);
        continue;
      }
      last = { ...last, wave: ++number, groups: wave.groups };
      inWave = wave.boards;
      tell("wave.start", "info", `wave ${number} of ${total}: ${listOf(wave.groups)}, ${wave.boards.length} boards`);
      const context = { cluster, outlets, bus, paced, isUp, blockedBy, stagger };
      const results = await Promise.all(
        wave.groups.flatMap((id) => {
          const group = groups.get(id);
          return group === undefined ? [] : [bringGroup(group, context, signal)];
        }),
      );
      for (const result of results) missing.push(...report(result));
      const up = wave.boards.filter(isUp).length;
      log.info({ wave: number, of: total, groups: wave.groups, up, boards: wave.boards.length }, "wave done");
      tell("wave.done", "info", `wave ${number} of ${total}: ${up} of ${wave.boards.length} boards are up`);
    }
  };

  /** Name what is missing of a group, mark it as failed, and give the names. */
  const report = ({ group, state }: GroupResult): string[] => {
    const missing = group.boards.filter((name) => !isUp(name));
    if (missing.length === 0) return [];
    const why = state.kind === "gave-up" ? state.reason : "not there when the rest was calm";
    for (const name of missing) {
      const entry = registry.roster.byName(name);
      if (entry !== null)
        registry.apply(entry.index, { kind: "given-up", step: entry.boot?.step ?? "power", reason: why });
    }
    const named = missing.map((name) => `${name} (${registry.roster.byName(name)?.boot?.step ?? "no sign"})`);
    const size = group.boards.length;
    tell("board.failed", "warn", `${group.id}: ${missing.length} of ${size} did not come up: ${listOf(named)}`);
    log.warn({ group: group.id, attempt: state.attempt, missing, why }, "boards did not come up");
    return missing;
  };

  return {
    up(boards) {
      if (running !== null) throw new ClusterError("power.busy", "a bring-up is running");
      const waves = planWaves(cluster, boards);
      if (!waves.some((wave) => wave.outlets.some((outlet) => outlets.canSwitch(outlet))))
        throw new ClusterError("power.no-driver", "this head can switch no outlet of these boards");
      const mine = new AbortController();
      running = mine;
      planned = waves.flatMap((wave) => wave.boards);
      finished = run(waves, mine.signal)
        .catch((thrown) => {
          if (mine.signal.aborted) tell("power.cancelled", "warn", "the bring-up was cancelled");
          else log.error({ error: messageOf(thrown) }, "bring-up failed");
        })
        .then(() => {
          if (last !== null) last = { ...last, done: true };
          running = null;
        });
      return { boards: planned.length, waves: waves.filter(({ kind }) => kind === "boards").length };
    },
    cancel() {
      if (running === null) return false;
      running.abort(new ClusterError("power.busy", "cancelled"));
      return true;
    },
    progress: () =>
      last === null
        ? null
        : {
            ...last,
            up: planned.filter(isUp).length,
            expected: planned.length,
            waveUp: inWave.filter(isUp).length,
            waveExpected: inWave.length,
            // One that was given up and came after all is missed no longer.
            missing: last.missing.filter((name) => !isUp(name)),
          },
    settled: () => finished,
    async [Symbol.asyncDispose]() {
      running?.abort(new ClusterError("power.busy", "the head stops"));
      await finished;
    },
  };
}

/**
 * Wait until the PDUs of these outlets answer: they may have got power in this very moment. One that stays away delays
 * the others by a few seconds, no more.
 */
async function waitForPdus(
  needed: ReadonlySet<OutletId>,
  { outlets, clock }: { readonly outlets: Outlets; readonly clock: Clock },
  signal: AbortSignal,
): Promise<void> {
  const began = clock.monotonic();
  let firstAnswer = Number.POSITIVE_INFINITY;
  for (;;) {
    await outlets.refresh(signal);
    signal.throwIfAborted();
    const asked = outlets.all().filter(({ outlet, reading }) => needed.has(outlet.id) && reading.on === null);
    const silent = asked.filter(({ error }) => error !== null && error !== noDriver);
    if (silent.length === 0) return;
    const now = clock.monotonic();
    if (silent.length < needed.size) firstAnswer = Math.min(firstAnswer, now);
    if (now - firstAnswer >= patienceMs.others || now - began >= patienceMs.all) return;
    await clock.sleep(500, signal);
  }
}

const patienceMs = { others: 5000, all: 60_000 } as const;

/** At most twenty names, then how many more. */
function listOf(names: readonly string[]): string {
  const shown = names.slice(0, 20).join(", ");
  return names.length > 20 ? `${shown} and ${names.length - 20} more` : shown;
}
