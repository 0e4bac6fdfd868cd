import type { Group } from "../cluster/index.ts";
import { foldNodeSet } from "../cluster/index.ts";
import type { Planning } from "./draft.ts";
import type { Alternative, Collateral, Problem } from "./plan.ts";
import { chooseGroups } from "./select.ts";

/** Other ways where these groups cannot be switched on. */
export function alternativesForOn(
  planning: Planning,
  groups: readonly Group[],
  problems: readonly Problem[],
): readonly Alternative[] {
  const { graph, request, profile } = planning;
  const { cluster } = graph;
  const found: Alternative[] = [];
  const boards = groups.flatMap((group) => group.boards);
  const parents = problems.filter(({ rule }) => rule === "parent-off").map(({ thing }) => thing);
  if (parents.length > 0)
    found.push({
      kind: "with-parents",
      boards,
      thing: parents[0]!,
      message: `switch on ${parents.join(", ")} first: --with-parents`,
    });
  if (problems.every(({ rule }) => rule === "parent-off")) return found;
  const fewer = chooseGroups({ ...planning, request: { ...request, withParents: true } }, groups);
  const some = fewer.flatMap((group) => group.boards);
  if (some.length > 0 && some.length < boards.length)
    found.push({
      kind: "fewer",
      boards: some,
      thing: null,
      message: `${some.length} of ${boards.length} boards may be on: ${foldNodeSet(some)}`,
    });
  for (const other of cluster.limits.profiles)
    if (other.boards > profile.boards && problems.some(({ rule }) => rule === "over-profile"))
      found.push({
        kind: "profile",
        boards,
        thing: other.name,
        message: `profile ${other.name} allows ${other.boards} boards${other.onlyIn === null ? "" : `, only in ${other.onlyIn}`}; what breakers and site bear is checked all the same`,
      });
  return found;
}

/** Other ways than to take power from boards that nobody named. */
export function alternativesForDark(
  { graph, standing }: Planning,
  targets: readonly Group[],
  collateral: readonly Collateral[],
  asked: readonly string[],
  action: "off" | "cycle",
): readonly Alternative[] {
  const found: Alternative[] = [];
  const reachable = asked.filter((board) => standing.isUp(board) && standing.hasAgent(board));
  if (reachable.length > 0)
    found.push({
      kind: action === "cycle" ? "agent-restart" : "agent-halt",
      boards: reachable,
      thing: null,
      message: `${action === "cycle" ? "restart" : "halt"} ${foldNodeSet(reachable)} by ${reachable.length === 1 ? "its agent" : "their agents"}: no outlet moves, nobody else is touched`,
    });
  const switches = new Set(graph.cluster.switches.map(({ id }) => id));
  const ports = targets.filter(
    ({ outlet, boards }) => boards.length === 1 && switches.has(graph.outlets.get(outlet)!.pdu),
  );
  for (const { outlet, boards } of ports)
    found.push({ kind: "poe-port", boards, thing: outlet, message: `${boards[0]} has ${outlet}, a port of its own` });
  const shared = targets.filter(({ outlet }) => collateral.some((one) => one.outlet === outlet));
  for (const { id, outlet, boards } of shared)
    found.push({
      kind: "group",
      boards,
      thing: outlet,
      message: `${action === "off" ? "switch off" : action} all ${boards.length} boards of ${id} together: ${foldNodeSet(boards)}`,
    });
  const missing = asked.filter((board) => !standing.isUp(board));
  if (action === "cycle" && missing.length > 0 && collateral.length > 0)
    found.push({
      kind: "wait",
      boards: missing,
      thing: null,
      message: `leave ${foldNodeSet(missing)} until the group is switched off anyway`,
    });
  return found;
}
