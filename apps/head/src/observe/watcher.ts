import type { Clock, Mac, Millis } from "@bramble/core/base";
import type { Neighbour, WatchTerms } from "@bramble/core/observe";
import { blame, judge, startWatch, tickWatch, watchNow, watchTerms } from "@bramble/core/observe";
import type { Registry } from "../register/registry.ts";

/** One link under watch. */
export type Watched = {
  /** A frame came, of whatever kind. */
  heard(): void;
  /** A frame of samples came. */
  sampled(): void;
  /** We do not read from it for a while (`true`), or read again: not its fault. */
  hold(isHeld: boolean): void;
  close(): void;
};

/** Sees who falls silent, and names the cause. */
export type Watcher = Disposable & {
  /**
   * Watch a link from now on.
   *
   * @param onSilent its heartbeats ceased. @param onBack they came again, on the same link.
   */
  watch(mac: Mac, onSilent: () => void, onBack: () => void): Watched;
  /** A board without a link sent a fresh sample by REST. */
  reported(mac: Mac): void;
  /** By how much the head itself was late at the last tick. */
  lagMs(): Millis;
};

/** A watcher with its tick running. */
export function createWatcher(parts: {
  readonly registry: Registry;
  readonly clock: Clock;
  readonly terms?: WatchTerms;
  /** A board known only by REST is silent after this. */
  readonly unheardMs?: Millis;
}): Watcher {
  const { registry, clock, terms = watchTerms, unheardMs = 60_000 } = parts;
  const { roster } = registry;
  const pulses = new Set<Pulse>();
  const reports = new Map<Mac, Millis>();
  let time = startWatch(clock.monotonic());
  const now = (): Millis => watchNow(time, clock.monotonic(), terms);

  const apply = (mac: Mac, kind: "lapsed" | "linked" | "hung" | "sampled" | "reported" | "unheard"): void => {
    const entry = roster.byMac(mac);
    if (entry !== null) registry.apply(entry.index, { kind });
  };

  const tick = (): void => {
    time = tickWatch(time, clock.monotonic(), terms);
    let hasLapsed = false;
    for (const pulse of pulses) {
      if (pulse.isHeld) pulse.heardAt = pulse.sampledAt = time.at;
      const verdict = judge(pulse, time.at, terms);
      if (verdict === "silent" && !pulse.isSilent) {
        pulse.isSilent = hasLapsed = true;
        apply(pulse.mac, "lapsed");
        pulse.onSilent();
      } else if (verdict === "hung" && !pulse.isHung && !pulse.isSilent) {
        pulse.isHung = true;
        apply(pulse.mac, "hung");
      }
    }
    for (const [mac, heardAt] of reports) {
      if (time.at - heardAt <= unheardMs) continue;
      reports.delete(mac);
      if (roster.byMac(mac)?.isLinked === false) apply(mac, "unheard");
    }
    if (hasLapsed) nameCauses();
  };

  const nameCauses = (): void => {
    const neighbours: Neighbour[] = [];
    for (const { index, slot, standing } of roster.all()) {
      if (slot === null) continue;
      const { state, since } = standing;
      const isLive = state.kind === "up" || state.kind === "draining";
      const isUnexplained = state.kind === "silent" && unexplained.has(state.cause);
      if (isLive || isUnexplained)
        neighbours.push({ index, group: slot.group, switch: slot.switch, silentAt: isLive ? null : since });
    }
    for (const { cause, indexes } of blame(neighbours, clock.now()))
      for (const index of indexes) registry.apply(index, { kind: "blamed", cause });
  };

  const ticking = clock.every(terms.tickMs, tick);
  return {
    watch(mac, onSilent, onBack) {
      const pulse: Pulse = {
        ...{ mac, onSilent, heardAt: now(), sampledAt: now() },
        ...{ isSilent: false, isHung: false, isHeld: false },
      };
      pulses.add(pulse);
      const heard = (): void => {
        pulse.heardAt = now();
        if (!pulse.isSilent) return;
        pulse.isSilent = pulse.isHung = false;
        pulse.sampledAt = pulse.heardAt;
        apply(mac, "linked");
        onBack();
      };
      return {
        heard,
        sampled() {
          heard();
          pulse.sampledAt = pulse.heardAt;
          pulse.isHung = false;
          const state = roster.byMac(mac)?.standing.state.kind;
          if (state !== "up" && state !== "draining") apply(mac, "sampled");
        },
        hold(isHeld) {
          pulse.isHeld = isHeld;
          pulse.heardAt = now();
        },
        close: () => void pulses.delete(pulse),
      };
    },
    reported(mac) {
      reports.set(mac, now());
      apply(mac, "reported");
    },
    lagMs: () => time.lagMs,
    [Symbol.dispose]: () => ticking.cancel(),
  };
}

type Pulse = {
  readonly mac: Mac;
  readonly onSilent: () => void;
  heardAt: Millis;
  sampledAt: Millis;
  isSilent: boolean;
  isHung: boolean;
  isHeld: boolean;
};

const unexplained: ReadonlySet<string> = new Set(["board", "group", "switch"]);
