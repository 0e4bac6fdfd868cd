import type { Millis } from "../base/index.ts";
import type { OutletId } from "../cluster/index.ts";
import type { GroupTerms } from "./bring-up.ts";

/** What somebody asks of the power of some boards. */
export type PowerRequest = {
  readonly action: "on" | "off" | "cycle";
  /** Names of boards, as a node set gives them. */
  readonly boards: readonly string[];
  /** Which profile's limits hold; null: the cluster's first. */
  readonly profile: string | null;
  /** For `on`: switch on what the boards need and is off; who asks for every board means that too. For `off`: switch off what nothing needs any more. */
  readonly withParents: boolean;
  /** Boards that nobody named may go dark, or come on, because they share an outlet. */
  readonly allowCollateral: boolean;
  /** Power goes at once: no work is waited for, and no board is asked to halt. Absent: work ends first, then boards halt. */
  readonly atOnce?: boolean;
};

/**
 * What is known at the moment of planning. An outlet or board that is missing here is unknown. What is unknown counts
 * as off where something needs it, and as on where watts are summed.
 */
export type PowerFacts = {
  /** As last read back; null where nobody knows. One that this head has no means to switch is given as true. */
  readonly outlets: ReadonlyMap<OutletId, boolean | null>;
  readonly boards: ReadonlyMap<
    string,
    {
      /** It answers. */
      readonly isUp: boolean;
      /** It runs a job that must be drained before it goes dark. */
      readonly isWorking: boolean;
      /** Its agent can be asked to halt or to restart. */
      readonly hasAgent: boolean;
      /** As it said last; absent or null where nobody knows. */
      readonly celsius?: number | null;
    }
  >;
};

/** What a step waits for. */
export type Condition =
  | { readonly kind: "outlet"; readonly outlet: OutletId; readonly on: boolean }
  | { readonly kind: "boards-up"; readonly boards: readonly string[]; readonly atLeast: number }
  | { readonly kind: "boards-quiet"; readonly boards: readonly string[] }
  /** The port takes a connection, or (`answers: false`) takes none any more. */
  | { readonly kind: "tcp"; readonly address: string; readonly port: number; readonly answers: boolean }
  | { readonly kind: "below"; readonly boards: readonly string[]; readonly celsius: number }
  | { readonly kind: "time"; readonly ms: Millis };

/** One step of a plan. `id` is unique in the plan and the same whenever the same plan is made again. */
export type PlanStep = StepDo & { readonly id: string; readonly why: string };

/** What a step does. */
export type StepDo =
  | {
      readonly kind: "switch";
      readonly outlet: OutletId;
      readonly on: boolean;
      /** Boards that gain or lose power with it. The step is done when the outlet reads back as asked. */
      readonly boards: readonly string[];
      /** Not sooner than so long after the switch step before it. */
      readonly afterMs: Millis;
    }
  /** Press `button` of `of` (a server) by the solenoid `device`, `afterMs` after the step before. */
  | {
      readonly kind: "press";
      readonly device: string;
      readonly button: string;
      readonly of: string;
      readonly afterMs: Millis;
      /** Already so: the press is left out, for a second press would switch it off. */
      readonly unless: Condition | null;
    }
  | {
      readonly kind: "wait";
      readonly until: Condition;
      readonly timeoutMs: Millis;
      readonly onTimeout: "stop" | "go-on";
    }
  /** Give no new work, and wait until what runs has ended or been taken back. */
  | { readonly kind: "drain"; readonly boards: readonly string[]; readonly timeoutMs: Millis }
  /** Ask the agents of these boards to halt. */
  | { readonly kind: "halt"; readonly boards: readonly string[]; readonly timeoutMs: Millis }
  /** Judge one wave whose outlets the switch steps before it have switched on, cycling what `stepGroup` says. */
  | {
      readonly kind: "bring-up";
      readonly groups: readonly string[];
      readonly boards: readonly string[];
      /** By group. */
      readonly terms: Readonly<Record<string, GroupTerms>>;
    };

/** Use of one limit at the worst moment of a plan. */
export type LimitUse = {
  /** `site`, `breaker pdu1`, `supply u03`, `profile garage`, `wave`. */
  readonly limit: string;
  readonly unit: "W" | "boards";
  readonly kind: "steady" | "peak";
  readonly used: number;
  readonly allowed: number;
};

/** Boards that an outlet takes along though nobody named them. */
export type Collateral = {
  readonly outlet: OutletId;
  readonly boards: readonly string[];
  /** Those among them that work. */
  readonly working: readonly string[];
};

/** What can be carried out: plain data, so that it can be written into a journal as JSON. */
export type PowerPlan = {
  readonly request: PowerRequest;
  readonly steps: readonly PlanStep[];
  /** Parts of the plan with a name: `steps[from]` up to, not including, `steps[to]`. */
  readonly phases: readonly { readonly title: string; readonly from: number; readonly to: number }[];
  /** All boards that gain or lose power, those taken along included. */
  readonly boards: readonly string[];
  /** Outlets that are switched, each once, in the order of their first move. */
  readonly outlets: readonly OutletId[];
  /** How often an outlet is switched, repeats of a bring-up not counted. */
  readonly moves: number;
  readonly collateral: readonly Collateral[];
  readonly loads: readonly LimitUse[];
  /** What a person must know before saying yes: choices made, boards left out and why. */
  readonly notes: readonly string[];
  readonly waves: number;
};

/** One reason why a request cannot be planned. */
export type Problem = {
  /** Stable: `parent-off`, `over-supply`, `over-breaker`, `over-site`, `over-profile`, `collateral`, `unswitched`, `unknown-board`, `empty`, `unknown-profile`, `always-on`. */
  readonly rule: string;
  /** The board, outlet, breaker, supply or site that it is about. */
  readonly thing: string;
  /** The limit in figures where there is one: `1440 W (80 % of 15 A at 120 V)`. */
  readonly limit: string | null;
  readonly message: string;
  readonly hint: string;
};

/** Another way to what was asked. */
export type Alternative = {
  readonly kind:
    | "agent-restart"
    | "agent-halt"
    | "poe-port"
    | "group"
    | "wait"
    | "with-parents"
    | "fewer"
    | "profile"
    | "replug";
  readonly boards: readonly string[];
  readonly message: string;
  /** The outlet, profile or lead that it speaks of. */
  readonly thing: string | null;
};

/** The planner's answer. */
export type Planned =
  | { readonly kind: "plan"; readonly plan: PowerPlan; readonly alternatives: readonly Alternative[] }
  | {
      readonly kind: "refused";
      readonly problems: readonly Problem[];
      readonly alternatives: readonly Alternative[];
    }
  /** All is as asked. */
  | { readonly kind: "nothing"; readonly why: string };
