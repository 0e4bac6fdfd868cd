import fc from "fast-check";
import { expect, test } from "vitest";
import { addReading, costOf, type EnergyBook, keptDays, noEnergy } from "./cost.ts";
import { dateIn, lateMs, nextAlarm, nextMoment, snooze, stepAlarm } from "./schedule.ts";

const utc = (text: string): number => Date.parse(`${text}Z`);
const iso = (at: number): string => new Date(at).toISOString().slice(0, 16);

test.each([
  ["midnight in Los Angeles in winter", "00:00", "America/Los_Angeles", "2026-01-10T12:00", "2026-01-11T08:00"],
  ["midnight in Los Angeles in summer", "00:00", "America/Los_Angeles", "2026-07-10T12:00", "2026-07-11T07:00"],
  ["later on the same day", "18:30", "Europe/Zurich", "2026-01-10T12:00", "2026-01-10T17:30"],
  ["the very moment counts as past", "12:00", "UTC", "2026-01-10T12:00", "2026-01-11T12:00"],
  [
    "a time that the day leaves out is the moment of the jump",
    "02:30",
    "Europe/Zurich",
    "2026-03-28T12:00",
    "2026-03-29T01:00",
  ],
  ["a time that comes twice counts once, the first", "02:30", "Europe/Zurich", "2026-10-24T12:00", "2026-10-25T00:30"],
  ["and not again an hour later", "02:30", "Europe/Zurich", "2026-10-25T00:30", "2026-10-26T01:30"],
  ["half an hour of daylight saving", "02:15", "Australia/Lord_Howe", "2026-10-03T00:00", "2026-10-03T15:30"],
  ["a zone a day ahead", "00:00", "Pacific/Kiritimati", "2026-01-10T11:00", "2026-01-11T10:00"],
  ["a midnight that the day leaves out", "00:00", "Africa/Cairo", "2026-04-23T12:00", "2026-04-23T22:00"],
])("%s", (_, at, zone, after, expected) => expect(iso(nextMoment({ at, zone }, utc(after)))).toBe(expected));

test("the next moment is later, within two days, and clocks show its time unless the day leaves it out", () => {
  const zones = fc.constantFrom("UTC", "America/Los_Angeles", "Europe/Zurich", "Australia/Lord_Howe", "Asia/Kathmandu");
  fc.assert(
    fc.property(zones, fc.nat(23), fc.nat(59), fc.nat(2 * 366 * 24 * 60), (zone, hour, minute, minutes) => {
      const after = utc("2026-01-01T00:00") + minutes * 60_000;
      const at = `${String(hour).padStart(2, "0")}:${String(minute).padStart(2, "0")}`;
      const moment = nextMoment({ at, zone }, after);
      expect(moment).toBeGreaterThan(after);
      expect(moment - after).toBeLessThanOrEqual(50 * 3_600_000);
      const clock = new Intl.DateTimeFormat("en-GB", { timeZone: zone, hour: "2-digit", minute: "2-digit" }).format(
        moment,
      );
      const jumps =
        Math.abs(
          nextMoment({ at: "12:00", zone }, moment) -
            nextMoment({ at: "12:00", zone }, moment - 86_400_000) -
            86_400_000,
        ) > 0;
      if (!jumps) expect(clock).toBe(at);
    }),
    { numRuns: 60 },
  );
});

const terms = { at: "00:00", zone: "America/Los_Angeles", warnMinutes: [30, 10, 1] };

test("a shutdown warns 30, 10 and 1 minutes before, comes once, and is set for the next day", () => {
  let alarm = nextAlarm(terms, utc("2026-01-11T07:00"));
  const told: string[] = [];
  for (let at = utc("2026-01-11T07:00"); at < utc("2026-01-11T08:02"); at += 20_000) {
    const next = stepAlarm(alarm, terms, at);
    alarm = next.alarm;
    if (next.does.kind !== "nothing") told.push(`${iso(at).slice(11)} ${next.does.kind}`);
    expect(stepAlarm(alarm, terms, at).does.kind).toBe("nothing");
  }
  expect(told).toEqual(["07:30 warn", "07:50 warn", "07:59 warn", "08:00 fire"]);
  expect(iso(alarm.dueAt)).toBe("2026-01-12T08:00");
});

test("a head that starts five minutes before tells only the warning that is nearest", () => {
  const { alarm, does } = stepAlarm(nextAlarm(terms, utc("2026-01-11T07:00")), terms, utc("2026-01-11T07:55"));
  expect(does).toMatchObject({ kind: "warn", minutes: 10 });
  expect(alarm.warned).toEqual([30, 10]);
});

test("a head that was away takes up what is a little late, and lets be what would surprise", () => {
  const alarm = nextAlarm(terms, utc("2026-01-11T07:00"));
  expect(stepAlarm(alarm, terms, alarm.dueAt + lateMs).does.kind).toBe("fire");
  const missed = stepAlarm(alarm, terms, alarm.dueAt + lateMs + 1);
  expect(missed.does).toEqual({ kind: "missed", dueAt: alarm.dueAt });
  expect(iso(missed.alarm.dueAt)).toBe("2026-01-12T08:00");
});

test("a snooze puts it off and warns again", () => {
  const alarm = stepAlarm(nextAlarm(terms, utc("2026-01-11T07:00")), terms, utc("2026-01-11T07:51")).alarm;
  const later = snooze(alarm, 60, utc("2026-01-11T07:52"));
  expect(iso(later.dueAt)).toBe("2026-01-11T09:00");
  expect(stepAlarm(later, terms, utc("2026-01-11T08:00")).does.kind).toBe("nothing");
  expect(stepAlarm(later, terms, utc("2026-01-11T08:31")).does).toMatchObject({ kind: "warn", minutes: 30 });
  const fired = stepAlarm(later, terms, utc("2026-01-11T09:00"));
  expect(fired.does.kind).toBe("fire");
  expect(iso(fired.alarm.dueAt)).toBe("2026-01-12T08:00");
});

test("126 boards at full work for a day are 15 kWh, split at the local midnight", () => {
  let book: EnergyBook = noEnergy;
  for (let at = utc("2026-01-10T14:00"); at <= utc("2026-01-11T14:00"); at += 60_000)
    book = addReading(book, at, 630, "America/Los_Angeles");
  expect(Object.keys(book.days)).toEqual(["2026-01-10", "2026-01-11"]);
  expect(book.days["2026-01-10"]).toBeCloseTo(0.63 * 18, 6);
  expect(book.days["2026-01-11"]).toBeCloseTo(0.63 * 6, 6);
  expect(costOf(15.12, 0.3)).toBe(4.54);
  expect(dateIn("America/Los_Angeles", utc("2026-01-11T07:59"))).toBe("2026-01-10");
});

test("what nobody measured is counted as unknown, not guessed, and old days are let go", () => {
  const first = addReading(noEnergy, 0, 1000, "UTC");
  const book = addReading(first, 3_600_000, 1000, "UTC");
  expect(book.days["1970-01-01"]).toBeCloseTo(1 / 60, 9);
  expect(book.unknownMs).toBe(3_540_000);
  expect(addReading(book, 3_600_000, 5, "UTC")).toBe(book);
  let long = noEnergy;
  for (let day = 0; day <= keptDays + 5; day++) {
    long = addReading(long, day * 86_400_000, 1000, "UTC");
    long = addReading(long, day * 86_400_000 + 60_000, 0, "UTC");
  }
  expect(Object.keys(long.days)).toHaveLength(keptDays);
});
