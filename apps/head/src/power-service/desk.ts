/** How a board's power stands: by its outlets as they read back, whatever the board does with it. */
export type PowerState = "on" | "off" | "unknown";

/**
 * What a stranger's tool may ask. `off` and `cycle` take power at once, as such tools mean it; `shutdown` lets boards halt
 * first; `restart` and `halt` go to the boards' agents: no outlet moves.
 */
export type DeskAction = "on" | "off" | "shutdown" | "cycle" | "restart" | "halt";

/** What came of asking. */
export type DeskAnswer =
  | { readonly kind: "started"; readonly plan: string }
  /** The agents of these boards were told. */
  | { readonly kind: "told"; readonly boards: readonly string[] }
  /** All is as asked already. */
  | { readonly kind: "nothing"; readonly why: string }
  | {
      readonly kind: "refused";
      /** Of the error table: `power.collateral`, `power.busy`, … */
      readonly code: string;
      readonly reasons: readonly string[];
      /** Other ways, as sentences. */
      readonly instead: readonly string[];
    };

/** A plan under way, or how it ended. */
export type DeskPlan = {
  readonly id: string;
  readonly state: "waiting" | "running" | "done" | "failed" | "cancelled";
  readonly message: string;
  readonly at: number;
  readonly endedAt: number | null;
  readonly stepsDone: number;
  readonly steps: number;
  /** Boards that have power and did not come up, each with the step at which it stopped. */
  readonly missing: readonly { readonly board: string; readonly step: string }[];
};

/** One PDU and its outlets. */
export type DeskPdu = {
  readonly id: string;
  readonly model: string;
  readonly driver: string;
  readonly error: string | null;
  readonly outlets: readonly DeskOutlet[];
};

/** One outlet. */
export type DeskOutlet = {
  readonly number: number;
  readonly circuit: string;
  readonly power: PowerState;
  readonly watts: number | null;
  /** All boards that go dark with it. */
  readonly boards: readonly string[];
};

/** One board, for those who know no Pi. */
export type DeskBoard = {
  readonly name: string;
  readonly power: PowerState;
  /** A word of STYLE: `up`, `silent`, … */
  readonly state: string;
  readonly model: string | null;
  readonly serial: string | null;
  readonly mac: string | null;
  readonly cores: number | null;
  readonly memoryMb: number | null;
  readonly celsius: number | null;
  /** `pdu1.3`; null where nothing switches it. */
  readonly outlet: string | null;
  /** Boards that lose power with it. */
  readonly neighbours: readonly string[];
};

/** All that the doors for strangers' tools know of power: who is there, how it stands, and asking. Never an outlet past the planner. */
export type PowerDesk = {
  /** Names of the file's boards, in the order of the layout. */
  boards(): readonly string[];
  /** @throws ClusterError `input.node-set` where it is none, or names a board that there is not. */
  boardsOf(set: string): readonly string[];
  board(name: string): DeskBoard | null;
  stateOf(name: string): PowerState;
  pdus(): readonly DeskPdu[];
  /** Never throws what a person can mend: that is `refused`. @param by who asks, for the journal: `powerman`, `redfish`. */
  ask(action: DeskAction, boards: readonly string[], by: string): Promise<DeskAnswer>;
  plan(id: string): DeskPlan | null;
  /** Those under way, and the newest that ended. */
  plans(): readonly DeskPlan[];
};

/** Has it ended? */
export function isEnded({ state }: DeskPlan): boolean {
  return state === "done" || state === "failed" || state === "cancelled";
}
