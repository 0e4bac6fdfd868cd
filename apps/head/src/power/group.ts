import type { Clock, Millis } from "@bramble/core/base";
import { messageOf } from "@bramble/core/base";
import type { Cluster, Group, OutletId } from "@bramble/core/cluster";
import type { GroupEvent, GroupState } from "@bramble/core/power";
import { groupTerms, isDecided, stepGroup } from "@bramble/core/power";
import type { Bus } from "../bus.ts";
import type { Outlets } from "./outlets.ts";

/** How the bring-up of one group ended. */
export type GroupResult = {
  readonly group: Group;
  readonly state: GroupState & { readonly kind: "accepted" | "gave-up" };
};

/** What a group's bring-up needs of the sequencer. */
export type GroupContext = {
  readonly cluster: Cluster;
  readonly outlets: Outlets;
  readonly bus: Bus;
  readonly paced: Clock;
  readonly isUp: (board: string) => boolean;
  /** The outlet without which this one must stay off, or null. */
  readonly blockedBy: (outlet: OutletId) => OutletId | null;
  /** Resolves when the next outlet may be switched on. */
  readonly stagger: () => Promise<void>;
};

/**
 * Bring one group up: power, wait for its boards, cycle by the rule of core/power, until it is decided. An outlet that is
 * on already is not switched; its boards are waited for as if it just had been.
 *
 * @throws the signal's reason when cancelled.
 */
export async function bringGroup(group: Group, context: GroupContext, signal: AbortSignal): Promise<GroupResult> {
  const { cluster, outlets, bus, paced, isUp, blockedBy, stagger } = context;
  const terms = groupTerms(group.boards.length, cluster.limits.boot);
  const members = new Set(group.boards);
  const upCount = (): number => group.boards.filter(isUp).length;
  let state: GroupState = { kind: "off" };
  let wake: () => void = () => {};
  const feed = (event: GroupEvent): void => {
    state = stepGroup(state, event, terms);
    wake();
  };
  const hear = ({ record }: { readonly record: { readonly name: string } }): void => {
    if (members.has(record.name)) feed({ kind: "progress", at: paced.monotonic(), up: upCount() });
  };
  const powerOn = async (): Promise<void> => {
    if (!outlets.isOn(group.outlet)) {
      const missing = blockedBy(group.outlet);
      if (missing !== null) {
        feed({ kind: "unreachable", reason: `${group.outlet} needs ${missing}, which is not on` });
        return;
      }
      await stagger();
      await outlets.set(group.outlet, true, signal);
    }
    feed({ kind: "powered", at: paced.monotonic(), up: upCount() });
  };

  const { promise: aborted, reject: abort } = Promise.withResolvers<never>();
  const onAbort = (): void => abort(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  aborted.catch(() => {}); // Heard by the races below.
  using _ends = asDisposable([
    () => signal.removeEventListener("abort", onAbort),
    bus.on("board.standing", hear),
    bus.on("boot.reported", hear),
    // A large file takes its time within one step; a board that is being served is not cut off.
    bus.on("lane.moved", ({ board }) => {
      if (members.has(board)) feed({ kind: "progress", at: paced.monotonic(), up: upCount() });
    }),
    cancelling(paced.every(tickMs, () => feed({ kind: "tick", at: paced.monotonic() }))),
  ]);
  try {
    signal.throwIfAborted();
    await powerOn();
    while (!isDecided(state)) {
      if (current(state).kind === "cycle") {
        await outlets.set(group.outlet, false, signal);
        await paced.sleep(offMs, signal);
        await powerOn();
      } else {
        const { promise, resolve } = Promise.withResolvers<void>();
        wake = resolve;
        await Promise.race([promise, aborted]);
      }
    }
  } catch (thrown) {
    signal.throwIfAborted();
    feed({ kind: "unreachable", reason: messageOf(thrown) });
  }
  return { group, state: decided(state) };
}

const tickMs: Millis = 1000;
/** Supplies need so long to run empty; the project's own shutdown order waits as long between outlets. */
const offMs: Millis = 5000;

/** The compiler cannot see that the bus changes `state` while we wait. */
function current(state: GroupState): GroupState {
  return state;
}

function decided(state: GroupState): GroupResult["state"] {
  if (isDecided(state)) return state;
  return { kind: "gave-up", attempt: state.kind === "off" ? 1 : state.attempt, up: 0, reason: "not decided" };
}

function cancelling(timer: { cancel(): void }): () => void {
  return () => timer.cancel();
}

function asDisposable(ends: readonly (() => void)[]): Disposable {
  return {
    [Symbol.dispose]() {
      for (const end of ends) end();
    },
  };
}
