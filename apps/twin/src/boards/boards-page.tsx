import type { BoardBody } from "@bramble/core/api";
import { messageOf } from "@bramble/core/base";
import type { StateKind } from "@bramble/core/observe";
import { stateKinds } from "@bramble/core/observe";
import type { ReactNode } from "react";
import { useEffect, useRef, useState } from "react";
import { Button } from "react-aria-components/Button";
import { Input } from "react-aria-components/Input";
import { Label } from "react-aria-components/Label";
import { SearchField } from "react-aria-components/SearchField";
import { useLocation, useSearchParams } from "wouter";
import { useParts, useTwin } from "../live/context.tsx";
import { whole } from "../parts/words.ts";
import { BoardTable } from "./board-table.tsx";
import type { Order } from "./lines.ts";
import { linesOf, nextOrder, sortLines } from "./lines.ts";

const pageSize = 100;
/** What only the head can resolve: brackets, groups, operators. Everything else is looked for in names and places here. */
const nodeSetSigns = /[@[\]!&,]/;

/** The list of boards, narrowed by state, by words or by a node set that the head resolves. */
export function BoardsPage(): ReactNode {
  const twin = useTwin();
  const { rest } = useParts();
  const [, navigate] = useLocation();
  const [params, setParams] = useSearchParams();
  const input = useRef<HTMLInputElement>(null);
  const [order, setOrder] = useState<Order>({ by: "name", isDown: false });
  const [shown, setShown] = useState(pageSize);
  const [inSet, setInSet] = useState<
    { set: string; names: ReadonlySet<string> } | { set: string; problem: string } | null
  >(null);
  const query = params.get("set") ?? "";
  const state = params.get("state") ?? "";
  const isSet = nodeSetSigns.test(query);

  useEffect(() => {
    if (params.get("focus") === "search") input.current?.focus();
  }, [params]);

  useEffect(() => {
    if (!isSet) return setInSet(null);
    const ended = new AbortController();
    rest
      .get<{ boards: BoardBody[] }>(
        `/boards?limit=5000&set=${encodeURIComponent(query)}`,
        AbortSignal.any([ended.signal, AbortSignal.timeout(10_000)]),
      )
      .then(({ boards }) => setInSet({ set: query, names: new Set(boards.map(({ name }) => name)) }))
      .catch((thrown) => {
        if (!ended.signal.aborted) setInSet({ set: query, problem: messageOf(thrown) });
      });
    return () => ended.abort();
  }, [query, isSet, rest]);

  const change = (key: string, value: string): void => {
    setShown(pageSize);
    setParams(
      (before) => {
        const after = new URLSearchParams(before);
        after.delete("focus");
        if (value === "") after.delete(key);
        else after.set(key, value);
        return after;
      },
      { replace: true },
    );
  };

  const words = query
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  const names = inSet !== null && "names" in inSet ? inSet.names : null;
  const lines = sortLines(
    linesOf(twin).filter(
      (line) =>
        (state === "" || line.state === state) &&
        (isSet
          ? names === null || names.has(line.name)
          : words.every((word) => `${line.name} ${line.place} ${line.state}`.toLowerCase().includes(word))),
    ),
    order,
  );

  return (
    <div className="boards-page">
      <h1>Boards</h1>
      <form className="filters" onSubmit={(event) => event.preventDefault()}>
        <SearchField className="field" value={query} onChange={(value) => change("set", value)}>
          <Label>Name, place or node set</Label>
          <Input ref={input} placeholder="b04, k07, @r1, b[1-42]!@k01" />
        </SearchField>
        <label className="field">
          <span>State</span>
          <select value={state} onChange={(event) => change("state", event.target.value as StateKind | "")}>
            <option value="">any</option>
            {stateKinds.map((kind) => (
              <option key={kind}>{kind}</option>
            ))}
          </select>
        </label>
        <p className="quiet" role="status">
          {whole(lines.length)} of {whole(twin.columns.count)}
        </p>
      </form>
      {inSet !== null && "problem" in inSet && <p className="problem">{inSet.problem}</p>}
      <BoardTable
        label="Boards"
        lines={lines.slice(0, shown)}
        order={order}
        onOrder={(column) => setOrder(nextOrder(order, column))}
        onBoard={(name) => navigate(`/?board=${encodeURIComponent(name)}`)}
      />
      {lines.length === 0 && <p className="quiet">No board fits. Fewer words, or another state?</p>}
      {lines.length > shown && (
        <Button className="button" onPress={() => setShown(shown + 3 * pageSize)}>
          Show more
        </Button>
      )}
    </div>
  );
}
