import type { BoardSlot, OutletId } from "../cluster/index.ts";
import type { OutletReading, PowerLoad } from "./driver.ts";
import type { PowerGraph } from "./graph.ts";
import { type LoadBook, round } from "./load.ts";

/** What is known of the watts of this moment. */
export type MeterFacts = {
  /** As read back; an outlet whose PDU does not answer has no watts here. */
  readings(outlet: OutletId): OutletReading;
  /** What a whole PDU draws by its own meter; null where it has none or does not answer. */
  pduWatts(pdu: string): number | null;
  /** What a board that has power draws, by what it says of itself. */
  boardWatts(board: BoardSlot): number;
};

/** What one limit carries now. */
export type LimitReading = {
  /** `site`, `breaker pdu1`, `supply u03`. */
  readonly limit: string;
  readonly watts: number;
  /** False: nothing on it measures, and the figure follows from how hard its boards work. */
  readonly isMeasured: boolean;
  /** Steady load that is allowed. */
  readonly allowedWatts: number;
  /** What it is made for. */
  readonly ratingWatts: number;
  /** `1440 W (80 % of 15 A at 120 V)`. */
  readonly allowedText: string;
  /** Groups on it that have power, in the order of the layout. */
  readonly groups: readonly string[];
};

/**
 * What each limit carries now: as PDUs measure it; where they do not, by how hard the boards say they work. An outlet's
 * meter sees all that hangs behind it, and what its supplies lose: of that a supply gives on `suppliedPart`.
 */
export function readMeters(graph: PowerGraph, book: LoadBook, facts: MeterFacts): readonly LimitReading[] {
  const { cluster } = graph;
  const powered = new Set(
    cluster.outlets
      .map(({ id }) => id)
      .filter((id) => graph.chain(id).every((one) => facts.readings(one).on !== false)),
  );
  const behind = Map.groupBy(cluster.outlets, (outlet) => outlet.behind);
  const boardsOn = (id: OutletId): readonly BoardSlot[] =>
    (graph.groupOn(id)?.boards ?? []).map((name) => graph.boards.get(name)!);
  const thingsOn = (id: OutletId): number => {
    const atMost = book.shares(id)[0]?.steadyWatts ?? 0;
    return boardsOn(id).reduce((sum, { watts }) => sum - watts.max, atMost);
  };
  const through = (id: OutletId): Sum => {
    if (!powered.has(id)) return nothing;
    const { watts } = facts.readings(id);
    if (watts !== null) return { watts, isMeasured: true };
    const own = boardsOn(id).reduce((sum, board) => sum + facts.boardWatts(board), thingsOn(id));
    return addAll([{ watts: own, isMeasured: false }, ...(behind.get(id) ?? []).map((child) => through(child.id))]);
  };
  /** What the boards of one outlet get from their supplies. */
  const supplied = (id: OutletId): Sum => {
    if (!powered.has(id)) return nothing;
    const { watts } = facts.readings(id);
    if (watts === null)
      return { watts: boardsOn(id).reduce((sum, board) => sum + facts.boardWatts(board), 0), isMeasured: false };
    const further = addAll((behind.get(id) ?? []).map((child) => through(child.id)));
    return { watts: Math.max(0, watts - further.watts - thingsOn(id)) * suppliedPart, isMeasured: true };
  };
  const ofPdu = (pdu: string, isTop: boolean): Sum => {
    const own = cluster.outlets.filter((outlet) => outlet.pdu === pdu);
    const whole = facts.pduWatts(pdu);
    // A PDU whose leads hang behind another's is in that one's figure already.
    if (whole !== null && !(isTop && own.some((outlet) => outlet.behind !== null)))
      return { watts: whole, isMeasured: true };
    const first = own.filter((outlet) =>
      isTop ? outlet.behind === null : graph.outlets.get(outlet.behind ?? "")?.pdu !== pdu,
    );
    return addAll(first.map(({ id }) => through(id)));
  };
  const ofSupply = (supply: string): Sum =>
    addAll(
      cluster.groups.map(({ outlet }) => {
        const boards = boardsOn(outlet);
        const atMost = (some: readonly BoardSlot[]): number => some.reduce((sum, { watts }) => sum + watts.max, 0);
        const mine = atMost(boards.filter((board) => board.supply === supply));
        if (mine === 0) return nothing;
        const { watts, isMeasured } = supplied(outlet);
        return { watts: (watts * mine) / atMost(boards), isMeasured };
      }),
    );
  return book.limits.map((limit): LimitReading => {
    const [kind, id = ""] = limit.name.split(" ");
    const sum =
      kind === "site"
        ? addAll(cluster.pdus.map((pdu) => ofPdu(pdu.id, true)))
        : kind === "breaker"
          ? ofPdu(id, false)
          : ofSupply(id);
    return {
      limit: limit.name,
      ...{ watts: round(sum.watts + limit.baseWatts), isMeasured: sum.isMeasured },
      ...{ allowedWatts: limit.steadyWatts, ratingWatts: limit.peakWatts, allowedText: limit.steadyText },
      groups: cluster.groups
        .filter(({ outlet }) => powered.has(outlet) && book.shares(outlet).some((share) => share.limit === limit))
        .map((group) => group.id),
    };
  });
}

/** What a PDU draws in all, by its meters of phases or of the whole; null where they do not tell. */
export function loadWatts(loads: readonly PowerLoad[], volts: number): number | null {
  // Banks are parts of what the phases tell.
  const phases = loads.filter(({ name }) => !name.startsWith("bank "));
  const told = (phases.length > 0 ? phases : loads).map(
    ({ amps, watts }) => watts ?? (amps === null ? null : amps * volts),
  );
  return told.length === 0 || told.includes(null) ? null : told.reduce<number>((sum, each) => sum + each!, 0);
}

type Sum = { readonly watts: number; readonly isMeasured: boolean };

function addAll(sums: readonly Sum[]): Sum {
  return {
    watts: sums.reduce((sum, each) => sum + each.watts, 0),
    isMeasured: sums.some((each) => each.isMeasured),
  };
}

const nothing: Sum = { watts: 0, isMeasured: false };
/** Of what a supply takes from its outlet it gives so much to boards, the rest is heat [est]. */
const suppliedPart = 0.85;
