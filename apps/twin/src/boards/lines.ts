import type { StateKind } from "@bramble/core/observe";
import { stateKinds } from "@bramble/core/observe";
import { readRow } from "../live/columns.ts";
import type { Twin } from "../live/twin.ts";

/** One board as one line of a table. */
export type BoardLine = {
  readonly name: string;
  readonly state: StateKind;
  readonly place: string;
  readonly temperature: number | null;
  readonly cpu: number | null;
  readonly memory: number | null;
};

/** A column that the table may be sorted by. */
export type Column = keyof BoardLine;

/** How a table is sorted. */
export type Order = { readonly by: Column; readonly isDown: boolean };

/** The table's columns, in order. */
export const columnsOfTable: readonly { readonly id: Column; readonly label: string; readonly isNumber: boolean }[] = [
  { id: "name", label: "Board", isNumber: false },
  { id: "state", label: "State", isNumber: false },
  { id: "place", label: "Place", isNumber: false },
  { id: "temperature", label: "Heat", isNumber: true },
  { id: "cpu", label: "CPU", isNumber: true },
  { id: "memory", label: "Memory", isNumber: true },
];

/** All boards that the twin knows, by index. */
export function linesOf(twin: Twin): BoardLine[] {
  return (twin.layout?.boards ?? []).map((board) => {
    const row = readRow(twin.columns, board.index);
    return {
      name: board.name,
      state: row.state,
      place: board.bank === null ? "others" : `${board.rack} ${board.bank} ${String(board.slot).padStart(2, "0")}`,
      temperature: row.temperatureC,
      cpu: row.cpu,
      memory: row.memory,
    };
  });
}

/** The lines in order; what is not known comes last either way. */
export function sortLines(lines: readonly BoardLine[], { by, isDown }: Order): BoardLine[] {
  const key = (line: BoardLine): string | number | null => (by === "state" ? stateKinds.indexOf(line.state) : line[by]);
  return [...lines].sort((a, b) => {
    const [one, other] = [key(a), key(b)];
    if (one === null || other === null) return one === other ? 0 : one === null ? 1 : -1;
    const order = one < other ? -1 : one > other ? 1 : 0;
    return isDown ? -order : order;
  });
}

/** The order after a press on a column's head: the other way round, or numbers from the highest. */
export function nextOrder(order: Order, column: Column): Order {
  if (order.by === column) return { by: column, isDown: !order.isDown };
  return { by: column, isDown: columnsOfTable.find(({ id }) => id === column)?.isNumber ?? false };
}
