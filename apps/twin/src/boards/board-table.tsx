import type { ReactNode } from "react";
import { Button } from "react-aria-components/Button";
import { Swatch } from "../parts/swatch.tsx";
import type { BoardLine, Column, Order } from "./lines.ts";
import { columnsOfTable } from "./lines.ts";

/** What a table of boards shows. */
export type BoardTableProps = {
  readonly lines: readonly BoardLine[];
  readonly order: Order;
  readonly onOrder: (column: Column) => void;
  readonly onBoard: (name: string) => void;
  readonly label: string;
};

/** Boards as a real table: for reading, for screen readers, for paper. */
export function BoardTable({ lines, order, onOrder, onBoard, label }: BoardTableProps): ReactNode {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
    <section className="table-scroll" tabIndex={0} aria-label={label}>
      <table className="boards">
        <caption className="unseen">{label}</caption>
        <thead>
          <tr>
            {columnsOfTable.map(({ id, label: title, isNumber }) => (
              <th
                key={id}
                scope="col"
                data-number={isNumber}
                aria-sort={order.by !== id ? "none" : order.isDown ? "descending" : "ascending"}
              >
                <Button className="sort" onPress={() => onOrder(id)}>
                  {title}
                  <span aria-hidden="true">{order.by !== id ? "" : order.isDown ? " ↓" : " ↑"}</span>
                </Button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {lines.map((line) => (
            <tr key={line.name}>
              <th scope="row">
                <Button className="link-button" onPress={() => onBoard(line.name)}>
                  {line.name}
                </Button>
              </th>
              <td>
                <span className="state">
                  <Swatch state={line.state} />
                  {line.state}
                </span>
              </td>
              <td>{line.place}</td>
              <td data-number="true">{line.temperature === null ? "–" : `${line.temperature.toFixed(1)} °C`}</td>
              <td data-number="true">{line.cpu === null ? "–" : `${line.cpu} %`}</td>
              <td data-number="true">{line.memory === null ? "–" : `${line.memory} %`}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
