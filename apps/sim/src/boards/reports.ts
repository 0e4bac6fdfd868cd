import type { Clock, Logger } from "@bramble/core/base";
import type { BootStep } from "@bramble/core/boot";

/** A boot step as the firmware of a board tells it: the body of POST /api/v1/boot. */
export type StepReport = {
  readonly mac: string;
  readonly address: string | null;
  readonly serial: string;
  readonly model: string;
  readonly step: BootStep;
  readonly failed: string | null;
  readonly simulated: true;
};

/** Posts one body; gives the HTTP status. Rejects when nobody answers. */
export type Post = (path: string, body: string, signal: AbortSignal) => Promise<number>;

/** The reports of all boards on their way to the head: few requests at once, the newest step of a board first. */
export type Reports = AsyncDisposable & {
  /** Resolves once the head has taken this report, or a newer one of the board, or the board was forgotten. */
  tell(board: number, report: StepReport): Promise<void>;
  /** The board lost its power: what it has not said it never says. */
  forget(board: number): void;
};

/**
 * The queue of boot reports. At most one report a board waits, so its size is bounded by the boards; a head that is
 * away is asked again with a growing pause by one request, not by a thousand.
 */
export function createReports(parts: { post: Post; clock: Clock; log: Logger; lanes: number }): Reports {
  const { post, clock, log, lanes } = parts;
  type Waiting = { report: StepReport; readonly told: (() => void)[] };
  const waiting = new Map<number, Waiting>();
  const sending = new Map<number, Waiting>();
  const ending = new AbortController();
  let pauseMs = 0;
  let isPaused = false;
  let isRefusalKnown = false;

  const pump = (): void => {
    if (ending.signal.aborted || isPaused) return;
    // After a failure one request asks whether the head is there again.
    const width = pauseMs > 0 ? 1 : lanes;
    for (const [board, item] of waiting) {
      if (sending.size >= width) return;
      if (sending.has(board)) continue;
      waiting.delete(board);
      sending.set(board, item);
      void send(board, item);
    }
  };

  const send = async (board: number, item: Waiting): Promise<void> => {
    const status = await post("/api/v1/boot", JSON.stringify(item.report), ending.signal).catch(() => 0);
    const isStillOurs = sending.get(board) === item;
    if (isStillOurs) sending.delete(board);
    if (ending.signal.aborted) return;
    if (status === 0 || status === 429 || status >= 500) {
      const newer = waiting.get(board);
      if (newer !== undefined) newer.told.push(...item.told);
      else if (isStillOurs) waiting.set(board, item);
      pause();
      return;
    }
    if (status >= 400 && !isRefusalKnown) {
      isRefusalKnown = true;
      log.warn(
        { status, step: item.report.step, mac: item.report.mac },
        "boot report refused, further ones not logged",
      );
    }
    pauseMs = 0;
    for (const told of item.told) told();
    pump();
  };

  const pause = (): void => {
    if (isPaused) return;
    isPaused = true;
    pauseMs = Math.min(longestPauseMs, Math.max(firstPauseMs, pauseMs * 2));
    clock.after(pauseMs, () => {
      isPaused = false;
      pump();
    });
  };

  return {
    tell(board, report) {
      return new Promise((resolve) => {
        const before = waiting.get(board);
        if (before === undefined) waiting.set(board, { report, told: [resolve] });
        else {
          before.report = report;
          before.told.push(resolve);
        }
        pump();
      });
    },
    forget(board) {
      for (const told of waiting.get(board)?.told ?? []) told();
      for (const told of sending.get(board)?.told ?? []) told();
      waiting.delete(board);
      sending.delete(board);
    },
    async [Symbol.asyncDispose]() {
      ending.abort();
      for (const board of [...waiting.keys(), ...sending.keys()]) this.forget(board);
    },
  };
}

const firstPauseMs = 250;
const longestPauseMs = 4_000;
