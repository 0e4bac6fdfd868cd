import type { Clock, Logger, Millis } from "@bramble/core/base";
import { ClusterError, messageOf } from "@bramble/core/base";
import type { Cluster, Rule } from "@bramble/core/cluster";
import { type Alarm, type DailyTerms, nextAlarm, snooze, stepAlarm } from "@bramble/core/power";
import type { PowerJournal } from "../store/power-plans.ts";
import type { PlanTools } from "./tools.ts";

/** A schedule of the cluster file as people see it. */
type ScheduleView = {
  readonly id: string;
  readonly what: string;
  readonly at: string | null;
  readonly zone: string;
  readonly enabled: boolean;
  readonly warnMinutes: readonly number[];
  readonly reason: string | null;
  readonly next: Millis | null;
  readonly snoozedUntil: Millis | null;
};

/** The schedules of the cluster file. */
export type Schedules = AsyncDisposable & {
  all(): readonly ScheduleView[];
  /** Put its next time off; kept over a restart. @throws ClusterError `power.schedule-unknown`. */
  snooze(id: string, minutes: number): Promise<ScheduleView>;
};

type Kept = { readonly alarm: Alarm; readonly snoozedUntil: Millis | null };

/** Watch the clock: warn, and carry out what is due, unless somebody puts it off. */
export function runSchedules(parts: {
  readonly cluster: Cluster;
  readonly journal: Pick<PowerJournal, "word" | "say">;
  readonly clock: Clock;
  readonly log: Logger;
  readonly tell: PlanTools["tell"];
  /** Everything off, in order; resolves once the plan is begun, with what is to be told. */
  readonly shutdown: (why: string) => Promise<string>;
}): Schedules {
  const { cluster, journal, clock, log, tell, shutdown } = parts;
  const kept = new Map<string, Kept>();
  const tasks = new Set<Promise<void>>();
  for (const { id, schedule } of cluster.rules) {
    const terms = termsOf(cluster, schedule);
    if (terms === null) continue;
    kept.set(
      id,
      read(journal.word(keyOf(id)), terms.at) ?? { alarm: nextAlarm(terms, clock.now()), snoozedUntil: null },
    );
  }
  const own = (task: Promise<void>): void => {
    const mine = task
      .catch((thrown) => log.error({ error: messageOf(thrown) }, "schedule not kept"))
      .finally(() => tasks.delete(mine));
    tasks.add(mine);
  };
  const keep = (id: string, state: Kept, at: string): Promise<void> => {
    kept.set(id, state);
    return journal.say(keyOf(id), JSON.stringify({ ...state, at }));
  };
  const fire = async (id: string, rule: Schedule): Promise<void> => {
    try {
      const told = await shutdown(`schedule ${id}${rule.reason === null ? "" : `: ${rule.reason}`}`);
      tell("schedule.fired", "info", `${id}: ${rule.what}: ${told}`);
    } catch (thrown) {
      tell("schedule.failed", "error", `${id}: ${rule.what} could not begin: ${messageOf(thrown)}`);
    }
  };
  const look = (): void => {
    for (const { id, schedule } of cluster.rules) {
      const terms = termsOf(cluster, schedule);
      const state = kept.get(id);
      if (terms === null || schedule === null || state === undefined) continue;
      const { alarm, does } = stepAlarm(state.alarm, terms, clock.now());
      if (does.kind === "nothing" && alarm === state.alarm) continue;
      const isOver = does.kind === "fire" || does.kind === "missed";
      own(keep(id, { alarm, snoozedUntil: isOver ? null : state.snoozedUntil }, terms.at));
      if (does.kind === "warn")
        tell("schedule.warning", "warn", `${id}: ${schedule.what} in ${does.minutes} minutes; it can be put off`);
      if (does.kind === "missed")
        tell("schedule.missed", "warn", `${id}: ${schedule.what} was missed, the head was away`);
      if (does.kind === "fire") own(fire(id, schedule));
    }
  };
  const timer = clock.every(lookMs, look);
  const view = ({ id, schedule }: Rule): ScheduleView[] => {
    if (schedule === null) return [];
    const { what, at, enabled, warnMinutes, reason } = schedule;
    const state = kept.get(id);
    return [
      {
        ...{ id, what, at, zone: cluster.timezone, enabled, warnMinutes, reason },
        ...{ next: state?.alarm.dueAt ?? null, snoozedUntil: state?.snoozedUntil ?? null },
      },
    ];
  };
  return {
    all: () => cluster.rules.flatMap(view),
    async snooze(id, minutes) {
      const rule = cluster.rules.find((one) => one.id === id);
      const terms = termsOf(cluster, rule?.schedule ?? null);
      const state = kept.get(id);
      if (rule === undefined || terms === null || state === undefined)
        throw new ClusterError("power.schedule-unknown", `no schedule "${id.slice(0, 60)}" is enabled with a time`);
      const alarm = snooze(state.alarm, minutes, clock.now());
      await keep(id, { alarm, snoozedUntil: alarm.dueAt }, terms.at);
      tell("schedule.snoozed", "info", `${id} is put off by ${minutes} minutes`);
      return view(rule)[0]!;
    },
    async [Symbol.asyncDispose]() {
      timer.cancel();
      await Promise.all(tasks);
    },
  };
}

type Schedule = NonNullable<Rule["schedule"]>;

function termsOf(cluster: Cluster, schedule: Rule["schedule"]): DailyTerms | null {
  if (schedule === null || !schedule.enabled || schedule.at === null) return null;
  return { at: schedule.at, zone: cluster.timezone, warnMinutes: schedule.warnMinutes };
}

/** What was kept; of no use when the file says another time now. */
function read(text: string | null, at: string): Kept | null {
  try {
    const said = JSON.parse(text ?? "null") as (Kept & { at: string }) | null;
    if (said?.at !== at || typeof said.alarm?.dueAt !== "number") return null;
    return { alarm: said.alarm, snoozedUntil: said.snoozedUntil };
  } catch {
    return null;
  }
}

function keyOf(id: string): string {
  return `schedule:${id}`;
}

const lookMs: Millis = 1000;
