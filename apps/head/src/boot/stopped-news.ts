import type { Clock, Millis, Timer } from "@bramble/core/base";
import type { Bus, HeadEvents } from "../bus.ts";

/**
 * Tells people where boards stopped in their boot: `boot.stopped`, one event a board, or one for all boards of a group that
 * stopped at the same step with the same fault at about the same time. What to do about it stands in `GET /boot`.
 */
export function tellStopped({ bus, clock }: { readonly bus: Bus; readonly clock: Clock }): Disposable {
  const waiting = new Map<string, Stopped>();
  let timer: Timer | null = null;

  const tell = (): void => {
    timer = null;
    const stories = new Map<string, Stopped[]>();
    for (const each of waiting.values()) {
      const key = each.group === null ? each.board : `${each.group}/${each.step}/${each.fault}`;
      stories.set(key, [...(stories.get(key) ?? []), each]);
    }
    waiting.clear();
    for (const story of foldMany([...stories.values()])) emit(bus, story);
  };
  const end = bus.on("lane.stopped", (stopped) => {
    waiting.set(stopped.board, stopped);
    timer ??= clock.after(settleMs, tell);
  });
  return {
    [Symbol.dispose]() {
      end();
      timer?.cancel();
    },
  };
}

type Stopped = HeadEvents["lane.stopped"];

/** The boards of a wave reach their deadlines within seconds of each other. */
const settleMs: Millis = 2000;
const together = 3;
/** More stories at once than this are told by step alone. */
const manyStories = 12;

function foldMany(stories: readonly (readonly Stopped[])[]): (readonly Stopped[])[] {
  const split = stories.flatMap((story) => (story.length >= together ? [story] : story.map((each) => [each])));
  if (split.length <= manyStories) return split;
  const bySteps = new Map<string, Stopped[]>();
  for (const each of split.flat()) {
    const key = `${each.step}/${each.fault}`;
    bySteps.set(key, [...(bySteps.get(key) ?? []), each]);
  }
  return [...bySteps.values()];
}

function emit(bus: Bus, story: readonly Stopped[]): void {
  const [first] = story;
  if (first === undefined) return;
  const { board, step, cause } = first;
  const at = step === "power" ? "before its first sign" : `at ${step}`;
  if (story.length === 1) {
    bus.emit("event", {
      kind: "boot.stopped",
      level: "warn",
      board,
      message: `${board} stopped ${at}: ${cause}`,
    });
    return;
  }
  const groups = [...new Set(story.map(({ group }) => group ?? "no group"))].sort();
  const where = groups.length <= 3 ? groups.join(", ") : `${groups.length} groups`;
  const names = story.slice(0, 6).map((each) => each.board);
  const more = story.length > names.length ? ` and ${story.length - names.length} more` : "";
  const message = `${story.length} boards of ${where} stopped ${at} (${names.join(", ")}${more}): ${cause}`;
  bus.emit("event", { kind: "boot.stopped", level: "warn", board: null, message });
}
