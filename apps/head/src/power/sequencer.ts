import { ClusterError, messageOf } from "@bramble/core/base";
import type { OutletId } from "@bramble/core/cluster";
import type { Planned, PowerPlan, PowerRequest } from "@bramble/core/power";
import { gapAfter, planPower, planWaves } from "@bramble/core/power";
import { type PlanDoer, type PlanRecord, planDoers } from "../store/power-plans.ts";
import { type Claim, claimOf, claimOfBoards, clash } from "./claims.ts";
import { factsOf, isUp } from "./facts.ts";
import { noDriver } from "./outlets.ts";
import { PlanRefused } from "./refused.ts";
import { type Missing, type PlanRun, planRun, runPlan } from "./run-plan.ts";
import type { PlanTools } from "./tools.ts";

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

/** What somebody asks of power, and how. */
type PowerAsk = {
  readonly request: PowerRequest;
  /** As it was asked for, for people. */
  readonly set: string;
  readonly by: PlanDoer;
  readonly why: string | null;
  /** The same key again gives the same plan. */
  readonly key: string | null;
};

/** What came of it: a plan that runs, or nothing to do. */
type Asked =
  | { readonly kind: "started"; readonly id: number; readonly planned: Extract<Planned, { kind: "plan" }> | null }
  | Extract<Planned, { kind: "nothing" }>;

/** A plan that waits or runs. */
type LivePlan = {
  readonly id: number;
  readonly by: PlanDoer;
  readonly run: PlanRun | null;
  readonly doing: string;
};

/** Plans power, and carries plans out; several at once where they have nothing in common. */
export type Sequencer = AsyncDisposable & {
  /** What would be done, by what is known now. */
  plan(request: PowerRequest): Planned;
  /**
   * Plan it and begin. A plan of a lower order that is in the way is ended first: a cut-out goes before an operator before a
   * schedule.
   *
   * @throws PlanRefused; ClusterError `power.busy`, `power.no-driver`, `power.connection`, `store.unavailable`.
   */
  ask(ask: PowerAsk): Promise<Asked>;
  /**
   * Begin to bring up the groups of these boards with all that they need, as soon as their PDUs answer; progress is in
   * `progress`, the end in `settled`.
   *
   * @returns how many boards and waves there are.
   * @throws ClusterError `power.busy`, `power.no-driver`.
   */
  up(boards: Iterable<string>, set?: string): { readonly boards: number; readonly waves: number };
  /** Go on with what the journal tells as unfinished. */
  resume(): void;
  /** End a plan where it stands, or all of them; false when there is none. Resolves when they have ended. */
  cancel(id?: number): Promise<boolean>;
  /** End it, and put back what it has switched by a plan of its own. */
  undo(id: number): Promise<number | null>;
  live(): readonly LivePlan[];
  /** Of the newest plan with boards to wait for. */
  progress(): BringUp | null;
  /** Resolves when no plan runs. Never rejects. */
  settled(): Promise<void>;
};

/** The sequencer over these outlets. */
export function createSequencer(tools: PlanTools): Sequencer {
  const { cluster, graph, outlets, registry, clock, log, journal, tell } = tools;
  const { roster } = registry;
  type Running = {
    id: number;
    readonly by: PlanDoer;
    readonly claim: Claim;
    readonly ending: AbortController;
    run: PlanRun | null;
    doing: string;
    finished: Promise<void>;
  };
  const running = new Set<Running>();
  const closing = new AbortController();
  const stopped = new ClusterError("power.busy", "the head stops");
  /** The newest with boards to come up, kept for people after its end. */
  let shown: { run: PlanRun | null; boards: readonly string[]; waves: number; isDone: () => boolean } | null = null;

  const moving = (except: Running | null): ReadonlySet<OutletId> => {
    const all = new Set<OutletId>();
    for (const each of running) {
      const { run, claim } = each;
      if (each === except) continue;
      if (run === null) for (const outlet of claim.outlets) all.add(outlet);
      else
        for (const step of run.plan.steps)
          if (step.kind === "switch" && (run.steps.get(step.id)?.state ?? "running") === "running")
            all.add(step.outlet);
    }
    return all;
  };
  const plan = (request: PowerRequest, mine: Running | null = null): Planned =>
    planPower(cluster, factsOf(outlets, roster, moving(mine)), request);

  const requireDriver = (boards: readonly string[]): void => {
    const { outlets: wanted } = claimOfBoards(graph, boards);
    if (wanted.size > 0 && ![...wanted].some((outlet) => outlets.canSwitch(outlet)))
      throw new ClusterError("power.no-driver", "this head can switch no outlet of these boards");
  };
  /** Those in the way that a plan of this order may not end. @throws `power.busy` */
  const requireFree = (claim: Claim, by: PlanDoer): readonly Running[] => {
    const others = [...running].flatMap((other) => {
      const thing = clash(claim, other.claim);
      return thing === null ? [] : [{ other, thing }];
    });
    const stronger = others.find(({ other }) => planDoers.indexOf(other.by) >= planDoers.indexOf(by));
    if (stronger !== undefined)
      throw new ClusterError("power.busy", `plan p${stronger.other.id} has ${stronger.thing}: ${stronger.other.doing}`);
    return others.map(({ other }) => other);
  };
  const requireReach = (planned: PowerPlan): void => {
    const needed = new Set(planned.outlets);
    const away = outlets
      .all()
      .find(({ outlet, error }) => needed.has(outlet.id) && error !== null && error !== noDriver);
    if (away !== undefined)
      throw new ClusterError("power.connection", `${away.outlet.id} cannot be switched now: ${away.error}`);
  };

  const start = (by: PlanDoer, claim: Claim, work: (mine: Running) => Promise<void>): Running => {
    const mine: Running = {
      ...{ id: 0, by, claim, ending: new AbortController(), run: null, doing: "it begins" },
      finished: Promise.resolve(),
    };
    running.add(mine);
    mine.finished = work(mine)
      .catch((thrown) => log.error({ plan: mine.id, error: messageOf(thrown) }, "plan broke off"))
      .finally(() => running.delete(mine));
    return mine;
  };

  /** Carries it out and writes down how it ended. Ended by the head's own stop it stays open. */
  const carry = async (mine: Running, run: PlanRun): Promise<void> => {
    mine.run = run;
    if (run.plan.waves > 0) {
      const boards = run.plan.steps.flatMap((step) => (step.kind === "bring-up" ? step.boards : []));
      shown = { run, boards, waves: run.plan.waves, isDone: () => !running.has(mine) };
    }
    const { signal } = mine.ending;
    try {
      const end = await runPlan(run, tools, signal);
      await finish(mine, end.state, end.message, run.missing);
      log.info({ plan: mine.id, state: end.state, message: end.message }, "plan ended");
      if (end.state === "failed") tell("power.failed", "warn", `plan p${mine.id} failed: ${end.message}`);
      else tell("power.done", "info", `plan p${mine.id} is done: ${end.message}`);
    } catch (thrown) {
      await broken(mine, thrown, run.missing);
    }
  };
  const broken = async (mine: Running, thrown: unknown, missing: readonly Missing[]): Promise<void> => {
    const { signal } = mine.ending;
    if (signal.reason === stopped) return;
    const isCancelled = signal.aborted;
    const message = messageOf(isCancelled ? signal.reason : thrown);
    if (!isCancelled) log.error({ plan: mine.id, error: message }, "plan broke off");
    await finish(mine, isCancelled ? "cancelled" : "failed", message, missing);
    tell(isCancelled ? "power.cancelled" : "power.failed", "warn", `plan p${mine.id}: ${message}`);
  };
  const finish = (
    mine: Running,
    state: "done" | "failed" | "cancelled",
    message: string,
    missing: readonly Missing[],
  ): Promise<void> => journal.end(mine.id, { state, message, endedAt: clock.now(), missing });

  /** A plan that is made only when its PDUs answer. */
  const waitAndCarry = async (mine: Running, ask: Omit<PowerAsk, "key">): Promise<void> => {
    const { signal } = mine.ending;
    try {
      mine.doing = "waiting for PDUs that do not answer yet";
      await waitForPdus(mine.claim.outlets, tools, signal);
      const planned = plan(ask.request, mine);
      if (planned.kind === "refused") throw new PlanRefused(planned);
      if (planned.kind === "nothing") {
        await finish(mine, "done", planned.why, []);
        return;
      }
      await journal.planned(mine.id, planned.plan);
      for (const note of planned.plan.notes) log.info({ plan: mine.id, note }, "plan");
      await carry(mine, planRun(mine.id, planned.plan));
    } catch (thrown) {
      await broken(mine, thrown, []);
    }
  };

  const resumeOne = (record: PlanRecord): void => {
    const { id, by, plan: made } = record;
    const claim = made === null ? claimOfBoards(graph, record.request.boards) : claimOf(graph, made);
    const mine = start(by, claim, async (self) => {
      self.id = id;
      if (made === null) {
        await waitAndCarry(self, record);
        return;
      }
      const before = { steps: journal.steps(id), moves: journal.moves(id), missing: record.missing };
      try {
        self.doing = "after a restart: reading the outlets";
        await waitForPdus(new Set(made.outlets), tools, self.ending.signal);
        const last = before.moves.findLast(({ on }) => on);
        if (last !== undefined) tools.stagger.mayHaveStarted(gapAfter(cluster, tools.book.startWatts(last.outlet)));
      } catch (thrown) {
        await broken(self, thrown, record.missing);
        return;
      }
      tell(
        "power.resumed",
        "info",
        `plan p${id} goes on: ${before.steps.size} of ${made.steps.length} steps had begun`,
      );
      await carry(self, planRun(id, made, before));
    });
    mine.id = id;
  };

  const cancel = async (which: readonly Running[], why: string): Promise<void> => {
    for (const each of which) each.ending.abort(new ClusterError("power.busy", why));
    await Promise.all(which.map(({ finished }) => finished));
  };

  const ask = async ({ key, ...asked }: PowerAsk): Promise<Asked> => {
    const same = key === null ? null : journal.findKey(key);
    if (same !== null) return { kind: "started", id: same.id, planned: null };
    const { request, by } = asked;
    if (request.boards.length > 0) requireDriver(request.boards);
    const own = new Set(request.boards.flatMap((board) => graph.groupOf(board)?.outlet ?? []));
    const named: Claim = { boards: new Set(request.boards), outlets: own, needs: new Set() };
    const ended = `${by === "operator" ? "an" : "a"} ${by} needs what it had`;
    await cancel(requireFree(named, by), ended);
    // A head that has just started has not read its PDUs yet.
    if (outlets.all().some(({ reading, error }) => reading.on === null && error === null))
      await outlets.refresh(closing.signal);
    let planned = plan(request);
    if (planned.kind === "plan") {
      const inTheWay = requireFree(claimOf(graph, planned.plan), by);
      await cancel(inTheWay, ended);
      if (inTheWay.length > 0) planned = plan(request);
    }
    if (planned.kind === "refused") throw new PlanRefused(planned);
    if (planned.kind === "nothing") return planned;
    const { plan: made } = planned;
    requireReach(made);
    const claim = claimOf(graph, made);
    if (requireFree(claim, by).length > 0) throw new ClusterError("power.busy", "another plan has just begun there");
    const created = Promise.withResolvers<number>();
    start(by, claim, async (mine) => {
      try {
        const facts = { ...asked, at: clock.now(), plan: made, state: "running" as const };
        mine.id = await journal.create(facts, key);
        created.resolve(mine.id);
      } catch (thrown) {
        created.reject(thrown);
        return;
      }
      await carry(mine, planRun(mine.id, made));
    });
    return { kind: "started", id: await created.promise, planned };
  };

  return {
    plan: (request) => plan(request),
    ask,
    up(boards, set = "all") {
      const names = [...boards];
      const waves = planWaves(cluster, names).filter(({ kind }) => kind === "boards");
      const request = { action: "on", boards: names, profile: null, withParents: true, allowCollateral: true } as const;
      requireDriver(names);
      if (waves.length === 0)
        throw new ClusterError("power.no-driver", "this head can switch no outlet of these boards");
      const claim = claimOfBoards(graph, names);
      requireFree(claim, "operator");
      const expected = waves.flatMap((wave) => wave.boards);
      const asked = { request, set, by: "operator", why: null } as const;
      const mine = start("operator", claim, async (self) => {
        self.id = await journal.create({ ...asked, at: clock.now(), plan: null, state: "waiting" }, null);
        await waitAndCarry(self, asked);
      });
      shown = { run: null, boards: expected, waves: waves.length, isDone: () => !running.has(mine) };
      return { boards: expected.length, waves: waves.length };
    },
    resume() {
      for (const record of journal.open()) resumeOne(record);
    },
    async cancel(id) {
      const which = [...running].filter((each) => id === undefined || each.id === id);
      await cancel(which, "it was cancelled");
      return which.length > 0;
    },
    async undo(id) {
      const record = journal.find(id);
      if (record === null) throw new ClusterError("power.plan-unknown", `there is no plan p${id}`);
      await cancel(
        [...running].filter((each) => each.id === id),
        "it is undone",
      );
      const moved = new Set(journal.moves(id).flatMap(({ outlet, outcome }) => (outcome === "failed" ? [] : [outlet])));
      const boards = cluster.groups.filter(({ outlet }) => moved.has(outlet)).flatMap((group) => group.boards);
      const action = record.request.action === "on" ? "off" : "on";
      const { profile, withParents } = record.plan?.request ?? record.request;
      const request: PowerRequest = { action, boards, profile, withParents, allowCollateral: true };
      if (boards.length === 0) return null;
      const asked = await ask({ request, set: record.set, by: record.by, why: `undoes p${id}`, key: null });
      return asked.kind === "started" ? asked.id : null;
    },
    live: () => [...running].map(({ id, by, run, doing }) => ({ id, by, run, doing: run?.doing ?? doing })),
    progress() {
      if (shown === null) return null;
      const { run, boards, waves, isDone } = shown;
      const isThere = (name: string): boolean => isUp(roster.byName(name));
      const inWave = run?.inWave ?? [];
      return {
        ...{ wave: run?.wave ?? 0, waves, groups: run?.groups ?? [], done: isDone() },
        up: boards.filter(isThere).length,
        expected: boards.length,
        waveUp: inWave.filter(isThere).length,
        waveExpected: inWave.length,
        // One that was given up and came after all is missed no longer.
        missing: (run?.missing ?? []).map(({ board }) => board).filter((name) => !isThere(name)),
      };
    },
    async settled() {
      while (running.size > 0) await Promise.all([...running].map(({ finished }) => finished));
    },
    async [Symbol.asyncDispose]() {
      closing.abort(stopped);
      const all = [...running];
      for (const { ending } of all) ending.abort(stopped);
      await Promise.all(all.map(({ finished }) => finished));
    },
  };
}

/**
 * Wait until the PDUs of these outlets answer: they may have got power in this very moment. One that stays away delays
 * the others by a few seconds, no more.
 */
async function waitForPdus(
  needed: ReadonlySet<OutletId>,
  { outlets, clock }: Pick<PlanTools, "outlets" | "clock">,
  signal: AbortSignal,
): Promise<void> {
  const began = clock.monotonic();
  let firstAnswer = Number.POSITIVE_INFINITY;
  for (;;) {
    await outlets.refresh(signal);
    signal.throwIfAborted();
    const silent = outlets
      .all()
      .filter(({ outlet, error }) => needed.has(outlet.id) && error !== null && error !== noDriver);
    if (silent.length === 0) return;
    const now = clock.monotonic();
    if (silent.length < needed.size) firstAnswer = Math.min(firstAnswer, now);
    if (now - firstAnswer >= patienceMs.others || now - began >= patienceMs.all) return;
    await clock.sleep(500, signal);
  }
}

const patienceMs = { others: 5000, all: 60_000 } as const;
