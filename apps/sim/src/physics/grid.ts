import type { Cluster, Outlet, OutletId } from "@bramble/core/cluster";

/** Which boards have power. Outlets may stand in series: a board is fed only while every outlet on its path is on. */
export type Grid = {
  /** Turns the relay of an outlet. @returns the layout indexes of the boards whose power changed, in order. */
  turn(outlet: OutletId, on: boolean): readonly number[];
  isOn(outlet: OutletId): boolean;
  /** A board that hangs on no outlet of the file is plugged in for good. */
  hasPower(board: number): boolean;
};

/**
 * The grid of a cluster file.
 *
 * @param allOn true: every relay is closed at the start; false: only those that are never switched off.
 */
export function powerGrid(cluster: Cluster, allOn: boolean): Grid {
  const indexOf = new Map(cluster.boards.map((board) => [board.name, board.index]));
  const boardsOf = (outlet: Outlet): number[] =>
    outlet.boards.flatMap((name) => indexOf.get(name) ?? []).sort((a, b) => a - b);
  const fed = new Map(cluster.outlets.map((outlet) => [outlet.id, boardsOf(outlet)]));
  const isOn = new Map(cluster.outlets.map((outlet) => [outlet.id, allOn || outlet.alwaysOn]));
  /** How many open relays stand between each board and the mains. */
  const open = new Uint8Array(cluster.boards.length);
  for (const [outlet, boards] of fed) if (!isOn.get(outlet)) for (const board of boards) open[board]!++;
  return {
    turn(outlet, on) {
      if (isOn.get(outlet) === undefined || isOn.get(outlet) === on) return [];
      isOn.set(outlet, on);
      return fed.get(outlet)!.filter((board) => {
        const had = open[board] === 0;
        open[board]! += on ? -1 : 1;
        return had !== (open[board] === 0);
      });
    },
    isOn: (outlet) => isOn.get(outlet) ?? false,
    hasPower: (board) => open[board] === 0,
  };
}
