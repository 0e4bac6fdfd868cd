import { expect, test } from "vitest";
import { startBoardUnderLoad } from "../support/board-under-load.ts";
import { corpus, differenceOf } from "../support/corpus.ts";
import type { Player } from "../support/link-endpoint.child.ts";

/** The agent as a board runs it, leased each program over its link; the command line and HTTP have tests of their own. */
test("all 164 programs of the corpus give the same bytes and effects on a board", async () => {
  await using board = await startBoardUnderLoad();
  const wrong: string[] = [];
  const programs = corpus();
  for (const program of programs) {
    const players = new Map<string, Player>();
    const runAs = async (user: string, source: string) => {
      const before = players.get(user) ?? { user, saved: {}, data: {} };
      const { outcome } = await board.run(source, before);
      const saved = { ...before.saved, ...outcome.saves };
      players.set(user, { user, saved, data: { ...before.data, ...outcome.data } });
      return outcome;
    };
    for (const { user, source } of program.before ?? []) await runAs(user, source);
    const difference = differenceOf(program, await runAs(program.user ?? "ada", program.source));
    if (difference !== null) wrong.push(difference);
  }
  console.log(`${programs.length - wrong.length} of ${programs.length} programs are the same on a board`);
  expect(programs).toHaveLength(164);
  expect(wrong).toEqual([]);
}, 600_000);
