import type { PowerAnswer } from "@bramble/core/api";
import { messageOf } from "@bramble/core/base";
import type { ReactNode } from "react";
import { useState } from "react";
import { Button } from "react-aria-components/Button";
import { useParts } from "../live/context.tsx";
import { isSilence } from "../live/rest.ts";
import { span } from "../parts/words.ts";
import { count } from "./words.ts";

type Schedule = PowerAnswer["schedules"][number];

/** What schedules need. */
export type SchedulesProps = { readonly power: PowerAnswer; readonly onChanged: () => void };

const dayMinutes = 24 * 60;

/** What happens by the clock: when next, in its own time zone; and how to put it off. */
export function Schedules({ power, onChanged }: SchedulesProps): ReactNode {
  return (
    <section className="card schedules" aria-labelledby="schedules-title">
      <h2 id="schedules-title">By the clock</h2>
      {power.schedules.length === 0 && <p className="quiet">The cluster file has no schedule.</p>}
      <ul>
        {power.schedules.map((schedule) => (
          <ScheduleRow key={schedule.id} schedule={schedule} now={power.now} onChanged={onChanged} />
        ))}
      </ul>
    </section>
  );
}

/** Schedules that are so near that they warn. */
export function Warnings({ power, onChanged }: SchedulesProps): ReactNode {
  return power.schedules
    .filter((schedule) => isNear(schedule, power.now))
    .map((schedule) => (
      <div key={schedule.id} className="schedule-warning" role="alert">
        <p>
          <b>
            <span aria-hidden="true">!</span> {schedule.what} in {span(schedule.next! - power.now)}
          </b>{" "}
          ({schedule.id}
          {schedule.reason !== null && `: ${schedule.reason}`})
        </p>
        <PutOff schedule={schedule} onChanged={onChanged} />
      </div>
    ));
}

function ScheduleRow({
  schedule,
  now,
  onChanged,
}: {
  schedule: Schedule;
  now: number;
  onChanged: () => void;
}): ReactNode {
  const { id, what, at, zone, enabled, next, reason, warnMinutes, snoozedUntil } = schedule;
  return (
    <li>
      <p>
        <b>{what}</b>{" "}
        <span className="quiet">
          {id}
          {reason !== null && `: ${reason}`}
        </span>
      </p>
      <p>{at === null ? "when an operator says so" : `each day at ${at}, ${zone}`}</p>
      {!enabled && <p className="quiet">off: the cluster file says `enabled: false`</p>}
      {enabled && next !== null && (
        <p>
          next in <b>{span(next - now)}</b>, {momentIn(next, zone)}
          {snoozedUntil !== null && ", put off"}
          {warnMinutes.length > 0 && <span className="quiet">; warns {warnMinutes.join(", ")} minutes before</span>}
        </p>
      )}
      {enabled && next !== null && <PutOff schedule={schedule} onChanged={onChanged} />}
    </li>
  );
}

function PutOff({ schedule, onChanged }: { schedule: Schedule; onChanged: () => void }): ReactNode {
  const { rest } = useParts();
  const [isSending, setIsSending] = useState(false);
  const [told, setTold] = useState<string | null>(null);
  const putOff = async (minutes: number): Promise<void> => {
    setIsSending(true);
    try {
      const path = `/power/schedules/${encodeURIComponent(schedule.id)}/snooze`;
      const { next } = await rest.post<Schedule>(path, { minutes }, null, { signal: AbortSignal.timeout(8000) });
      setTold(next === null ? "Put off." : `Put off to ${momentIn(next, schedule.zone)}.`);
      onChanged();
    } catch (thrown) {
      setTold(
        isSilence(thrown) ? "The head did not answer: it is not known whether it is put off." : messageOf(thrown),
      );
    }
    setIsSending(false);
  };
  return (
    <p className="put-off">
      {[30, 120].map((minutes) => (
        <Button key={minutes} className="button small" isDisabled={isSending} onPress={() => void putOff(minutes)}>
          {minutes < 60 ? `Put off ${minutes} min` : `Put off ${count(minutes / 60, "hour")}`}
        </Button>
      ))}
      <Button className="button small" isDisabled={isSending} onPress={() => void putOff(dayMinutes)}>
        Skip once
      </Button>
      {told !== null && <span role="status">{told}</span>}
    </p>
  );
}

function isNear({ enabled, next, warnMinutes }: Schedule, now: number): boolean {
  return enabled && next !== null && next - now <= Math.max(0, ...warnMinutes) * 60_000;
}

/** `Sun 00:00 America/Los_Angeles`. */
function momentIn(at: number, zone: string): string {
  const format = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone,
    weekday: "short",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });
  return `${format.format(at)} ${zone}`;
}
