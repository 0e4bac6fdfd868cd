import type { Cluster } from "@bramble/core/cluster";
import type { PowerRequest } from "@bramble/core/power";
import { checkTrace, fakeCluster } from "@bramble/core/power";
import { expect, test } from "vitest";
import type { PowerJournal } from "../store/power-plans.ts";
import { type FakeBox, fakeBox } from "./fake-parts.ts";

const plain = fakeCluster(
  [
    { id: "misc", feeds: ["buttons"], alwaysOn: true },
    { id: "c-server", feeds: ["server"] },
    { id: "c-core", feeds: ["core"] },
    ...["g01", "g02", "g03"].map((id) => ({ id, boards: 4 })),
  ],
  { needs: ["g01", "g02", "g03"].map((what) => ({ what, needs: ["core", "server"] })), waveBoards: 8 },
);
const cluster: Cluster = {
  ...plain,
  needs: [
    ...plain.needs,
    {
      ...{ what: "server", needs: ["c-server", "buttons"], timeoutMs: 300_000, ready: "tcp 10.0.0.10:8880" },
      start: { press: "power", of: "buttons", afterMs: 5000 },
    },
  ],
};
const all = cluster.boards.map(({ name }) => name);
const second = 1000;
const outlets = ["pdu0.1", "pdu0.2", "pdu0.3", "pdu0.4", "pdu0.5", "pdu0.6"];

/** The head dies at its n-th write: before it is committed, or just after. */
type Death = { readonly at: number; readonly isCommitted: boolean };

test.each([{ isCommitted: false }, { isCommitted: true }])(
  "a head that dies at any write of a bring-up goes on after its restart, switches nothing twice and keeps every limit: %o",
  async ({ isCommitted }) => {
    const { writes } = await live({ at: Number.POSITIVE_INFINITY, isCommitted });
    expect(writes).toBeGreaterThan(20);
    for (let at = 1; at <= writes; at++) {
      const { box } = await live({ at, isCommitted });
      await using _box = box;
      const what = `write ${at} of ${writes}`;
      expect([...box.switched].sort(), what).toEqual(outlets.map((id) => `${id} on`).sort());
      expect(box.pressed, what).toEqual(["buttons power"]);
      expect(all.map(box.stateOf), what).toEqual(all.map(() => "up"));
      const broken = checkTrace(cluster, box.journal.trace(0, 1000));
      // The box begins with everything off, also what never is.
      expect(
        broken.filter(({ rule }) => rule !== "always-on"),
        what,
      ).toEqual([]);
      expect(box.journal.open(), what).toEqual([]);
    }
  },
);

test.each([{ isCommitted: false }, { isCommitted: true }])(
  "a head that dies at any write of a cycle leaves everything on, each outlet switched once off and once on: %o",
  async ({ isCommitted }) => {
    const cycle = (box: FakeBox): void => {
      const request: PowerRequest = {
        action: "cycle",
        boards: all,
        profile: null,
        withParents: true,
        allowCollateral: true,
      };
      void box.power.sequencer.ask({ request, set: "all", by: "operator", why: null, key: "once" }).catch(() => {});
    };
    const { writes } = await live({ at: Number.POSITIVE_INFINITY, isCommitted }, cycle);
    for (let at = 1; at <= writes; at++) {
      const { box } = await live({ at, isCommitted }, cycle);
      await using _box = box;
      const groups = ["pdu0.4", "pdu0.5", "pdu0.6"].flatMap((id) => [`${id} off`, `${id} on`]);
      expect(box.switched.slice(outlets.length).sort(), `write ${at}`).toEqual(groups.sort());
      expect(all.map(box.stateOf), `write ${at}`).toEqual(all.map(() => "up"));
    }
  },
);

test("a group that was cycled before the head died is not given its retries anew", async () => {
  await using box = fakeBox(cluster);
  wireServer(box);
  box.comesUp = (board) => !["b0001", "b0002", "b0003", "b0004"].includes(board);
  box.power.sequencer.up(all);
  await pass(box, 290 * second);
  expect(box.switched.filter((line) => line === "pdu0.4 off")).toHaveLength(2);
  await box.power.sequencer[Symbol.asyncDispose]();
  box.restart().sequencer.resume();
  await pass(box, 900 * second);
  expect(box.switched.filter((line) => line === "pdu0.4 off")).toHaveLength(3);
  expect(box.journal.list(1)[0]).toMatchObject({ state: "done" });
  expect(box.journal.list(1)[0]?.missing.map(({ board }) => board)).toEqual(["b0001", "b0002", "b0003", "b0004"]);
});

test("an outlet that its PDU forgot while no head was there is switched on again", async () => {
  await using box = fakeBox(cluster);
  wireServer(box);
  box.power.sequencer.up(all);
  await pass(box, 45 * second);
  expect(box.isOn("pdu0.3")).toBe(true);
  await box.power.sequencer[Symbol.asyncDispose]();
  box.forget("pdu0.3");
  box.restart().sequencer.resume();
  await pass(box, 300 * second);
  expect(box.isOn("pdu0.3")).toBe(true);
  expect(box.events.map(({ kind }) => kind)).toContain("outlet.changed");
  expect(all.map(box.stateOf)).toEqual(all.map(() => "up"));
});

test("what a head finds switched at its start is in the trace with the time of its first reading", async () => {
  await using box = fakeBox(cluster);
  await pass(box, second);
  await box.power[Symbol.asyncDispose]();
  // All are on: none that is off makes news of the reading.
  for (const outlet of outlets) box.close(outlet);
  const readAt = box.clock.now();
  box.restart();
  await box.clock.advance(1000);
  const seen = box.journal.trace(readAt, 1000).map(({ at, outlet }) => ({ at, outlet }));
  expect(seen).toEqual(outlets.map((outlet) => ({ at: readAt, outlet })));
});

test("a switching by hand is in the trace though the PDU's meter breaks off each reading", async () => {
  await using box = fakeBox(cluster);
  await pass(box, second);
  box.unmetered.add("pdu0");
  box.close("pdu0.4");
  await pass(box, 12 * second);
  expect(box.journal.trace(0, 1000).filter(({ outlet }) => outlet === "pdu0.4")).toMatchObject([
    { on: true, plan: null },
  ]);
});

/** From all off, or after a bring-up when `then` is given, until everything is over; with one death on the way. */
async function live(death: Death, then?: (box: FakeBox) => void): Promise<{ box: FakeBox; writes: number }> {
  const box = fakeBox(cluster);
  wireServer(box);
  if (then !== undefined) {
    box.power.sequencer.up(all);
    await pass(box, 200 * second);
  }
  const mortal = dying(box.journal, death);
  await box.power[Symbol.asyncDispose]();
  box.restart(mortal.journal);
  const begin = (): void => (then === undefined ? void box.power.sequencer.up(all) : then(box));
  begin();
  await pass(box, 250 * second, () => mortal.isDead());
  if (mortal.isDead()) {
    await pass(box, 3 * second);
    const { sequencer } = box.restart();
    sequencer.resume();
    // What never came into the journal has to be asked for again.
    if (sequencer.live().length === 0) begin();
    await pass(box, second);
    await pass(box, 700 * second, () => box.power.sequencer.live().length === 0);
    await pass(box, 2 * second);
  }
  return { box, writes: mortal.writes() };
}

/** The server runs 20 s after it was pressed; a press while it runs or starts stops it. */
function wireServer(box: FakeBox): void {
  let isRunning = false;
  box.onPress = () => {
    isRunning = !isRunning;
    if (!isRunning) box.answering.clear();
    else box.clock.after(20_000, () => void (isRunning && box.answering.add("10.0.0.10:8880")));
  };
}

function dying(journal: PowerJournal, { at, isCommitted }: Death) {
  let writes = 0;
  let isDead = false;
  const never = new Promise<never>(() => {});
  const write =
    <A extends unknown[], T>(run: (...args: A) => Promise<T>) =>
    async (...args: A): Promise<T> => {
      if (isDead || ++writes === at) {
        const isLast = !isDead;
        isDead = true;
        if (isLast && isCommitted) await run(...args);
        return never;
      }
      return run(...args);
    };
  const mortal: PowerJournal = {
    ...journal,
    create: write(journal.create),
    planned: write(journal.planned),
    missed: write(journal.missed),
    end: write(journal.end),
    step: write(journal.step),
    intend: write(journal.intend),
    outcome: write(journal.outcome),
    traced: (moves) => (isDead ? never : journal.traced(moves)),
  };
  return { journal: mortal, writes: () => writes, isDead: () => isDead };
}

async function pass(box: FakeBox, ms: number, isOver: () => boolean = () => false): Promise<void> {
  for (let passed = 0; passed < ms && !isOver(); passed += 500) await box.clock.advance(500);
}
