import type { Millis } from "../base/index.ts";
import { unreachable } from "../base/index.ts";
import type { BootEvent } from "./events.ts";
import type { BootStep } from "./steps.ts";

/** What became of one file that a board asked for in its boot: all its requests for it together. */
export type LaneFile = {
  readonly path: string;
  readonly by: "tftp" | "http";
  readonly step: BootStep | null;
  readonly outcome: "moving" | "done" | "missing" | "probed" | "failed";
  /** It was read to its end at least once. */
  readonly isRead: boolean;
  readonly asks: number;
  /** Octets that were sent, over all requests, and by the one under way or the last. */
  readonly bytes: number;
  readonly requestBytes: number;
  /** What the last request is to bring: the file, or by HTTP a part of it. Null when it was never begun. */
  readonly sizeBytes: number | null;
  readonly resends: number;
  /** Begun first, and the last news of it. */
  readonly begunAt: Millis;
  readonly heardAt: Millis;
  /** Why the last request for it failed, null when it did not. */
  readonly why: string | null;
};

/** News of a file. */
export type FileEvent = BootEvent & { readonly kind: "file" };

/** What news of a file adds to its step; `percent` undefined leaves that as it was. */
type Change = {
  readonly asks: number;
  readonly bytes: number;
  readonly resends: number;
  readonly percent: number | null | undefined;
};

/** A board that asks for more different files than this has its oldest forgotten. */
const maxFiles = 120;

/** The files after this news, and what it adds to the counts of its step. */
export function noteFile(
  files: readonly LaneFile[],
  event: FileEvent,
  step: BootStep | null,
  now: Millis,
): { readonly files: readonly LaneFile[]; readonly file: LaneFile; readonly change: Change } {
  const { path, by } = event;
  const at = files.findLastIndex((file) => file.path === path);
  const known = files[at];
  const before: LaneFile = known ?? {
    ...{ path, by, step, outcome: "moving", isRead: false, asks: 0, bytes: 0, requestBytes: 0 },
    ...{ sizeBytes: null, resends: 0, begunAt: now, heardAt: now, why: null },
  };
  const after: LaneFile = { ...before, ...newsOf(before, event), by, heardAt: now };
  const change: Change = {
    asks: after.asks - before.asks,
    bytes: after.bytes - before.bytes,
    resends: after.resends - before.resends,
    percent: isLargest(files, after) ? percentOf(after) : undefined,
  };
  if (known !== undefined) return { files: files.with(at, after), file: after, change };
  return { files: [...files.slice(files.length >= maxFiles ? 1 : 0), after], file: after, change };
}

/** Has start.elf been read, with the fixup.dat that belongs to it? What follows is asked by start.elf itself. */
export function isStarted(files: readonly LaneFile[]): boolean {
  return files.some(({ path, isRead }) => isRead && /(^|\/)fixup[^/]*\.dat$/i.test(path));
}

/** How much of what was asked for last is there, 0 to 100; null for a file that was never on its way. */
function percentOf({ outcome, requestBytes, sizeBytes }: LaneFile): number | null {
  if (outcome === "missing" || outcome === "probed" || sizeBytes === null || sizeBytes === 0) return null;
  return Math.min(100, Math.floor((100 * requestBytes) / sizeBytes));
}

function newsOf(file: LaneFile, event: FileEvent): Partial<LaneFile> {
  const sent = (sentBytes: number): Partial<LaneFile> => ({
    bytes: file.bytes + Math.max(0, sentBytes - file.requestBytes),
    requestBytes: Math.max(file.requestBytes, sentBytes),
  });
  switch (event.news) {
    case "begun":
      return { outcome: "moving", asks: file.asks + 1, requestBytes: 0, sizeBytes: event.sizeBytes };
    case "moving":
      return { outcome: "moving", ...sent(event.sentBytes), sizeBytes: event.sizeBytes };
    case "done": {
      const resends = file.resends + event.resends;
      return { outcome: "done", isRead: true, ...sent(event.sentBytes), resends, why: null };
    }
    case "missing":
      return { outcome: "missing", asks: file.asks + 1, why: null };
    case "probed":
      return { outcome: file.isRead ? "done" : "probed", why: null };
    case "failed":
      return { outcome: "failed", ...sent(event.sentBytes), why: event.why };
    default:
      return unreachable(event);
  }
}

function isLargest(files: readonly LaneFile[], { path, step, sizeBytes }: LaneFile): boolean {
  return files.every(
    (other) => other.step !== step || other.path === path || (other.sizeBytes ?? 0) <= (sizeBytes ?? 0),
  );
}
