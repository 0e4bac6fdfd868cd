import type { Connect } from "@bramble/agent";
import { connectWebSocket } from "@bramble/agent";
import type { BoardMessage, HeadMessage } from "@bramble/core/api";
import type { Mac } from "@bramble/core/base";
import { decodeSamples } from "@bramble/core/observe";

/** Everything that a head has promised to somebody, written down on the other side. */
export type Ledger = {
  /** Boards that were welcome, and under which name. */
  readonly registered: Map<Mac, string>;
  /** Times of samples that were answered with `stored` or 202. */
  readonly stored: Map<Mac, Set<number>>;
  /** Times of all samples that a real agent has sent, answered or not: it keeps them until they are. */
  readonly sent: Map<Mac, Set<number>>;
  /** Warbles that were answered with 202, and whose they are. */
  readonly posted: Map<string, string>;
  /** What boards reported for a lease, and the leases that were answered with `taken`. */
  readonly reported: Map<string, string>;
  readonly taken: Set<string>;
  /** Results that somebody has read by REST. */
  readonly read: Map<string, string>;
};

export function emptyLedger(): Ledger {
  return {
    ...{ registered: new Map(), stored: new Map(), sent: new Map(), posted: new Map() },
    ...{ reported: new Map(), taken: new Set(), read: new Map() },
  };
}

/** How many samples of how many boards stand in one of the ledger's maps. */
export function countOf(samples: ReadonlyMap<Mac, ReadonlySet<number>>): number {
  return [...samples.values()].reduce((sum, times) => sum + times.size, 0);
}

export function note(samples: Map<Mac, Set<number>>, mac: Mac, times: Iterable<number>): void {
  const known = samples.get(mac);
  if (known === undefined) samples.set(mac, new Set(times));
  else for (const at of times) known.add(at);
}

/** The Warble that a lease belongs to: leases are named `<number>.<attempt>.<chance>`. */
export function warbleOfLease(lease: string): string {
  return `w${lease.split(".")[0]}`;
}

/** The true socket of a board, with its promises written down as they pass. */
export function listeningConnect(ledger: Ledger, mac: Mac): Connect {
  return (url, events) => {
    /** On this connection: a `stored` speaks of nothing else. */
    const onTheWay: number[] = [];
    const hear = (message: HeadMessage): void => {
      if (message.type === "welcome") ledger.registered.set(mac, message.name);
      if (message.type === "taken") ledger.taken.add(message.lease);
      if (message.type === "stored")
        note(
          ledger.stored,
          mac,
          onTheWay.filter((at) => at <= message.upTo),
        );
    };
    const socket = connectWebSocket(url, {
      ...events,
      text(frame) {
        hear(JSON.parse(frame) as HeadMessage);
        events.text(frame);
      },
    });
    return {
      ...socket,
      send(frame) {
        if (typeof frame !== "string") {
          const times = decodeSamples(frame).map(({ at }) => at);
          onTheWay.push(...times);
          note(ledger.sent, mac, times);
        } else {
          const message = JSON.parse(frame) as BoardMessage;
          if (message.type === "result") ledger.reported.set(message.lease, message.outcome.out.join("\n"));
        }
        socket.send(frame);
      },
    };
  };
}
