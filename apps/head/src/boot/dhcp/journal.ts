import type { Clock, Logger, Mac, Millis, Timer } from "@bramble/core/base";
import { messageOf } from "@bramble/core/base";
import type { Ipv4, Lease } from "@bramble/core/boot";
import type { LeaseStore } from "../../store/leases.ts";
import type { DhcpAlarm } from "./alarm.ts";

/** An answer that waits for its lease to be durable. */
type Waiting = { readonly mac: Mac; readonly address: Ipv4; send(): void };

/** Leases on their way to the store, and the answers that wait for them: nothing is promised before it is written. */
export type Journal = AsyncDisposable & {
  /** Write these, soon, together with whatever else comes. */
  write(leases: readonly Lease[]): void;
  /**
   * Send now when what the store has of this address is what the book has; else after the commit. Of one board only the
   * newest answer waits.
   */
  whenWritten(answer: Waiting): void;
  /** Answers that wait now. */
  waiting(): number;
};

/** What the journal counts. */
export type JournalCounts = { superseded: number; overloaded: number; unwritten: number; commits: number };

/** How patient the journal is. */
export type JournalTerms = {
  /** Leases that come within this share a commit. */
  readonly gatherMs: Millis;
  /** After a failed commit the next is tried this much later. */
  readonly retryMs: Millis;
  /** Answers of so many boards may wait; later ones are dropped: their boards ask again. */
  readonly mostWaiting: number;
};

/** As the head has it. */
export const journalTerms: JournalTerms = { gatherMs: 2, retryMs: 1000, mostWaiting: 4096 };

/** A journal over the store's slice. */
export function createJournal(parts: {
  readonly leases: LeaseStore;
  readonly counts: JournalCounts;
  readonly alarm: (alarm: DhcpAlarm) => void;
  readonly clock: Clock;
  readonly log: Logger;
  readonly terms?: JournalTerms;
}): Journal {
  const { leases, counts, alarm, clock, log, terms = journalTerms } = parts;
  /** The newest state of each address that the store does not have yet. */
  const pending = new Map<Ipv4, Lease>();
  const waiting = new Map<Mac, Waiting>();
  let timer: Timer | null = null;
  let commit: Promise<void> | null = null;
  let isFailing = false;
  let isClosed = false;

  const arm = (ms: Millis): void => {
    if (timer !== null || commit !== null || isClosed) return;
    timer = clock.after(ms, () => {
      timer = null;
      commit = flush().finally(() => {
        commit = null;
        if (pending.size > 0) arm(isFailing ? terms.retryMs : terms.gatherMs);
      });
    });
  };

  const flush = async (): Promise<void> => {
    const batch = [...pending.values()];
    try {
      await leases.save(batch);
    } catch (thrown) {
      fail(thrown, batch.length);
      return;
    }
    counts.commits++;
    for (const lease of batch) if (pending.get(lease.address) === lease) pending.delete(lease.address);
    if (isFailing) {
      isFailing = false;
      log.info({ leases: batch.length }, "leases can be written again");
      alarm({ kind: "dhcp.written", level: "info", board: null, message: "DHCP answers again: leases can be written" });
    }
    for (const [mac, answer] of waiting) {
      if (pending.has(answer.address)) continue;
      waiting.delete(mac);
      answer.send();
    }
  };

  const fail = (thrown: unknown, unwritten: number): void => {
    counts.unwritten += waiting.size;
    waiting.clear();
    if (isFailing) return;
    isFailing = true;
    const error = messageOf(thrown);
    log.error({ error, leases: unwritten }, "leases cannot be written: no DHCP answers until they can");
    alarm({
      kind: "dhcp.unwritten",
      level: "error",
      board: null,
      message: `DHCP answers nobody who needs a new lease, because leases cannot be written: ${error}`,
    });
  };

  return {
    write(writes) {
      for (const lease of writes) pending.set(lease.address, lease);
      if (writes.length > 0) arm(isFailing ? terms.retryMs : terms.gatherMs);
    },
    whenWritten(answer) {
      if (!pending.has(answer.address)) {
        // What waited for an older write of this board is older than this.
        if (waiting.size > 0 && waiting.delete(answer.mac)) counts.superseded++;
        answer.send();
        return;
      }
      if (waiting.delete(answer.mac)) counts.superseded++;
      else if (waiting.size >= terms.mostWaiting) {
        counts.overloaded++;
        return;
      }
      waiting.set(answer.mac, answer);
    },
    waiting: () => waiting.size,
    async [Symbol.asyncDispose]() {
      isClosed = true;
      timer?.cancel();
      await commit;
      waiting.clear();
      if (pending.size > 0 && !isFailing) await flush();
    },
  };
}
