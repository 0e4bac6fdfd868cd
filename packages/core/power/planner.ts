import { nearest, unreachable } from "../base/index.ts";
import type { Cluster, Group, Limits } from "../cluster/index.ts";
import { foldNodeSet } from "../cluster/index.ts";
import { planCycle } from "./cycle.ts";
import type { Planning } from "./draft.ts";
import { powerGraph } from "./graph.ts";
import { loadBook } from "./load.ts";
import { planOff } from "./off.ts";
import { planOn } from "./on.ts";
import type { Planned, PowerFacts, PowerRequest, Problem } from "./plan.ts";
import { standingOf } from "./standing.ts";

/**
 * The plan for a request: ordered steps that keep every dependency and every limit at every instant, or why there is none.
 * Pure; the same question has the same answer. Each outlet is switched at most once (a cycle: off and on), and none that
 * stands as it should.
 */
export function planPower(cluster: Cluster, facts: PowerFacts, request: PowerRequest): Planned {
  const profile = profileOf(cluster, request.profile);
  const problems = profile === null ? [unknownProfile(cluster, request.profile!)] : [];
  problems.push(...unknownBoards(cluster, request.boards));
  if (profile === null || problems.length > 0) return { kind: "refused", problems, alternatives: [] };

  const graph = powerGraph(cluster);
  const named = new Set(request.boards);
  const targets = cluster.groups.filter(({ boards }) => boards.some((board) => named.has(board)));
  const unswitched = cluster.boards.filter(({ name, group }) => named.has(name) && group === null);
  const asksForAll = named.size === cluster.boards.length;
  if (targets.length === 0 || (unswitched.length > 0 && !asksForAll))
    return { kind: "refused", problems: [cannotSwitch(unswitched.map(({ name }) => name))], alternatives: [] };
  const planning: Planning = {
    graph,
    book: loadBook(graph),
    standing: standingOf(graph, facts),
    // "Start the cluster" is one word: whoever wants every board up means what they need too.
    request: asksForAll && targets.length > 1 && request.action === "on" ? { ...request, withParents: true } : request,
    profile,
  };
  const planned = act(planning, targets);
  if (planned.kind !== "plan" || unswitched.length === 0) return planned;
  const note = `no outlet reaches ${foldNodeSet(unswitched.map(({ name }) => name))}: they stay as they are`;
  return { ...planned, plan: { ...planned.plan, notes: [...planned.plan.notes, note] } };
}

function act(planning: Planning, targets: readonly Group[]): Planned {
  switch (planning.request.action) {
    case "on":
      return planOn(planning, targets);
    case "off":
      return planOff(planning, targets);
    case "cycle":
      return planCycle(planning, targets);
    default:
      return unreachable(planning.request.action);
  }
}

function profileOf(cluster: Cluster, name: string | null): Limits["profiles"][number] | null {
  const { profiles } = cluster.limits;
  return (name === null ? profiles[0] : profiles.find((profile) => profile.name === name)) ?? null;
}

function unknownProfile(cluster: Cluster, name: string): Problem {
  const names = cluster.limits.profiles.map((profile) => profile.name);
  const near = nearest(name, names);
  return {
    rule: "unknown-profile",
    thing: name.slice(0, 60),
    limit: null,
    message: `there is no profile "${name.slice(0, 60)}"`,
    hint: near === null ? `one of ${names.join(", ")}` : `did you mean ${near}? There are ${names.join(", ")}`,
  };
}

function unknownBoards(cluster: Cluster, boards: readonly string[]): Problem[] {
  if (boards.length === 0)
    return [
      {
        rule: "empty",
        thing: "set",
        limit: null,
        message: "no board is asked for",
        hint: "name boards: b0001, @k01, all",
      },
    ];
  const known = new Set(cluster.boards.map(({ name }) => name));
  const unknown = boards.filter((board) => !known.has(board));
  return unknown.slice(0, 5).map((board) => {
    const near = nearest(board, known);
    return {
      rule: "unknown-board",
      thing: board.slice(0, 60),
      limit: null,
      message: `no board is called "${board.slice(0, 60)}"${unknown.length > 5 ? `, and ${unknown.length - 1} more are unknown` : ""}`,
      hint: near === null ? "bramble check lists the boards" : `did you mean ${near}?`,
    };
  });
}

function cannotSwitch(boards: readonly string[]): Problem {
  return {
    rule: "unswitched",
    thing: foldNodeSet(boards).slice(0, 200),
    limit: null,
    message: `no outlet of the cluster file reaches ${foldNodeSet(boards).slice(0, 200)}`,
    hint: "a circuit that feeds their supply, or a switch with PoE, makes them switchable",
  };
}
