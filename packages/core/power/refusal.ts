import type { Limits, OutletId } from "../cluster/index.ts";
import { foldNodeSet } from "../cluster/index.ts";
import type { Planning } from "./draft.ts";
import type { PowerGraph } from "./graph.ts";
import { type Breach, round } from "./load.ts";
import type { Collateral, Problem } from "./plan.ts";

/** Limits in watts that a plan would break: each once, at its worst moment. */
export function overLoad({ graph }: Planning, breaches: readonly Breach[]): Problem[] {
  const worst = new Map<string, Breach>();
  for (const breach of breaches) {
    const key = `${breach.limit.name} ${breach.kind}`;
    if ((worst.get(key)?.watts ?? 0) < breach.watts) worst.set(key, breach);
  }
  return [...worst.values()].map(({ limit, kind, watts, outlet }): Problem => {
    const what = limit.name.split(" ")[0]!;
    const allowed = kind === "steady" ? limit.steadyText : limit.peakText;
    const when = kind === "steady" ? "on and all boards at work" : "just switched on";
    return {
      rule: `over-${what}`,
      thing: limit.name,
      limit: allowed,
      message: `${limit.name} would carry ${round(watts)} W with ${nameOf(graph, outlet)} ${when}; it may carry ${allowed}`,
      hint:
        what === "supply"
          ? "move boards to another supply: they start together"
          : `switch off something else on ${limit.name}, or ask for fewer boards`,
    };
  });
}

/** More boards than the profile allows, or in a rack that it is not for. */
export function overProfile({ graph, profile }: Planning, powered: readonly string[]): Problem[] {
  const limit = `${profile.boards} boards${profile.from === null ? "" : ` (${profile.from})`}`;
  const problems: Problem[] = [];
  if (powered.length > profile.boards)
    problems.push({
      rule: "over-profile",
      thing: `profile ${profile.name}`,
      limit,
      message: `${powered.length} boards would be on; profile ${profile.name} allows ${limit}`,
      hint: "ask for fewer boards, switch others off first, or choose another profile",
    });
  const elsewhere = powered.filter((board) => !isInside(graph, profile, board));
  if (elsewhere.length > 0)
    problems.push({
      rule: "over-profile",
      thing: `profile ${profile.name}`,
      limit: `only in ${profile.onlyIn}`,
      message: `${foldNodeSet(elsewhere)} would be on; profile ${profile.name} is for rack ${profile.onlyIn} alone`,
      hint: `ask for boards of ${profile.onlyIn}, or switch the others off first`,
    });
  return problems;
}

/** May this board be on under the profile at all? */
export function isInside(graph: PowerGraph, profile: Limits["profiles"][number], board: string): boolean {
  return profile.onlyIn === null || graph.boards.get(board)?.rack === profile.onlyIn;
}

/** Parents that are off, or that nobody knows to be on. */
export function parentsOff({ graph, standing }: Planning, parents: readonly OutletId[]): Problem[] {
  return parents.map((outlet): Problem => {
    const state = standing.reads(outlet) === null ? "is not known to be on" : "is off";
    return {
      rule: "parent-off",
      thing: outlet,
      limit: null,
      message: `${nameOf(graph, outlet)} ${state}, and what was asked for needs it`,
      hint: "--with-parents switches it on first",
    };
  });
}

/** Boards that nobody named and that would go dark. */
export function wouldGoDark(collateral: readonly Collateral[]): Problem[] {
  return collateral.map(
    ({ outlet, boards, working }): Problem => ({
      rule: "collateral",
      thing: outlet,
      limit: null,
      message: `${outlet} takes ${boards.length} boards along that were not named: ${foldNodeSet(boards)}${working.length === 0 ? "" : `; ${working.length} of them work`}`,
      hint: "ask for them too, or say --collateral to take them along; their work is drained first",
    }),
  );
}

/** Outlets that are never switched off. */
export function staysOn({ graph }: Planning, outlets: readonly OutletId[]): Problem[] {
  return outlets
    .filter((outlet) => graph.outlets.get(outlet)?.alwaysOn === true)
    .map((outlet) => ({
      rule: "always-on",
      thing: outlet,
      limit: null,
      message: `${nameOf(graph, outlet)} is always on by the cluster file`,
      hint: "take always_on from its circuit if it may go off",
    }));
}

/** `pdu1.1 (c-server: server)`. */
export function nameOf(graph: PowerGraph, outlet: OutletId): string {
  const { circuit, feeds } = graph.outlets.get(outlet)!;
  const own = feeds.length === 0 ? "" : `: ${feeds.slice(0, 4).join(", ")}${feeds.length > 4 ? ", …" : ""}`;
  const name = circuit === outlet ? "" : circuit;
  return name === "" && own === "" ? outlet : `${outlet} (${name}${name === "" ? own.slice(2) : own})`;
}
