import type { Group, OutletId } from "../cluster/index.ts";
import { foldNodeSet } from "../cluster/index.ts";
import { alternativesForDark } from "./alternatives.ts";
import { createDraft, type Draft, type Planning } from "./draft.ts";
import type { Collateral, Planned } from "./plan.ts";
import { nameOf, staysOn, wouldGoDark } from "./refusal.ts";

/** Plan to switch whole groups off: drain, halt, wait until quiet, then power in the reverse of the order of switching on. */
export function planOff(planning: Planning, targets: readonly Group[]): Planned {
  const { graph, standing, request } = planning;
  const dark = goingDark(planning, targets);
  const parents = request.withParents ? unneeded(planning, targets, dark) : [];
  if (dark.size + parents.length === 0) return { kind: "nothing", why: "all of these boards are off" };
  const collateral = collateralOf(planning, targets, dark);
  const problems = [...staysOn(planning, [...dark]), ...(request.allowCollateral ? [] : wouldGoDark(collateral))];
  const alternatives = alternativesForDark(planning, targets, collateral, request.boards, "off");
  if (problems.length > 0) return { kind: "refused", problems, alternatives };

  const draft = createDraft(planning);
  draft.phase("boards halt");
  draft.quieten("all", darkBoards(planning, dark));
  draft.phase("groups off");
  emitOff(planning, draft, dark);
  draft.phase("what nothing needs any more");
  emitOff(planning, draft, new Set(parents));
  for (const line of cutShort(planning, dark)) draft.note(line);
  for (const outlet of keptFor(planning, targets, dark, parents)) draft.note(outlet);
  if (collateral.length > 0 && alternatives.length > 0) draft.note(`instead: ${alternatives[0]!.message}`);
  for (const outlet of standing.doubted)
    draft.note(`${outlet} reads off, but boards behind it answer: it is switched off again`);
  const stays = graph.cluster.outlets.filter(({ alwaysOn }) => alwaysOn);
  if (parents.length > 0 && stays.length > 0) draft.note(`${stays.map(({ id }) => id).join(", ")} always stays on`);
  return { kind: "plan", plan: draft.finish(collateral), alternatives: collateral.length > 0 ? alternatives : [] };
}

/** Outlets that go off: the groups' own, and what may not be on without them. Without those that are known to be off. */
export function goingDark({ graph, standing }: Planning, targets: readonly Group[]): ReadonlySet<OutletId> {
  const dark = new Set<OutletId>();
  for (const { outlet } of targets) {
    if (standing.reads(outlet) === false) continue;
    dark.add(outlet);
    for (const child of graph.after(outlet)) if (standing.reads(child) !== false) dark.add(child);
  }
  return dark;
}

/** Boards that lose power with these outlets. */
export function darkBoards({ graph, standing }: Planning, dark: ReadonlySet<OutletId>): readonly string[] {
  return graph.cluster.groups
    .filter(({ outlet }) => dark.has(outlet) && standing.mayDraw(outlet))
    .flatMap(({ boards }) => boards);
}

/** What a person must know who takes power at once. */
export function cutShort(planning: Planning, dark: ReadonlySet<OutletId>): readonly string[] {
  const { standing, request } = planning;
  const boards = request.atOnce === true ? darkBoards(planning, dark).filter(standing.isUp) : [];
  if (boards.length === 0) return [];
  const working = boards.filter(standing.isWorking).length;
  return [`power goes at once: ${boards.length} boards do not halt first, ${working} of them work`];
}

/** Boards that nobody named, told by the asked outlet that takes them along. */
export function collateralOf(
  { graph, standing, request }: Planning,
  targets: readonly Group[],
  dark: ReadonlySet<OutletId>,
): readonly Collateral[] {
  const named = new Set(request.boards);
  const told = new Set<string>();
  return targets.flatMap(({ outlet }): Collateral[] => {
    if (!dark.has(outlet)) return [];
    const gone = graph.inOrder([outlet, ...graph.after(outlet)]).filter((id) => dark.has(id) && standing.mayDraw(id));
    const boards = gone
      .flatMap((id) => graph.groupOn(id)?.boards ?? [])
      .filter((board) => !named.has(board) && !told.has(board));
    for (const board of boards) told.add(board);
    return boards.length === 0 ? [] : [{ outlet, boards, working: boards.filter(standing.isWorking) }];
  });
}

/** Write the switching off of these outlets into a draft, whoever needs something before what it needs. */
export function emitOff({ graph }: Planning, draft: Draft, outlets: ReadonlySet<OutletId>): void {
  for (const id of [...graph.inOrder(outlets)].reverse()) {
    for (const need of graph.startedBy(id)) draft.stop(need);
    const boards = graph.groupOn(id)?.boards ?? [];
    draft.off(
      id,
      boards.length === 0 ? `${nameOf(graph, id)} is needed no more` : `power off for ${foldNodeSet(boards)}`,
    );
  }
}

/** What the groups needed and nothing that stays on needs: in no order. */
function unneeded({ graph, standing }: Planning, targets: readonly Group[], dark: ReadonlySet<OutletId>): OutletId[] {
  const gone = new Set(dark);
  const parents = new Set(targets.flatMap(({ outlet }) => [...graph.before(outlet)]));
  for (const id of [...graph.inOrder(parents)].reverse()) {
    const { alwaysOn } = graph.outlets.get(id)!;
    if (alwaysOn || gone.has(id) || standing.reads(id) === false || graph.groupOn(id) !== undefined) continue;
    if (cannotStop(graph, id)) continue;
    if ([...graph.after(id)].every((child) => gone.has(child) || standing.reads(child) === false)) gone.add(id);
  }
  return [...gone].filter((id) => !dark.has(id));
}

/** Why parents stay on though they were asked to go. */
function keptFor(
  { graph, standing, request }: Planning,
  targets: readonly Group[],
  dark: ReadonlySet<OutletId>,
  parents: readonly OutletId[],
): readonly string[] {
  if (!request.withParents) return [];
  const gone = new Set([...dark, ...parents]);
  const kept = new Set(targets.flatMap(({ outlet }) => [...graph.before(outlet)]));
  return graph.inOrder(kept).flatMap((id) => {
    if (gone.has(id) || standing.reads(id) === false || graph.outlets.get(id)!.alwaysOn) return [];
    if (cannotStop(graph, id)) return [`${nameOf(graph, id)} stays on: nothing says how what it feeds is halted`];
    const users = [...graph.after(id)].filter((child) => !gone.has(child) && standing.reads(child) !== false);
    return users.length === 0 ? [] : [`${nameOf(graph, id)} stays on: ${users.slice(0, 6).join(", ")} need it`];
  });
}

/** A thing that must run, and that no button halts, is not cut off. */
function cannotStop(graph: Planning["graph"], outlet: OutletId): boolean {
  return graph.startedBy(outlet).some(({ start, ready }) => ready === null || start === null);
}
