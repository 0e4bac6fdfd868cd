import type { Millis } from "../base/index.ts";

/** A time of day at which something happens, every day, in the cluster's time zone. */
export type DailyTerms = {
  /** `00:00` to `23:59`. */
  readonly at: string;
  /** IANA name. */
  readonly zone: string;
  /** Minutes before it at which it is told. */
  readonly warnMinutes: readonly number[];
};

/** One coming moment of a schedule. Plain data: it survives a restart. */
export type Alarm = {
  /** UTC, in milliseconds. */
  readonly dueAt: Millis;
  /** Warnings that were told, in minutes before. */
  readonly warned: readonly number[];
};

/** What an alarm asks for now. */
export type AlarmDoes =
  | { readonly kind: "nothing" }
  | { readonly kind: "warn"; readonly minutes: number; readonly dueAt: Millis }
  | { readonly kind: "fire"; readonly dueAt: Millis }
  /** Nobody looked when it was due, and now it is too late for it to be no surprise. */
  | { readonly kind: "missed"; readonly dueAt: Millis };

/** So long after its time a schedule is still carried out; later it would come as a surprise. */
export const lateMs: Millis = 10 * 60_000;

/**
 * The next moment after `after` at which clocks in the zone show the time of day. On the day on which that time is left
 * out it is the moment of the jump; on the day on which it comes twice it is the first.
 *
 * @param after UTC, in milliseconds; the answer is later than this.
 */
export function nextMoment({ at, zone }: Pick<DailyTerms, "at" | "zone">, after: Millis): Millis {
  const [hours = 0, minutes = 0] = at.split(":").map(Number);
  const clock = clockIn(zone);
  const midnight = Math.floor(clock(after) / dayMs) * dayMs;
  for (let day = -1; ; day++) {
    const moment = momentOf(clock, midnight + day * dayMs + (hours * 60 + minutes) * 60_000);
    if (moment > after) return moment;
  }
}

/** The date on which a moment falls in the zone, `2026-03-29`. */
export function dateIn(zone: string, at: Millis): string {
  return new Date(clockIn(zone)(at)).toISOString().slice(0, 10);
}

/** The alarm that comes next after a moment. */
export function nextAlarm(terms: DailyTerms, after: Millis): Alarm {
  return { dueAt: nextMoment(terms, after), warned: [] };
}

/**
 * What an alarm asks for at `now`, and the alarm afterwards. Of several warnings that are due at once only the last is
 * told. Asked again at the same time it asks for nothing more.
 */
export function stepAlarm(
  alarm: Alarm,
  terms: DailyTerms,
  now: Millis,
): { readonly alarm: Alarm; readonly does: AlarmDoes } {
  const { dueAt } = alarm;
  if (now >= dueAt)
    return {
      alarm: nextAlarm(terms, Math.max(now, dueAt)),
      does: { kind: now - dueAt <= lateMs ? "fire" : "missed", dueAt },
    };
  const due = terms.warnMinutes.filter((minutes) => now >= dueAt - minutes * 60_000 && !alarm.warned.includes(minutes));
  if (due.length === 0) return { alarm, does: { kind: "nothing" } };
  return {
    alarm: { dueAt, warned: [...alarm.warned, ...due] },
    does: { kind: "warn", minutes: Math.min(...due), dueAt },
  };
}

/** Put it off: so many minutes after the time at which it was due, or after now when that is later. Warnings come again. */
export function snooze(alarm: Alarm, minutes: number, now: Millis): Alarm {
  return { dueAt: Math.max(alarm.dueAt, now) + minutes * 60_000, warned: [] };
}

const dayMs: Millis = 24 * 60 * 60_000;

/** What clocks in the zone show at a moment, as if it were UTC. */
type ZoneClock = (at: Millis) => Millis;

/** Dear to make and cheap to ask. */
function clockIn(zone: string): ZoneClock {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  return (at) => {
    const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
    const part = (name: Intl.DateTimeFormatPartTypes): number => parts.get(name)!;
    const local = Date.UTC(part("year"), part("month") - 1, part("day"), part("hour"), part("minute"), part("second"));
    return local + (at - Math.floor(at / 1000) * 1000);
  };
}

/** The first moment at which clocks show this, or have passed it. */
function momentOf(clock: ZoneClock, wall: Millis): Millis {
  const before = clock(wall - dayMs) - (wall - dayMs);
  const after = clock(wall + dayMs) - (wall + dayMs);
  const candidates = [wall - before, wall - after].filter((at) => clock(at) === wall);
  if (candidates.length > 0) return Math.min(...candidates);
  let low = wall - Math.max(before, after);
  let high = wall - Math.min(before, after);
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (clock(middle) >= wall) high = middle;
    else low = middle;
  }
  return high;
}
