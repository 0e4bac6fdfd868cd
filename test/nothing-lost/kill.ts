import { createWorkerPool } from "@bramble/agent";
import type { Random } from "@bramble/core/base";
import { seededRandom } from "@bramble/core/base";
import { trueClock } from "../bench/clock.ts";
import { pause } from "../bench/process.ts";
import { startMortalHead } from "./head.ts";
import type { Ledger } from "./ledger.ts";
import { countOf, emptyLedger } from "./ledger.ts";
import { play, postSamples, startBoard } from "./load.ts";
import { allDone, verify } from "./verify.ts";

/** What one story of kills has seen. */
export type KillFigures = {
  readonly kills: number;
  readonly stored: number;
  readonly posted: number;
  readonly taken: number;
  readonly registered: number;
  /** Mean ms from the launch of a head to its ready line. */
  readonly startMs: number;
  /** From the last start until nothing was open any more. */
  readonly drainMs: number;
};

/**
 * Boards, players and posters of samples keep a head busy; it is killed in the middle of that, `kills` times, and started
 * again. At the end it is asked for everything that it ever promised.
 */
export async function killAgainAndAgain(kills: number, boards: number, seed: string): Promise<KillFigures> {
  await using head = await startMortalHead("mini-84.yaml");
  await using runner = createWorkerPool({ clock: trueClock, workers: 1, slots: 1 });
  const random = seededRandom(seed);
  const ledger = emptyLedger();
  const ending = new AbortController();
  const agents = Array.from({ length: boards }, (_, index) =>
    startBoard(index, head.url, runner, ledger, ending.signal),
  );
  const playing = new AbortController();
  const players: Promise<void>[] = [];
  for (let poster = 0; poster < 2; poster++) players.push(postSamples(head.url, poster, ledger, playing.signal));
  const starts: number[] = [];
  try {
    for (let round = 0; round < kills; round++) {
      // New names in each round, so that claims of names are caught by kills too.
      for (const name of ["ada", "bob"]) players.push(play(head.url, `web:${name}-${round}`, ledger, playing.signal));
      await someLoad(ledger, random);
      await head.kill();
      starts.push(await head.restart());
    }
    playing.abort();
    await Promise.all(players);
    const drainMs = await allDone(head.url, ledger, agents);
    ending.abort();
    await Promise.all(agents.map((agent) => agent.stop("over")));
    await verify(head.url, ledger);
    // Once more from the disk alone, as the next start will read it.
    await head.kill();
    await head.restart();
    await verify(head.url, ledger);
    return {
      ...{ kills, posted: ledger.posted.size, taken: ledger.taken.size, registered: ledger.registered.size, drainMs },
      stored: countOf(ledger.stored),
      startMs: starts.reduce((sum, ms) => sum + ms, 0) / starts.length,
    };
  } finally {
    playing.abort();
    ending.abort();
    await Promise.all([...players, ...agents.map((agent) => agent.stop("over"))]);
  }
}

/** Until the head has promised some of everything since its start, and then a moment that nobody chose. */
async function someLoad(ledger: Ledger, random: Random): Promise<void> {
  const from = { stored: countOf(ledger.stored), posted: ledger.posted.size, taken: ledger.taken.size };
  const until = performance.now() + 20_000;
  for (;;) {
    const isBusy =
      countOf(ledger.stored) > from.stored + 50 &&
      ledger.posted.size > from.posted + 2 &&
      ledger.taken.size > from.taken + 2;
    if (isBusy) break;
    if (performance.now() > until) throw new Error("the head took no work within 20 s of its start");
    await pause(10);
  }
  await pause(random.whole(120));
}
