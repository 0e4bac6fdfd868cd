import type { Clock, Logger, Mac, Millis } from "@bramble/core/base";
import { messageOf } from "@bramble/core/base";
import type { Cluster, OutletId } from "@bramble/core/cluster";
import type { LoadBook, PowerGraph } from "@bramble/core/power";
import { gapAfter, PowerError } from "@bramble/core/power";
import type { Bus } from "../bus.ts";
import type { Registry } from "../register/registry.ts";
import type { PowerJournal } from "../store/power-plans.ts";
import type { Probe } from "./conditions.ts";
import type { Outlets } from "./outlets.ts";
import type { Stagger } from "./stagger.ts";

/** What all plans of a head work with. */
export type PlanTools = {
  readonly cluster: Cluster;
  readonly graph: PowerGraph;
  readonly book: LoadBook;
  readonly outlets: Outlets;
  readonly registry: Pick<Registry, "roster" | "apply">;
  readonly bus: Bus;
  /** True time, for what answers in its own. */
  readonly clock: Clock;
  /** Bring-up waits; scaled by `--speed`. */
  readonly paced: Clock;
  readonly log: Logger;
  readonly journal: PowerJournal;
  readonly stagger: Stagger;
  readonly probe: Probe;
  /** Press a button of a box. @throws when the box does not answer. */
  readonly press: (device: string, button: string, signal: AbortSignal) => Promise<void>;
  /** Ask a board's agent to halt; false when it has no link. */
  readonly halt: (board: Mac, reason: string) => boolean;
  /** Boards that are given no work while their group is judged: it may be cycled yet. */
  readonly held: Set<string>;
  /** Outlets that were switched on since this head started. */
  readonly started: Set<OutletId>;
  /** When this head started, by `clock.monotonic`, and how many times faster `paced` goes. */
  readonly life: { readonly since: Millis; readonly speed: number };
  /** Which plan switches an outlet at this moment. */
  readonly switching: Map<OutletId, number>;
  /** An outlet read back otherwise than it was switched. */
  readonly contradicted: (outlet: OutletId, why: string) => void;
  readonly tell: (kind: string, level: "info" | "warn" | "error", message: string) => void;
};

/** One switching that a plan asks for. */
export type Move = {
  readonly plan: number;
  readonly step: string;
  readonly outlet: OutletId;
  readonly on: boolean;
  readonly afterMs?: Millis;
};

/**
 * Switch an outlet for a plan: nothing when it reads so already, else with the intent in the journal before and the outcome
 * after. Starts of all plans are staggered.
 *
 * @returns whether it was switched.
 * @throws what the PDU said; the outcome is kept.
 */
export async function makeMove(move: Move, tools: PlanTools, signal: AbortSignal): Promise<boolean> {
  const { cluster, book, outlets, journal, stagger, switching } = tools;
  const { plan, step, outlet, on, afterMs = 0 } = move;
  if (outlets.reads(outlet) === on) return false;
  const turn = async (): Promise<void> => {
    const number = await journal.intend(plan, { step, outlet, on });
    switching.set(outlet, plan);
    try {
      await outlets.set(outlet, on, signal);
    } catch (thrown) {
      if (!signal.aborted) await journal.outcome(number, "failed");
      if (thrown instanceof PowerError && thrown.code === "power.readback")
        tools.contradicted(outlet, `was switched ${on ? "on" : "off"} and reads ${on ? "off" : "on"}`);
      throw thrown;
    } finally {
      switching.delete(outlet);
    }
    if (on) tools.started.add(outlet);
    await journal.outcome(number, "seen");
  };
  if (on) await stagger.start({ afterMs, gapMs: gapAfter(cluster, book.startWatts(outlet)) }, turn, signal);
  else await turn();
  return true;
}

/** What is in the way of this move, or null: a need that is off, or a child that is still on. */
export function blockerOf(outlet: OutletId, on: boolean, { graph, outlets }: PlanTools): string | null {
  if (on) {
    const missing = [...graph.before(outlet)].find((needed) => outlets.isOff(needed));
    return missing === undefined ? null : `${outlet} needs ${missing}, which is not on`;
  }
  const user = [...graph.after(outlet)].find((child) => outlets.isOn(child));
  return user === undefined ? null : `${outlet} stays on: ${user} needs it and is not off`;
}

/** Something that went wrong, as a sentence; rethrown when it is only that the plan ends. */
export function faultOf(thrown: unknown, signal: AbortSignal): string {
  if (signal.aborted) throw thrown;
  return messageOf(thrown);
}
