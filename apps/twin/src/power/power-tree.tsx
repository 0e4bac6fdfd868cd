import type { ReactNode } from "react";
import { memo, useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import type { Key, Selection } from "react-aria-components/Tree";
import { Tree, TreeItem } from "react-aria-components/Tree";
import { useParts } from "../live/context.tsx";
import { IndexContext } from "./boards-bar.tsx";
import type { OutletNode, PduNode } from "./graph.ts";
import { firstOpen, keyOf, rowsWithoutBoards } from "./graph.ts";
import { BoardRow, BoardsRow, OutletRow, PduRow, Row, ThingRow } from "./tree-rows.tsx";

/** What the tree needs. */
export type PowerTreeProps = {
  readonly graph: readonly PduNode[];
  readonly chosen: ReadonlySet<string>;
  readonly onChoose: (chosen: ReadonlySet<string>) => void;
};

/** PDUs, their outlets, what these feed, and the boards: a tree in which arrows walk and open, and Space chooses. */
export const PowerTree = memo(function PowerTree({ graph, chosen, onChoose }: PowerTreeProps): ReactNode {
  const { twin } = useParts();
  const names = useSyncExternalStore(twin.subscribe, () => twin.names);
  const indexes = useMemo(() => new Map(names.map((name, index) => [name, index])), [names]);
  const [open, setOpen] = useState<ReadonlySet<Key>>(() => new Set(firstOpen(graph, mostOpen())));
  const empty = useMemo(() => rowsWithoutBoards(graph), [graph]);
  const seen = useRef(new Set(graph.map(({ id }) => id)));
  // PDUs that come with another cluster file open as at first; what a person opened or closed stays so.
  useEffect(() => {
    const fresh = firstOpen(
      graph.filter(({ id }) => !seen.current.has(id)),
      mostOpen(),
    );
    for (const { id } of graph) seen.current.add(id);
    if (fresh.length > 0) setOpen((before) => new Set([...before, ...fresh]));
  }, [graph]);
  const choose = (selection: Selection): void => {
    onChoose(new Set(selection === "all" ? graph.map(({ id }) => keyOf.pdu(id)) : [...selection].map(String)));
  };
  return (
    <IndexContext value={indexes}>
      <Tree
        className="power-tree"
        aria-label="What has power"
        selectionMode="multiple"
        disabledKeys={empty}
        disabledBehavior="selection"
        selectedKeys={chosen}
        onSelectionChange={choose}
        expandedKeys={open}
        onExpandedChange={setOpen}
      >
        {graph.map((node) => (
          <TreeItem key={node.id} id={keyOf.pdu(node.id)} textValue={node.id} className="power-item">
            <Row>
              <PduRow node={node} />
            </Row>
            {node.outlets.map((outlet) => outletItem(outlet, open))}
          </TreeItem>
        ))}
      </Tree>
    </IndexContext>
  );
});

/** So many outlets are shown at first; a phone has room for few. */
function mostOpen(): number {
  return window.matchMedia("(max-width: 760px)").matches ? 8 : 60;
}

/** Not a component: a tree's items must be known to the tree itself. */
function outletItem(node: OutletNode, open: ReadonlySet<Key>): ReactNode {
  const { id, names, things, behind, outlet } = node;
  const [only] = names;
  // A row opens by keys only where the tree knows a child of it; of boards that are folded one is enough.
  const known = open.has(keyOf.boards(id)) ? names : names.slice(0, 1);
  return (
    <TreeItem key={id} id={keyOf.outlet(id)} textValue={`${id} ${outlet.circuit}`} className="power-item">
      <Row>
        <OutletRow node={node} />
      </Row>
      {things.map((thing) => (
        <TreeItem key={thing.id} id={keyOf.thing(id, thing.id)} textValue={thing.id} className="power-item">
          <Row>
            <ThingRow thing={thing} standing={node.standing} />
          </Row>
        </TreeItem>
      ))}
      {names.length === 1 && boardItem(only!)}
      {names.length > 1 && (
        <TreeItem id={keyOf.boards(id)} textValue={`boards of ${id}`} className="power-item">
          <Row>
            <BoardsRow outlet={outlet} names={names} />
          </Row>
          {known.map(boardItem)}
        </TreeItem>
      )}
      {behind.map((each) => outletItem(each, open))}
    </TreeItem>
  );
}

function boardItem(name: string): ReactNode {
  return (
    <TreeItem key={name} id={keyOf.board(name)} textValue={name} className="power-item">
      <Row>
        <BoardRow name={name} />
      </Row>
    </TreeItem>
  );
}
