import type { PowerAnswer, PowerOutletBody } from "@bramble/core/api";
import { foldNodeSet } from "@bramble/core/cluster";
import { namesOf } from "../parts/names.ts";

/** Whether a thing has power, as far as is known. `doubted`: its outlet says so, and boards speak against it. */
export type Standing = "on" | "off" | "unknown" | "doubted";

/** A PDU and what hangs on it. */
export type PduNode = {
  readonly kind: "pdu";
  readonly id: string;
  readonly pdu: PowerAnswer["pdus"][number];
  /** Those of its outlets that hang behind no other. */
  readonly outlets: readonly OutletNode[];
  /** Of all its outlets. */
  readonly on: number;
  readonly total: number;
};

/** An outlet, what it feeds, and the outlets behind it. */
export type OutletNode = {
  readonly kind: "outlet";
  readonly id: string;
  readonly outlet: PowerOutletBody;
  readonly standing: Standing;
  readonly things: readonly ThingNode[];
  /** Names of the boards directly on it. */
  readonly names: readonly string[];
  readonly behind: readonly OutletNode[];
};

/** A supply, a switch or a device that an outlet feeds: it stands as its outlet does. */
export type ThingNode = { readonly id: string; readonly kind: string };

/** The graph of power: PDUs with their outlets, an outlet that hangs behind another under that one. */
export function graphOf({
  pdus,
  outlets,
  things,
}: Pick<PowerAnswer, "pdus" | "outlets" | "things">): readonly PduNode[] {
  const kinds = new Map(things.map(({ id, kind }) => [id, kind]));
  const known = new Set(outlets.map(({ id }) => id));
  const under = Map.groupBy(outlets, ({ behind }) => behind ?? "");
  const nodeOf = (outlet: PowerOutletBody): OutletNode => ({
    ...{ kind: "outlet", id: outlet.id, outlet, standing: standingOf(outlet) },
    things: outlet.feeds.map((id) => ({ id, kind: kinds.get(id) ?? "thing" })),
    names: outlet.set === null ? [] : namesOf(outlet.set),
    behind: (under.get(outlet.id) ?? []).map(nodeOf),
  });
  return pdus.map((pdu): PduNode => {
    const own = outlets.filter(({ pdu: of, behind }) => of === pdu.id && (behind === null || !known.has(behind)));
    const all = outlets.filter(({ pdu: of }) => of === pdu.id);
    return {
      ...{ kind: "pdu", id: pdu.id, pdu, outlets: own.map(nodeOf) },
      on: all.filter(({ on }) => on === true).length,
      total: all.length,
    };
  });
}

/** How an outlet stands. */
export function standingOf({ on, doubted }: Pick<PowerOutletBody, "on" | "doubted">): Standing {
  if (doubted !== null) return "doubted";
  return on === null ? "unknown" : on ? "on" : "off";
}

/** Why that is so, where there is more to say. */
export function remarkOf({ doubted, error, on, alwaysOn }: PowerOutletBody): string | null {
  if (doubted !== null) return `says ${on ? "on" : "off"} and is not believed: ${doubted}`;
  if (error !== null) return error;
  return alwaysOn ? "stays on by the cluster file" : null;
}

/** Boards at and behind an outlet. */
export function boardsBehind({ names, behind }: OutletNode): readonly string[] {
  return [...names, ...behind.flatMap(boardsBehind)];
}

/** The keys of tree rows. */
export const keyOf = {
  pdu: (id: string) => `pdu ${id}`,
  outlet: (id: string) => `outlet ${id}`,
  thing: (outlet: string, id: string) => `thing ${outlet} ${id}`,
  boards: (outlet: string) => `boards ${outlet}`,
  board: (name: string) => `board ${name}`,
};

/** The boards that chosen rows stand for, folded into a node set; the empty text where these have none. */
export function setOfRows(graph: readonly PduNode[], chosen: ReadonlySet<string>): string {
  const names = new Set<string>();
  const take = (node: OutletNode, isChosen: boolean): void => {
    const isAll = isChosen || chosen.has(keyOf.outlet(node.id)) || chosen.has(keyOf.pdu(node.outlet.pdu));
    const isOwn = isAll || chosen.has(keyOf.boards(node.id));
    for (const name of node.names) if (isOwn || chosen.has(keyOf.board(name))) names.add(name);
    for (const each of node.behind) take(each, isAll);
  };
  for (const { outlets } of graph) for (const outlet of outlets) take(outlet, false);
  return foldNodeSet([...names]);
}

/** Rows that stand for no board: nothing can be asked for them. */
export function rowsWithoutBoards(graph: readonly PduNode[]): readonly string[] {
  const of = (node: OutletNode): readonly string[] => [
    ...(boardsBehind(node).length === 0 ? [keyOf.outlet(node.id)] : []),
    ...node.things.map(({ id }) => keyOf.thing(node.id, id)),
    ...node.behind.flatMap(of),
  ];
  return graph.flatMap(({ id, outlets }) => [
    ...(outlets.some((node) => boardsBehind(node).length > 0) ? [] : [keyOf.pdu(id)]),
    ...outlets.flatMap(of),
  ]);
}

/** PDUs stand open unless that makes more than `most` rows; whatever is not well stands open. */
export function firstOpen(graph: readonly PduNode[], most: number): readonly string[] {
  const rows = graph.reduce((sum, { outlets }) => sum + outlets.length, 0);
  return graph.flatMap(({ id, outlets, pdu }) =>
    rows <= most || pdu.error !== null || outlets.some(({ standing }) => standing === "doubted") ? [keyOf.pdu(id)] : [],
  );
}
