import type { ReactNode } from "react";
import { useEffect, useState } from "react";
import { Button } from "react-aria-components/Button";
import { useTwin } from "../live/context.tsx";
import { whole } from "../parts/words.ts";
import { BoardTable } from "./board-table.tsx";
import type { Order } from "./lines.ts";
import { linesOf, nextOrder, sortLines } from "./lines.ts";

const pageSize = 60;

/** Every board as text under the picture: closed until wanted, always there on paper. */
export function AllBoards({ onBoard }: { onBoard: (name: string) => void }): ReactNode {
  const twin = useTwin();
  const [isOpen, setIsOpen] = useState(false);
  const [isPrinting, setIsPrinting] = useState(false);
  const [order, setOrder] = useState<Order>({ by: "name", isDown: false });
  const [shown, setShown] = useState(pageSize);
  useEffect(() => {
    const before = (): void => setIsPrinting(true);
    const after = (): void => setIsPrinting(false);
    window.addEventListener("beforeprint", before);
    window.addEventListener("afterprint", after);
    return () => {
      window.removeEventListener("beforeprint", before);
      window.removeEventListener("afterprint", after);
    };
  }, []);
  const isShown = isOpen || isPrinting;
  const lines = isShown ? sortLines(linesOf(twin), order) : [];
  const count = isPrinting ? lines.length : shown;
  return (
    <section className="all-boards">
      <Button className="fold" aria-expanded={isOpen} onPress={() => setIsOpen(!isOpen)}>
        <span aria-hidden="true">{isOpen ? "▾" : "▸"}</span> All boards
        <span className="quiet">as a list, {whole(twin.columns.count)}</span>
      </Button>
      {isShown && (
        <>
          <BoardTable
            label="All boards"
            lines={lines.slice(0, count)}
            order={order}
            onOrder={(column) => setOrder(nextOrder(order, column))}
            onBoard={onBoard}
          />
          {lines.length > count && (
            <Button className="button" onPress={() => setShown(shown + pageSize * 3)}>
              Show {whole(Math.min(pageSize * 3, lines.length - count))} more of {whole(lines.length)}
            </Button>
          )}
        </>
      )}
    </section>
  );
}
