import type { Clock, Millis } from "@bramble/core/base";
import type { Bus, HeadEvents } from "../bus.ts";

/** Something about the boot servers that a person should know, as long as it holds. */
type Alarm = HeadEvents["event"] & { readonly at: Millis };

/** The alarms of the boot servers: told as events when they come, and kept until they are over. */
export type Alarms = {
  raise(alarm: HeadEvents["event"]): void;
  /** Those that hold, the newest first. */
  now(): readonly Alarm[];
};

/** No alarms yet. */
export function createAlarms({ bus, clock }: { readonly bus: Bus; readonly clock: Clock }): Alarms {
  let kept: readonly Alarm[] = [];
  return {
    raise(alarm) {
      bus.emit("event", alarm);
      const ended = endsOf[alarm.kind];
      const others = kept.filter(({ kind, board }) => kind !== ended && (kind !== alarm.kind || board !== alarm.board));
      // What is merely good to know is an event, and over with it.
      const isOver = ended !== undefined || alarm.level === "info";
      kept = (isOver ? others : [{ ...alarm, at: clock.now() }, ...others]).slice(0, most);
    },
    now() {
      kept = kept.filter(({ kind, at }) => lasting.has(kind) || clock.now() - at < shortMs);
      return kept;
    },
  };
}

/** What one alarm ends. */
const endsOf: Readonly<Record<string, string>> = {
  "dhcp.rogue-gone": "dhcp.rogue",
  "dhcp.pool-free": "dhcp.pool-empty",
  "dhcp.written": "dhcp.unwritten",
  "boot.image": "boot.no-image",
};
/** These hold until their end is told; the others are over by themselves. */
const lasting: ReadonlySet<string> = new Set([...Object.values(endsOf), "dhcp.lonely", "boot.loopback"]);
const shortMs: Millis = 600_000;
const most = 50;
