import type { Clock, Millis, Timer } from "@bramble/core/base";
import type { Standing } from "@bramble/core/observe";
import { causeInWords, causesInWords } from "@bramble/core/observe";
import type { BoardRecord } from "@bramble/core/register";
import type { Bus } from "../bus.ts";

/**
 * Tells people how boards fare: one event for a board, one for a group when many of it fare alike at once.
 * It waits until the cause of a silence is as clear as it will be. Where boards stop in their boot is told by the boot room.
 */
export function tellNews({ bus, clock }: { readonly bus: Bus; readonly clock: Clock }): Disposable {
  const changed = new Map<string, { readonly record: BoardRecord; readonly before: Standing; now: Standing }>();
  let timer: Timer | null = null;

  const tell = (): void => {
    timer = null;
    const stories = new Map<string, Story>();
    for (const { record, before, now } of changed.values()) {
      const kind = storyOf(before, now);
      if (kind === null) continue;
      const group = record.place?.group ?? null;
      const key = group === null ? `${kind}/${record.mac}` : `${kind}/${group}`;
      const story = stories.get(key) ?? { kind, group, told: [] };
      story.told.push({ record, now });
      stories.set(key, story);
    }
    changed.clear();
    for (const story of fold([...stories.values()])) emit(bus, story);
  };

  const end = bus.on("board.standing", ({ record, before, now }) => {
    const known = changed.get(record.mac);
    if (known === undefined) changed.set(record.mac, { record, before, now });
    else known.now = now;
    timer ??= clock.after(settleMs, tell);
  });
  return {
    [Symbol.dispose]() {
      end();
      timer?.cancel();
    },
  };
}

type StoryKind = "board.up" | "board.silent" | "board.off";
type Told = { readonly record: BoardRecord; readonly now: Standing };
type Story = { readonly kind: StoryKind; readonly group: string | null; readonly told: Told[] };

/** The heartbeats of a group that goes dark cease within a second of each other; ticks add a little. */
const settleMs: Millis = 2000;
/** From so many boards of a group on, they are told together. */
const together = 4;
/** More stories of one kind at once than this become one. */
const manyStories = 12;

function storyOf(before: Standing, now: Standing): StoryKind | null {
  if (before.state.kind === now.state.kind) return null;
  const wasLive = before.state.kind === "up" || before.state.kind === "draining";
  switch (now.state.kind) {
    case "up":
      return wasLive ? null : "board.up";
    case "silent":
      return "board.silent";
    case "off":
      return wasLive ? "board.off" : null;
    default:
      return null;
  }
}

/** Few stories of many boards, rather than many. */
function fold(stories: readonly Story[]): Story[] {
  const folded: Story[] = [];
  for (const kind of ["board.up", "board.silent", "board.off"] as const) {
    const split = stories
      .filter((story) => story.kind === kind)
      .flatMap((story) =>
        story.told.length >= together ? [story] : story.told.map((one) => ({ ...story, told: [one] })),
      );
    if (split.length > manyStories) folded.push({ kind, group: null, told: split.flatMap(({ told }) => told) });
    else folded.push(...split);
  }
  return folded;
}

function emit(bus: Bus, { kind, group, told }: Story): void {
  const [first] = told;
  const verb = { "board.up": "up", "board.silent": "silent", "board.off": "off" }[kind];
  const level = kind === "board.up" || kind === "board.off" ? "info" : "warn";
  if (told.length === 1) {
    const words = causeInWords(first!.now.state);
    const message = `${first!.record.name} is ${verb}${words === null ? "" : `: ${words}`}`;
    bus.emit("event", { kind, level, board: first!.record.name, message });
    return;
  }
  const where = group ?? groupsInWords(told);
  const causes = told.flatMap(({ now: { state } }) => (state.kind === "silent" ? [state.cause] : []));
  const cause = kind === "board.silent" ? `: ${causesInWords(causes)}` : "";
  bus.emit("event", { kind, level, board: null, message: `${where}: ${told.length} boards ${verb}${cause}` });
}

function groupsInWords(told: readonly Told[]): string {
  const groups = [...new Set(told.map(({ record }) => record.place?.group ?? "no group"))].sort();
  return groups.length <= 3 ? groups.join(", ") : `${groups.length} groups (${groups[0]} … ${groups.at(-1)})`;
}
