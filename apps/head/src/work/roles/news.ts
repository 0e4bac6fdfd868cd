import type { Clock, Millis, Timer } from "@bramble/core/base";
import { foldNodeSet } from "@bramble/core/cluster";
import type { RoleReport, RoleStanding } from "@bramble/core/work";
import type { Bus } from "../../bus.ts";

/** Tells people what became of roles: one event for all boards that fare alike, a thousand of them too. */
export type RoleNews = Disposable & {
  heard(board: string, stands: { readonly before: RoleStanding; readonly now: RoleStanding }, report: RoleReport): void;
};

/** News on this bus. */
export function createRoleNews({ bus, clock }: { readonly bus: Bus; readonly clock: Clock }): RoleNews {
  const stories = new Map<string, { readonly level: "info" | "warn"; readonly boards: Set<string> }>();
  let timer: Timer | null = null;

  const tell = (): void => {
    timer = null;
    for (const [what, { level, boards }] of stories) {
      const [first = ""] = boards;
      const who = boards.size === 1 ? first : `${foldNodeSet(boards).slice(0, 200)} (${boards.size} boards)`;
      bus.emit("event", {
        ...{ kind: level === "info" ? "role.applied" : "role.failed", level },
        ...{ board: boards.size === 1 ? first : null, message: `${who}: ${what}` },
      });
    }
    stories.clear();
  };

  return {
    heard(board, { before, now }, report) {
      const what = storyOf(before, now, report);
      if (what === null) return;
      const level = now === "failed" || now === "kept" ? "warn" : "info";
      // A board that lies may say a new reason each time; what it says fills no more than this.
      const key = stories.has(what) || stories.size < mostStories ? what : `the role ${now}, for many reasons`;
      const story = stories.get(key) ?? { level, boards: new Set<string>() };
      story.boards.add(board);
      stories.set(key, story);
      timer ??= clock.after(settleMs, tell);
    },
    [Symbol.dispose]: () => timer?.cancel(),
  };
}

const settleMs: Millis = 2000;
const mostStories = 8;

function storyOf(before: RoleStanding, now: RoleStanding, { want, good, step, error }: RoleReport): string | null {
  if (before === now) return null;
  const why = `${step ?? "somewhere"}: ${(error ?? "").slice(0, 200)}`;
  switch (now) {
    case "applied":
      return before === "applying" || before === "fetching" ? `the role ${good?.id} is applied` : null;
    case "none":
      return before === "removing" ? "the role is removed" : null;
    case "failed":
      return `the role ${want?.id} failed at ${why}`;
    case "kept":
      return `the role ${want?.id ?? "that was to go"} failed at ${why}; ${good?.id} of before stays in force`;
    default:
      return null;
  }
}
