import type { Group, OutletId } from "../cluster/index.ts";
import { foldNodeSet } from "../cluster/index.ts";
import { alternativesForDark, alternativesForOn } from "./alternatives.ts";
import { createDraft, type Draft, type Planning, patience } from "./draft.ts";
import { collateralOf, cutShort, darkBoards, emitOff, goingDark } from "./off.ts";
import { emitOn, problemsOf } from "./on.ts";
import type { Planned } from "./plan.ts";
import { staysOn, wouldGoDark } from "./refusal.ts";

/**
 * Plan to take power from boards and give it again, each by the smallest outlet that reaches it. What is off comes on
 * without a detour. Groups that need nothing of each other are cycled wave by wave, so that not all work stops at once.
 */
export function planCycle(planning: Planning, targets: readonly Group[]): Planned {
  const { graph, request, standing } = planning;
  const dark = goingDark(planning, targets);
  const collateral = collateralOf(planning, targets, dark);
  const alternatives = alternativesForDark(planning, targets, collateral, request.boards, "cycle");
  const refused = [...staysOn(planning, [...dark]), ...(request.allowCollateral ? [] : wouldGoDark(collateral))];
  if (refused.length > 0) return { kind: "refused", problems: refused, alternatives };

  const draft = createDraft(planning);
  const again = new Set<OutletId>([...dark, ...targets.map(({ outlet }) => outlet)]);
  const parents = new Set([...again].flatMap((outlet) => [...graph.before(outlet)]));
  const missing = [...parents].filter((id) => !again.has(id) && standing.reads(id) !== true);
  // A parent that itself needs what is cycled comes on after it, not before.
  const late = missing.filter((id) => [...graph.before(id)].some((one) => again.has(one)));
  emitOn(planning, draft, new Set(missing.filter((id) => !late.includes(id))), new Set());
  for (const id of late) again.add(id);
  const blocks = blocksOf(planning, again);
  for (const [at, block] of blocks.entries()) cycleBlock(planning, draft, { block, dark, number: at + 1 });
  const problems = problemsOf(planning, draft);
  if (problems.length > 0)
    return { kind: "refused", problems, alternatives: alternativesForOn(planning, targets, problems) };
  for (const line of cutShort(planning, dark)) draft.note(line);
  for (const line of weigh(planning, targets, dark)) draft.note(line);
  if (alternatives.length > 0) draft.note(`instead: ${alternatives[0]!.message}`);
  return { kind: "plan", plan: draft.finish(collateral), alternatives };
}

function cycleBlock(
  planning: Planning,
  draft: Draft,
  { block, dark, number }: { block: ReadonlySet<OutletId>; dark: ReadonlySet<OutletId>; number: number },
): void {
  const off = new Set([...block].filter((id) => dark.has(id)));
  if (off.size > 0) {
    draft.phase(`off ${number}`);
    draft.quieten(String(number), darkBoards(planning, off));
    emitOff(planning, draft, off);
    draft.wait(
      `empty:${number}`,
      { kind: "time", ms: patience.emptyMs },
      patience.emptyMs,
      "go-on",
      "supplies run empty, so that boards do start anew",
    );
  }
  emitOn(planning, draft, block, new Set());
}

/** What is cycled together: waves of groups that need nothing of each other, else all in one. */
function blocksOf({ graph }: Planning, outlets: ReadonlySet<OutletId>): readonly ReadonlySet<OutletId>[] {
  const order = graph.inOrder(outlets);
  const isTangled = order.some(
    (id) => graph.groupOn(id) === undefined || [...graph.before(id)].some((one) => outlets.has(one)),
  );
  if (isTangled) return [outlets];
  const blocks: Set<OutletId>[] = [];
  let room = 0;
  for (const id of order) {
    const size = graph.groupOn(id)!.boards.length;
    if (size > room) {
      blocks.push(new Set());
      room = graph.cluster.limits.waveBoards;
    }
    blocks.at(-1)!.add(id);
    room -= size;
  }
  return blocks;
}

/** What the cycle of each group may gain against what it costs. */
function weigh(
  { standing, request }: Planning,
  targets: readonly Group[],
  dark: ReadonlySet<OutletId>,
): readonly string[] {
  const named = new Set(request.boards);
  const off = targets.filter(({ outlet }) => !dark.has(outlet));
  const cycled = targets.filter(({ outlet }) => dark.has(outlet));
  const inVain = cycled.filter(({ boards }) => boards.every((board) => !named.has(board) || standing.isUp(board)));
  const lines: string[] = [];
  if (off.length > 0) lines.push(`${listOf(off)}: off, so only switched on`);
  if (inVain.length > 0)
    lines.push(`${listOf(inVain)}: all boards asked for are up; a restart by their agents moves no outlet`);
  for (const { outlet, boards } of cycled.filter((group) => !inVain.includes(group))) {
    const gain = boards.filter((board) => !standing.isUp(board));
    const cost = boards.filter((board) => standing.isUp(board) && !named.has(board));
    const working = cost.filter(standing.isWorking);
    const worth = gain.length < cost.length ? "it costs more than it can gain" : "it may gain more than it costs";
    if (cost.length > 0)
      lines.push(
        `${outlet}: may gain ${gain.length} (${foldNodeSet(gain)}), takes ${cost.length} that are up along, ${working.length} of them at work: ${worth}`,
      );
  }
  return lines;
}

function listOf(groups: readonly Group[]): string {
  const names = groups.slice(0, 12).map(({ outlet }) => outlet);
  return groups.length > names.length
    ? `${names.join(", ")} and ${groups.length - names.length} more`
    : names.join(", ");
}
