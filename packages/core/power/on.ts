import type { Group, OutletId } from "../cluster/index.ts";
import { alternativesForOn } from "./alternatives.ts";
import { createDraft, type Draft, type Planning } from "./draft.ts";
import type { Collateral, Planned, Problem } from "./plan.ts";
import { nameOf, overLoad, overProfile, parentsOff } from "./refusal.ts";
import { chooseGroups, describeChoice } from "./select.ts";

/**
 * Plan to switch on whole groups. Whoever asks for every board asks for as many as the limits allow, and is told which
 * and why not more; whoever names some gets those or a refusal.
 */
export function planOn(planning: Planning, targets: readonly Group[]): Planned {
  const { standing, graph } = planning;
  const missing = targets.filter(
    ({ outlet, boards }) =>
      !standing.mayDraw(outlet) || standing.reads(outlet) !== true || !boards.every(standing.isUp),
  );
  if (missing.length === 0) return { kind: "nothing", why: "all of these boards are up" };
  const whole = draftOn(planning, missing);
  const named = new Set(planning.request.boards);
  const asksForAll =
    targets.length > 1 && graph.cluster.groups.every(({ boards }) => boards.every((one) => named.has(one)));
  const problems = problemsOf(planning, whole);
  const parents = problems.filter(({ rule }) => rule === "parent-off");
  if (problems.length === 0) return planned(planning, targets, missing, whole);
  if (!asksForAll || parents.length > 0)
    return { kind: "refused", problems, alternatives: alternativesForOn(planning, missing, problems) };

  let chosen = chooseGroups(planning, missing);
  for (; chosen.length > 0; chosen = chosen.slice(0, -1)) {
    const part = draftOn(planning, chosen);
    if (problemsOf(planning, part).length > 0) continue;
    for (const line of describeChoice(planning, chosen, missing, problems)) part.note(line);
    return planned(planning, targets, chosen, part);
  }
  const alternatives = alternativesForOn(planning, missing, problems);
  const isFull = targets.some(({ outlet }) => standing.mayDraw(outlet));
  if (!isFull) return { kind: "refused", problems, alternatives };
  return {
    kind: "nothing",
    why: `what is on is all that may be on: ${problems.map(({ message }) => message).join("; ")}`,
  };
}

/** Everything that must be on for these groups, in a draft that switches what is not. */
function draftOn(planning: Planning, groups: readonly Group[]): Draft {
  const { graph, standing, request } = planning;
  const draft = createDraft(planning);
  const wanted = new Set<OutletId>(groups.map(({ outlet }) => outlet));
  for (const { outlet } of groups) for (const parent of graph.before(outlet)) wanted.add(parent);
  if (request.withParents)
    for (const { id, alwaysOn } of graph.cluster.outlets) if (alwaysOn && standing.reads(id) === false) wanted.add(id);
  emitOn(planning, draft, wanted, new Set(groups.map(({ id }) => id)));
  return draft;
}

/** Write the switching on of `wanted` into a draft: what is needed first, then groups in waves, each judged. */
export function emitOn(
  { graph }: Planning,
  draft: Draft,
  wanted: ReadonlySet<OutletId>,
  asked: ReadonlySet<string>,
): void {
  const { cluster } = graph;
  const order = graph.inOrder(wanted);
  // Relays that stand closed behind an outlet without power would all start with it in one instant.
  const opened = new Set(order.filter((id) => draft.reads(id) !== true).flatMap((id) => draft.closedBehind(id)));
  if (opened.size > 0) draft.phase("leads that would start all at once");
  for (const id of [...graph.inOrder(opened)].reverse())
    draft.off(id, `it would start in one instant with ${graph.outlets.get(id)!.behind}`);

  const waves: { infrastructure: OutletId[]; groups: Group[] }[] = [{ infrastructure: [], groups: [] }];
  let size = 0;
  for (const id of order) {
    const group = graph.groupOn(id);
    let open = waves.at(-1)!;
    if (group === undefined) {
      if (open.groups.length > 0) waves.push({ infrastructure: [id], groups: [] });
      else open.infrastructure.push(id);
      continue;
    }
    if (!asked.has(group.id) && draft.reads(id) === true) continue;
    size = open.groups.length === 0 ? group.boards.length : size + group.boards.length;
    const before = graph.before(id);
    const needsOpen = before.size > 0 && open.groups.some((other) => before.has(other.outlet));
    if (open.groups.length > 0 && (size > cluster.limits.waveBoards || needsOpen)) {
      open = { infrastructure: [], groups: [] };
      waves.push(open);
      size = group.boards.length;
    }
    open.groups.push(group);
  }
  const total = waves.filter(({ groups }) => groups.length > 0).length;
  let number = 0;
  for (const { infrastructure, groups } of waves) {
    draft.phase("what the boards need");
    for (const id of infrastructure) {
      for (const need of graph.startedBefore(id)) draft.start(need);
      draft.on(id, `${nameOf(graph, id)} is needed first`);
      for (const need of graph.startedBy(id)) draft.start(need);
    }
    for (const { outlet } of groups) for (const need of graph.startedBefore(outlet)) draft.start(need);
    if (groups.length === 0) continue;
    number++;
    const boards = groups.reduce((sum, group) => sum + group.boards.length, 0);
    draft.phase(`wave ${number} of ${total}: ${groups.map(({ id }) => id).join(", ")}, ${boards} boards`);
    if (boards > cluster.limits.waveBoards)
      draft.note(
        `${boards} boards start at once with ${groups[0]!.outlet}: one outlet cannot be divided into waves of ${cluster.limits.waveBoards}`,
      );
    draft.cool(groups);
    for (const { outlet, id } of groups) {
      draft.on(outlet, `${id} starts, ${boards} boards in this wave`);
      for (const need of graph.startedBy(outlet)) draft.start(need);
    }
    draft.judge(groups);
  }
}

/** What stands against a draft. */
export function problemsOf(planning: Planning, draft: Draft): Problem[] {
  const { graph, standing, request } = planning;
  const plan = draft.finish([]);
  const targets = new Set(request.boards.map((board) => graph.groupOf(board)?.outlet));
  const parents = plan.steps.flatMap((step) =>
    step.kind === "switch" && step.on && !targets.has(step.outlet) ? [step.outlet] : [],
  );
  const off = request.withParents ? [] : [...new Set(parents)].filter((outlet) => standing.reads(outlet) !== true);
  const starts = plan.steps.some((step) => step.kind === "switch" && step.on);
  return [
    ...parentsOff(planning, off),
    ...(starts ? overProfile(planning, draft.poweredBoards()) : []),
    ...overLoad(planning, draft.breaches),
  ];
}

function planned(planning: Planning, targets: readonly Group[], groups: readonly Group[], draft: Draft): Planned {
  const { request, standing } = planning;
  const named = new Set(request.boards);
  const along = groups.flatMap(({ outlet, boards }): Collateral[] => {
    const others = boards.filter((board) => !named.has(board));
    return others.length === 0 || standing.reads(outlet) === true ? [] : [{ outlet, boards: others, working: [] }];
  });
  for (const { outlet, boards } of along) draft.note(`${outlet} brings up ${boards.length} boards more: they share it`);
  for (const outlet of standing.doubted) draft.note(`${outlet} reads off, but boards behind it answer`);
  const up = targets.filter(({ outlet, boards }) => standing.reads(outlet) === true && boards.every(standing.isUp));
  if (up.length > 0) draft.note(`${up.length} of ${targets.length} groups are up already`);
  return { kind: "plan", plan: draft.finish(along), alternatives: [] };
}
