import type { Clock, Logger, Millis } from "@bramble/core/base";
import { ClusterError, messageOf } from "@bramble/core/base";
import type { Cluster, Outlet, OutletId } from "@bramble/core/cluster";
import type { OutletReading } from "@bramble/core/power";
import { loadWatts } from "@bramble/core/power";
import type { Bus } from "../bus.ts";
import type { Pdu } from "./pdu.ts";

/** One outlet as an operator sees it. */
export type OutletView = {
  readonly outlet: Outlet;
  /** As read back last; null when it was never read. */
  readonly reading: OutletReading;
  /** Why its PDU cannot be used now, or null. */
  readonly error: string | null;
};

/** All outlets of the cluster, over whatever PDUs there are. One PDU that is away stops no other. */
export type Outlets = AsyncDisposable & {
  all(): readonly OutletView[];
  /** As read back last; null where that is not known. */
  reads(id: OutletId): boolean | null;
  /** Does it read as on? False where that is not known. */
  isOn(id: OutletId): boolean;
  /** Is it known to be off, or can its PDU not be asked? An outlet that nothing of ours switches is not in the way. */
  isOff(id: OutletId): boolean;
  /** What is measured to be drawn in all, each watt once; null where nothing measures. */
  watts(): number | null;
  /** What a whole PDU draws by its own meter; null where it has none, or does not answer. */
  pduWatts(pdu: string): number | null;
  /** How often a switching was tried again, all PDUs together. */
  retries(): number;
  /** Has this outlet a PDU that this head can speak to? */
  canSwitch(id: OutletId): boolean;
  /**
   * Switch one outlet and read it back. Boards follow on the bus (`power.switched`).
   *
   * @throws ClusterError `outlet.unknown`, `power.no-driver`, or what the PDU said.
   */
  set(id: OutletId, on: boolean, signal: AbortSignal): Promise<void>;
  /** Read all PDUs now; those that cannot be reached are told in `all`. Never throws. */
  refresh(signal: AbortSignal): Promise<void>;
};

/** The error of outlets that this head cannot switch at all. */
export const noDriver = "no driver switches this PDU";

/** The outlets over `pdus`, read at once and again every `refreshMs`. */
export function createOutlets(parts: {
  readonly cluster: Cluster;
  readonly pdus: readonly Pdu[];
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Logger;
  readonly refreshMs?: Millis;
}): Outlets {
  const { cluster, bus, clock, log, refreshMs = 10_000 } = parts;
  const pdus = new Map(parts.pdus.map((pdu) => [pdu.id, pdu]));
  const byId = new Map(cluster.outlets.map((outlet) => [outlet.id, outlet]));
  /** What the bus was told last, by outlet. */
  const told = new Map<OutletId, boolean>();
  /** Outlets that we have switched: their first reading is news. */
  const asked = new Set<OutletId>();
  const ended = new AbortController();

  const readingOf = (outlet: Outlet): OutletReading =>
    pdus.get(outlet.pdu)?.readings()[outlet.number - 1] ?? { on: null, watts: null };
  const isOn = (id: OutletId): boolean => {
    const outlet = byId.get(id);
    return outlet !== undefined && readingOf(outlet).on === true;
  };
  const pduWatts = (id: string): number | null => {
    const pdu = pdus.get(id);
    return pdu === undefined || pdu.error() !== null ? null : loadWatts(pdu.loads(), cluster.limits.supply.volts);
  };
  /** An outlet's meter sees what hangs behind it. */
  const isMeasuredAbove = ({ id, behind }: Outlet): boolean =>
    behind !== null &&
    chainOf(byId, id)
      .slice(1)
      .some((above) => readingOf(byId.get(above)!).watts !== null);
  /** Boards that have power when this outlet and all before them are on. */
  const powered = (outlet: Outlet): string[] =>
    cluster.groups
      .filter((group) => {
        const chain = chainOf(byId, group.outlet);
        return chain.includes(outlet.id) && chain.every((id) => isOn(id) || !pdus.has(byId.get(id)?.pdu ?? ""));
      })
      .flatMap(({ boards }) => boards);

  /** Tell the bus of every outlet of this PDU that stands otherwise than it was told last, whoever switched it. */
  const tell = (pdu: string): void => {
    for (const outlet of cluster.outlets) {
      if (outlet.pdu !== pdu) continue;
      const { on } = readingOf(outlet);
      const before = told.get(outlet.id);
      if (on === null || on === before) continue;
      told.set(outlet.id, on);
      // At the start: what is off is off; what is on may have been so for days, and its boards tell for themselves.
      if (before === undefined && on && !asked.has(outlet.id)) continue;
      bus.emit("power.switched", { outlet: outlet.id, on, boards: on ? powered(outlet) : outlet.boards });
    }
    bus.emit("power.read", { pdu });
  };
  const refreshOne = async (pdu: Pdu, signal: AbortSignal): Promise<void> => {
    try {
      await pdu.refresh(signal);
    } catch (thrown) {
      log.debug({ pdu: pdu.id, error: messageOf(thrown) }, "PDU not read");
    } finally {
      // Its outlets may be read though its meter was not.
      tell(pdu.id);
    }
  };
  const refresh = async (signal: AbortSignal): Promise<void> => {
    await Promise.all([...pdus.values()].map((pdu) => refreshOne(pdu, signal)));
  };
  let isReading = false;
  const look = async (): Promise<void> => {
    if (isReading) return;
    isReading = true;
    await refresh(ended.signal);
    isReading = false;
  };
  let reading = look();
  const timer = clock.every(refreshMs, () => {
    if (!isReading) reading = look();
  });

  return {
    all: () =>
      cluster.outlets.map((outlet) => ({
        outlet,
        reading: readingOf(outlet),
        error: pdus.has(outlet.pdu) ? (pdus.get(outlet.pdu)?.error() ?? null) : noDriver,
      })),
    reads: (id) => {
      const outlet = byId.get(id);
      return outlet === undefined ? null : readingOf(outlet).on;
    },
    isOn,
    watts: () => {
      const told = cluster.pdus.flatMap(({ id }) => {
        const own = cluster.outlets.filter(({ pdu }) => pdu === id);
        const whole = own.every(({ behind }) => behind === null) ? pduWatts(id) : null;
        return whole ?? own.flatMap((outlet) => (isMeasuredAbove(outlet) ? [] : (readingOf(outlet).watts ?? [])));
      });
      return told.length === 0 ? null : told.reduce((sum, each) => sum + each, 0);
    },
    pduWatts,
    retries: () => parts.pdus.reduce((sum, pdu) => sum + pdu.retries(), 0),
    canSwitch: (id) => pdus.has(byId.get(id)?.pdu ?? ""),
    isOff: (id) => {
      const outlet = byId.get(id);
      return outlet !== undefined && pdus.has(outlet.pdu) && readingOf(outlet).on !== true;
    },
    refresh,
    async set(id, on, signal) {
      const outlet = byId.get(id);
      if (outlet === undefined) throw new ClusterError("outlet.unknown", `there is no outlet "${id.slice(0, 60)}"`);
      const pdu = pdus.get(outlet.pdu);
      if (pdu === undefined) throw new ClusterError("power.no-driver", `no driver switches ${outlet.pdu}`);
      asked.add(id);
      try {
        await pdu.set(outlet.number, on, signal);
        log.info({ outlet: id, on, boards: outlet.boards.length }, "outlet switched");
      } finally {
        tell(outlet.pdu);
      }
    },
    async [Symbol.asyncDispose]() {
      timer.cancel();
      ended.abort(new ClusterError("power.connection", "the head stops"));
      await Promise.all([...pdus.values()].map((pdu) => pdu[Symbol.asyncDispose]()));
      await reading;
    },
  };
}

/** An outlet and all that it hangs behind, itself first. */
function chainOf(byId: ReadonlyMap<OutletId, Outlet>, start: OutletId): OutletId[] {
  const chain: OutletId[] = [];
  for (let at = byId.get(start); at !== undefined && !chain.includes(at.id); at = byId.get(at.behind ?? "")) {
    chain.push(at.id);
  }
  return chain;
}
