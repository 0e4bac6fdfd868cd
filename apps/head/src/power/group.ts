import type { Clock, Millis } from "@bramble/core/base";
import { messageOf } from "@bramble/core/base";
import type { Group } from "@bramble/core/cluster";
import type { GroupEvent, GroupState, GroupTerms } from "@bramble/core/power";
import { isDecided, stepGroup } from "@bramble/core/power";
import type { Bus } from "../bus.ts";

/** How the bring-up of one group ended. */
export type GroupResult = {
  readonly group: Group;
  readonly state: GroupState & { readonly kind: "accepted" | "gave-up" };
};

/** What a group's bring-up needs of its plan. */
export type GroupContext = {
  readonly bus: Bus;
  readonly paced: Clock;
  readonly terms: GroupTerms;
  /** Starts that it has had already, before a restart of the head. */
  readonly attempts: number;
  readonly isUp: (board: string) => boolean;
  readonly isWorking: (board: string) => boolean;
  readonly isOn: () => boolean;
  /** Why it cannot get power, or null. */
  readonly blocked: () => string | null;
  /** Switch its outlet, unless it reads so already. */
  readonly turn: (on: boolean) => Promise<void>;
  /** It is cycled: so many came up. */
  readonly cycled: (up: number) => void;
};

/**
 * Judge one group: wait for its boards, cycle its outlet by the rule of core/power, until it is decided. An outlet that is
 * off gets power first. A group in which somebody works is not cycled.
 *
 * @throws the signal's reason when cancelled.
 */
export async function bringGroup(group: Group, context: GroupContext, signal: AbortSignal): Promise<GroupResult> {
  const { bus, paced, terms, isUp, isOn, blocked, turn } = context;
  const members = new Set(group.boards);
  const upCount = (): number => group.boards.filter(isUp).length;
  let state: GroupState =
    context.attempts > 1 ? { kind: "cycle", attempt: context.attempts - 1, up: 0 } : { kind: "off" };
  let wake: () => void = () => {};
  const feed = (event: GroupEvent): void => {
    state = stepGroup(state, event, terms);
    wake();
  };
  const hear = ({ record }: { readonly record: { readonly name: string } }): void => {
    if (members.has(record.name)) feed({ kind: "progress", at: paced.monotonic(), up: upCount() });
  };
  const powerOn = async (): Promise<void> => {
    if (!isOn()) {
      const reason = blocked();
      if (reason !== null) {
        feed({ kind: "unreachable", reason });
        return;
      }
      await turn(true);
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
      const now = current(state);
      if (now.kind === "cycle") {
        const working = group.boards.find(context.isWorking);
        if (working !== undefined) {
          const reason = `${now.up} of ${terms.size} came up; ${working} works, so ${group.outlet} is not cycled`;
          feed({ kind: "unreachable", reason });
          continue;
        }
        context.cycled(now.up);
        await turn(false);
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
