import type { SampleBody } from "@bramble/core/api";
import type { Clock, Logger, Mac, Millis } from "@bramble/core/base";
import { ClusterError, parseMac } from "@bramble/core/base";
import type { BoardSample, Readings, Sample } from "@bramble/core/observe";
import { readingRanges, settleTimes, withinRanges } from "@bramble/core/observe";
import type { Bus } from "../bus.ts";
import type { Registry } from "../register/registry.ts";
import type { SampleStore } from "../store/samples.ts";
import type { Watcher } from "./watcher.ts";

/** The way of samples into the store, from links and from REST. */
export type Ingest = {
  /** Samples of one board over its link; resolves after the commit. @throws ClusterError of the store. */
  fromLink(mac: Mac, samples: readonly Sample[]): Promise<{ readonly stored: number }>;
  /** Samples that anybody posted. Unknown boards are discovered. @throws ClusterError `input.mac` before anything is stored. */
  fromRest(bodies: readonly SampleBody[]): Promise<{ readonly stored: number }>;
  /** Stored since the start, and a second over the last five. */
  counters(): { readonly stored: number; readonly perSecond: number };
};

/** Ingest over a store; the newest samples that it holds are in the roster at once. */
export function createIngest(parts: {
  readonly samples: SampleStore;
  readonly registry: Registry;
  readonly watcher: Watcher;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Logger;
}): Ingest {
  const { samples: store, registry, watcher, bus, clock, log } = parts;
  const { roster } = registry;
  const rate = createRate(clock);
  /** Boards whose wrong clock or impossible readings were told once. */
  const told = { clock: new Set<Mac>(), readings: new Set<Mac>() };
  let total = 0;

  const noteLatest = (mac: Mac, sample: Sample): void => {
    const entry = roster.byMac(mac);
    if (entry !== null && (entry.latest === null || sample.at > entry.latest.at))
      registry.note(entry.index, { latest: sample });
  };
  for (const { mac, sample } of store.newest()) noteLatest(mac, sample);

  const clean = (mac: Mac, samples: readonly Sample[]): readonly Sample[] => {
    const settled = settleTimes(samples, clock.now());
    if (settled.movedMs > 0 && !told.clock.has(mac)) {
      told.clock.add(mac);
      const name = roster.byMac(mac)?.name ?? mac;
      log.warn({ mac, name, aheadMs: settled.movedMs }, "clock of a board is ahead; its samples are taken as of now");
      bus.emit("event", {
        kind: "board.clock",
        level: "warn",
        board: name,
        message: `${name}: its clock is ${Math.round(settled.movedMs / 1000)} s ahead; its samples are taken as of now`,
      });
    }
    const possible = settled.samples.map(withinRanges);
    if (!told.readings.has(mac) && possible.some((sample, i) => sample !== settled.samples[i])) {
      told.readings.add(mac);
      log.warn({ mac }, "impossible readings of a board left out");
    }
    return possible;
  };

  const keep = async (batch: readonly BoardSample[]): Promise<{ stored: number }> => {
    const { stored } = await store.append(batch);
    total += stored;
    rate.add(stored);
    const newest = new Map<Mac, BoardSample>();
    for (const entry of batch)
      if (entry.sample.at >= (newest.get(entry.mac)?.sample.at ?? 0)) newest.set(entry.mac, entry);
    for (const { mac, sample } of newest.values()) noteLatest(mac, sample);
    if (stored > 0) bus.emit("samples.stored", { newest: [...newest.values()], count: stored });
    return { stored };
  };

  return {
    fromLink: (mac, samples) => keep(clean(mac, samples).map((sample) => ({ mac, sample }))),
    async fromRest(bodies) {
      const byBoard = new Map<Mac, Sample[]>();
      for (const [place, body] of bodies.entries()) {
        const mac = parseMac(body.mac);
        if (mac === null) throw new ClusterError("input.mac", `sample ${place}: "${body.mac}" is no MAC of a board`);
        const samples = byBoard.get(mac) ?? [];
        samples.push(sampleOf(body));
        byBoard.set(mac, samples);
      }
      const strangers = [...byBoard.keys()].filter((mac) => roster.byMac(mac) === null);
      await Promise.all(strangers.map((mac) => registry.discover({ mac })));
      const batch: BoardSample[] = [];
      for (const [mac, samples] of byBoard) for (const sample of clean(mac, samples)) batch.push({ mac, sample });
      const answer = await keep(batch);
      for (const mac of byBoard.keys()) {
        const entry = roster.byMac(mac);
        if (entry === null || entry.isLinked || entry.latest === null) continue;
        if (clock.now() - entry.latest.at < freshMs) watcher.reported(mac);
      }
      return answer;
    },
    counters: () => ({ stored: total, perSecond: rate.perSecond() }),
  };
}

/** A posted sample that is older than this is history, not a sign of life. */
const freshMs: Millis = 60_000;

function sampleOf(body: SampleBody): Sample {
  const readings = Object.fromEntries(
    Object.keys(readingRanges).map((key) => [key, body[key as keyof Readings] ?? null]),
  );
  return { ...(readings as Readings), at: body.at, processes: body.processes ?? [] };
}

/** A count a second over the last five whole seconds. */
function createRate(clock: Clock) {
  const seconds = new Map<number, number>();
  const second = (): number => Math.floor(clock.monotonic() / 1000);
  const forget = (): void => {
    for (const at of seconds.keys()) if (at < second() - 5) seconds.delete(at);
  };
  return {
    add(count: number): void {
      forget();
      seconds.set(second(), (seconds.get(second()) ?? 0) + count);
    },
    perSecond(): number {
      forget();
      let sum = 0;
      for (const [at, count] of seconds) if (at < second()) sum += count;
      return sum / 5;
    },
  };
}
