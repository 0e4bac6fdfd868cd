import type { Millis } from "../base/index.ts";
import type { Group, Limits, Need, OutletId } from "../cluster/index.ts";
import { foldNodeSet } from "../cluster/index.ts";
import { type GroupTerms, groupTerms } from "./bring-up.ts";
import type { PowerGraph } from "./graph.ts";
import { type Breach, gapAfter, type LoadBook, loadMeter } from "./load.ts";
import type { Collateral, Condition, LimitUse, PlanStep, PowerPlan, PowerRequest, StepDo } from "./plan.ts";
import type { Standing } from "./standing.ts";

/** Everything that planning one request needs. */
export type Planning = {
  readonly graph: PowerGraph;
  readonly book: LoadBook;
  readonly standing: Standing;
  readonly request: PowerRequest;
  readonly profile: Limits["profiles"][number];
};

/** A plan while it is being written: steps are added in order, loads are followed, breaches collected. */
export type Draft = {
  phase(title: string): void;
  /** Switch it on, unless it is known to be on. */
  on(outlet: OutletId, why: string): void;
  /** Switch it off, unless it is known to be off. */
  off(outlet: OutletId, why: string): void;
  /** Start a thing that has power, if it needs that, and wait until it is ready. Once a plan. */
  start(need: Need): void;
  /** Stop a thing before its power goes. */
  stop(need: Need): void;
  wait(id: string, until: Condition, timeoutMs: Millis, onTimeout: "stop" | "go-on", why: string): void;
  /**
   * Wait until boards in the racks of these that are too hot have cooled down, before these give off heat beside them:
   * once a rack, for what is switched on and was off. What is cycled was warm before, and never waits in the dark.
   */
  cool(groups: readonly Group[]): void;
  /** Drain, halt and wait for the boards among these that work, that answer; nothing where power is to go at once. */
  quieten(id: string, boards: readonly string[]): void;
  judge(groups: readonly Group[]): void;
  note(text: string): void;
  /** How the relay stands after the steps so far. */
  reads(outlet: OutletId): boolean | null;
  /** Outlets behind this one that would get power with it, in one instant. */
  closedBehind(outlet: OutletId): readonly OutletId[];
  readonly breaches: readonly Breach[];
  /** Boards that would have power at the end of what is drafted, by the outlets. */
  poweredBoards(): readonly string[];
  finish(collateral: readonly Collateral[]): PowerPlan;
};

/** How long parts of a plan may take. */
export const patience = {
  drainMs: 300_000,
  haltMs: 20_000,
  quietMs: 20_000,
  emptyMs: 5000,
  readyMs: 300_000,
  coolMs: 600_000,
} as const;

/** An empty draft over what stands now. */
export function createDraft({ graph, book, standing, request, profile }: Planning): Draft {
  const { cluster } = graph;
  const relays = new Map(cluster.outlets.map(({ id }) => [id, standing.reads(id)]));
  const meter = loadMeter(
    book,
    cluster.outlets.map(({ id }) => id).filter((id) => standing.mayDraw(id)),
  );
  const behind = Map.groupBy(cluster.outlets, ({ behind: above }) => above);
  const steps: PlanStep[] = [];
  const phases: { title: string; from: number }[] = [];
  const breaches: Breach[] = [];
  const notes = new Set<string>();
  const started = new Set<string>();
  const touched = new Set<string>();
  const switched = new Set<OutletId>();
  const cooled = new Set<string | undefined>();
  const rackOf = new Map(cluster.boards.map(({ name, rack }) => [name, rack]));
  let lastStartWatts: number | null = null;
  let waves = 0;
  let largestWave = 0;
  let mostBoards = 0;

  const add = (id: string, step: StepDo, why: string): void => void steps.push({ id, ...step, why });
  const wait: Draft["wait"] = (id, until, timeoutMs, onTimeout, why) =>
    add(id, { kind: "wait", until, timeoutMs, onTimeout }, why);
  /** This outlet, and what hangs behind it with its relays closed. */
  const fedBy = (outlet: OutletId): OutletId[] => [
    outlet,
    ...(behind.get(outlet) ?? []).filter(({ id }) => relays.get(id) !== false).flatMap(({ id }) => fedBy(id)),
  ];
  const turn = (outlet: OutletId, on: boolean): readonly string[] => {
    const above = graph.chain(outlet).slice(1);
    relays.set(outlet, on);
    switched.add(outlet);
    const fed = above.every((id) => relays.get(id) !== false) ? fedBy(outlet) : [];
    const moved = fed.filter((id) => meter.has(id) !== on);
    breaches.push(...meter.turn(moved, on));
    const boards = moved.flatMap((id) => graph.groupOn(id)?.boards ?? []);
    powered += on ? boards.length : -boards.length;
    for (const board of boards) touched.add(board);
    return boards;
  };
  const poweredBoards = (): readonly string[] =>
    cluster.groups.filter(({ outlet }) => meter.has(outlet)).flatMap(({ boards }) => boards);
  let powered = poweredBoards().length;

  return {
    wait,
    reads: (outlet) => relays.get(outlet) ?? null,
    closedBehind: (outlet) => fedBy(outlet).slice(1),
    breaches,
    poweredBoards,
    phase: (title) => void phases.push({ title, from: steps.length }),
    note: (text) => void notes.add(text),
    on(outlet, why) {
      if (relays.get(outlet) === true) return;
      const afterMs = lastStartWatts === null ? 0 : gapAfter(cluster, lastStartWatts);
      lastStartWatts = book.startWatts(outlet);
      const boards = turn(outlet, true);
      mostBoards = Math.max(mostBoards, powered);
      add(`on:${outlet}`, { kind: "switch", outlet, on: true, boards, afterMs }, why);
    },
    off(outlet, why) {
      if (relays.get(outlet) === false) return;
      add(`off:${outlet}`, { kind: "switch", outlet, on: false, boards: turn(outlet, false), afterMs: 0 }, why);
    },
    start(need) {
      if (started.has(need.what)) return;
      started.add(need.what);
      const ready = readiness(need, true);
      const source = cluster.outlets.find(({ feeds }) => feeds.includes(need.what));
      const had = source === undefined ? true : standing.reads(source.id);
      const isSwitched = source !== undefined && had !== true && relays.get(source.id) === true;
      // Where nothing tells whether it runs, a press might as well stop it: only what had no power is pressed then.
      const mayPress = ready === null ? isSwitched && had === false : isSwitched || request.withParents;
      if (need.start !== null && mayPress) {
        const { press: button, of: device, afterMs } = need.start;
        add(
          `press:${need.what}`,
          { kind: "press", device, button, of: need.what, afterMs, unless: ready },
          `${need.what} starts when its ${button} button is pressed`,
        );
      }
      if (ready === null) return;
      const timeoutMs = need.timeoutMs ?? patience.readyMs;
      wait(`ready:${need.what}`, ready, timeoutMs, "stop", `others need ${need.what}: it must answer`);
    },
    stop(need) {
      const silent = readiness(need, false);
      if (need.start === null || silent === null) return;
      started.delete(need.what);
      const { press: button, of: device } = need.start;
      add(
        `halt:${need.what}`,
        { kind: "press", device, button, of: need.what, afterMs: 0, unless: silent },
        `${need.what} halts when its ${button} button is pressed`,
      );
      wait(`quiet:${need.what}`, silent, need.timeoutMs ?? patience.readyMs, "stop", "a running server is not cut off");
      const time: Condition = { kind: "time", ms: patience.haltMs };
      wait(`still:${need.what}`, time, patience.haltMs, "go-on", "it still writes after it has stopped to answer");
    },
    cool(groups) {
      if (standing.hot.length === 0 || request.action === "cycle") return;
      const rising = groups.filter(({ outlet }) => relays.get(outlet) !== true).flatMap(({ boards }) => boards);
      const racks = new Set(rising.map((board) => rackOf.get(board)).filter((rack) => !cooled.has(rack)));
      const hot = standing.hot.filter((board) => racks.has(rackOf.get(board)));
      if (hot.length === 0) return;
      const waited = [...new Set(hot.map((board) => rackOf.get(board)))];
      for (const rack of waited) cooled.add(rack);
      const until: Condition = { kind: "below", boards: hot, celsius: cluster.limits.thermal.alarmC };
      wait(`cool:${waited.join(",")}`, until, patience.coolMs, "stop", "more boards give off more heat");
    },
    quieten(id, boards) {
      if (request.atOnce === true) return;
      const working = boards.filter(standing.isWorking);
      const awake = boards.filter((board) => standing.isUp(board) && standing.hasAgent(board));
      if (working.length > 0)
        add(`drain:${id}`, { kind: "drain", boards: working, timeoutMs: patience.drainMs }, "their work ends first");
      if (awake.length === 0) return;
      add(`halt:${id}`, { kind: "halt", boards: awake, timeoutMs: patience.haltMs }, "boards halt before power goes");
      const until: Condition = { kind: "boards-quiet", boards: awake };
      wait(`quiet:${id}`, until, patience.quietMs, "go-on", "power goes when they are quiet");
    },
    judge(groups) {
      waves++;
      const boards = groups.flatMap((group) => group.boards);
      largestWave = Math.max(largestWave, boards.length);
      const terms: Record<string, GroupTerms> = {};
      for (const group of groups) {
        const own = groupTerms(group.boards.length, cluster.limits.boot);
        // Work that is there already is not cut off for boards that are missing.
        const isKept = group.boards.some(standing.isWorking) && !switched.has(group.outlet);
        terms[group.id] = isKept ? { ...own, retries: 0 } : own;
      }
      breaches.push(...meter.restart(groups.filter(({ id }) => terms[id]!.retries > 0).map(({ outlet }) => outlet)));
      const accepts = groups.map(({ id }) => terms[id]!.accept).reduce((sum, one) => sum + one, 0);
      add(
        `wave:${waves}`,
        { kind: "bring-up", groups: groups.map(({ id }) => id), boards, terms },
        `${accepts} of ${boards.length} boards are enough: ${foldNodeSet(boards)}`,
      );
      for (const board of boards) touched.add(board);
    },
    finish(collateral) {
      const moves = steps.filter((step) => step.kind === "switch");
      const counts: LimitUse[] = [];
      if (mostBoards > 0)
        counts.push({
          limit: `profile ${profile.name}`,
          unit: "boards",
          kind: "steady",
          used: mostBoards,
          allowed: profile.boards,
        });
      if (largestWave > 0)
        counts.push({
          limit: "wave",
          unit: "boards",
          kind: "peak",
          used: largestWave,
          allowed: cluster.limits.waveBoards,
        });
      return {
        request,
        steps,
        phases: phases
          .map((phase, at) => ({ ...phase, to: phases[at + 1]?.from ?? steps.length }))
          .filter(({ from, to }) => to > from),
        boards: cluster.boards.map(({ name }) => name).filter((name) => touched.has(name)),
        outlets: [...new Set(moves.map(({ outlet }) => outlet))],
        moves: moves.length,
        collateral,
        loads: [...meter.uses(), ...counts],
        notes: [...notes],
        waves,
      };
    },
  };
}

/** The sign that a thing answers, or answers no more; null where the file gives none. */
function readiness(need: Need, answers: boolean): Extract<Condition, { kind: "tcp" }> | null {
  const [, address, port] = /^tcp (.+):(\d+)$/.exec(need.ready ?? "") ?? [];
  return address === undefined ? null : { kind: "tcp", address, port: Number(port), answers };
}
