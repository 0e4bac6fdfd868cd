import type { Group, OutletId } from "../cluster/index.ts";
import { foldNodeSet } from "../cluster/index.ts";
import type { Planning } from "./draft.ts";
import { loadMeter } from "./load.ts";
import type { Problem } from "./plan.ts";
import { isInside } from "./refusal.ts";

/**
 * The groups with the most boards that may be on together, beside what is on already: by the profile and by every steady
 * limit. Among equals those that start in waves of the allowed size, then the fewest outlets, then the order of the layout.
 * Exact for some dozen groups; for more the best that a bounded search finds, which starts with the greedy answer.
 */
export function chooseGroups(planning: Planning, candidates: readonly Group[]): readonly Group[] {
  const { graph, book, standing, profile } = planning;
  const { cluster } = graph;
  const isLarge = (group: Group): boolean => group.boards.length > cluster.limits.waveBoards;
  const mayEver = candidates.filter(({ boards }) => boards.every((board) => isInside(graph, profile, board)));
  const powered = cluster.outlets.map(({ id }) => id).filter((id) => standing.mayDraw(id));
  const meter = loadMeter(book, powered);
  const standingOn = candidates.filter(({ outlet }) => meter.has(outlet));
  const free = mayEver.filter(({ outlet }) => !meter.has(outlet));
  const sorted = [...free.filter((group) => !isLarge(group)), ...free.filter(isLarge)];
  const already = cluster.groups.filter(({ outlet }) => meter.has(outlet));
  const on = already.reduce((sum, { boards }) => sum + boards.length, 0);
  const hasStranger = already.some(({ boards }) => boards.some((board) => !isInside(graph, profile, board)));
  const room = hasStranger ? 0 : profile.boards - on;

  const rest = sorted.map(() => 0);
  for (let at = sorted.length - 1; at >= 0; at--) rest[at] = (rest[at + 1] ?? 0) + sorted[at]!.boards.length;
  let best: Choice = { groups: [], boards: 0, large: 0, moves: 0 };
  let budget = 5000;
  const chosen: Group[] = [];
  const search = (at: number, boards: number, large: number, moves: number): void => {
    if (isBetter({ boards, large, moves }, best)) best = { groups: [...chosen], boards, large, moves };
    const group = sorted[at];
    if (group === undefined || budget-- <= 0 || boards + rest[at]! < best.boards) return;
    if (boards + group.boards.length <= room) {
      const added = [group.outlet, ...graph.before(group.outlet)].filter((outlet) => !meter.has(outlet));
      const isFine = meter.turn(added, true).every(({ kind }) => kind === "peak");
      if (isFine) {
        chosen.push(group);
        const size = gained(added);
        if (boards + size <= room)
          search(at + 1, boards + size, large + (isLarge(group) ? size : 0), moves + added.length);
        chosen.pop();
      }
      meter.turn(added, false);
    }
    search(at + 1, boards, large, moves);
  };
  const gained = (outlets: readonly OutletId[]): number =>
    outlets.reduce((sum, outlet) => sum + (graph.groupOn(outlet)?.boards.length ?? 0), 0);
  search(0, 0, 0, 0);
  const all = [...standingOn, ...best.groups];
  return graph.inOrder(all.map(({ outlet }) => outlet)).map((outlet) => graph.groupOn(outlet)!);
}

/** Why these groups and not more. */
export function describeChoice(
  { graph, profile }: Planning,
  chosen: readonly Group[],
  candidates: readonly Group[],
  problems: readonly Problem[],
): readonly string[] {
  const { cluster } = graph;
  const boards = chosen.flatMap((group) => group.boards);
  const left = candidates.filter((group) => !chosen.includes(group));
  const dark = left.reduce((sum, group) => sum + group.boards.length, 0);
  const large = left.filter((group) => group.boards.length > cluster.limits.waveBoards);
  const leads = chosen.filter(({ outlet }) => graph.outlets.get(outlet)!.replug);
  const lines = [
    `${boards.length} boards come on: ${chosen.map(({ id }) => id).join(", ")} (${foldNodeSet(boards)})`,
    `${dark} boards stay dark (${left.map(({ id, boards: own }) => `${id} ${own.length}`).join(", ")}): profile ${profile.name} allows ${profile.boards}${profile.from === null ? "" : `, ${profile.from}`}${profile.onlyIn === null ? "" : `, only in ${profile.onlyIn}`}`,
    ...problems.filter(({ rule }) => rule !== "over-profile").map(({ message }) => `with all of them on, ${message}`),
  ];
  if (leads.length > 0 && large.length > 0)
    lines.push(
      `waves of ${cluster.limits.waveBoards} need an outlet each: only the leads ${leads.map(({ outlet }) => outlet).join(", ")} divide a half rack; ${large.map(({ id }) => id).join(", ")} would start ${Math.min(...large.map((group) => group.boards.length))} boards or more at once. To start another half in waves, move the leads there and say so in the cluster file`,
    );
  return lines;
}

type Score = { readonly boards: number; readonly large: number; readonly moves: number };
type Choice = Score & { readonly groups: readonly Group[] };

function isBetter(a: Score, b: Score): boolean {
  if (a.boards !== b.boards) return a.boards > b.boards;
  if (a.large !== b.large) return a.large < b.large;
  return a.moves < b.moves;
}
