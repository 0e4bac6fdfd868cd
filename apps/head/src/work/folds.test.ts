import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { HeadMessage } from "@bramble/core/api";
import type { BoardRecord } from "@bramble/core/register";
import type { ChunkAnswer, FoldOrder } from "@bramble/core/work";
import { publicLimits, run, runChunks, runSpread } from "@bramble/warble";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createRig, type Rig, type RunMessage } from "./rig.ts";

const post = "{SUM(k,1,40000,1/k)}";
const environment = (order: RunMessage) => ({ ...order, board: 0, boards: 1, temperatureC: null });

/** What the boards of a rig do with what they are sent: the language's own work, at once, when the test lets them. */
class Boards {
  rig: Rig;
  readonly all: BoardRecord[];
  /** Answers a batch, or not; a test may put a liar here. */
  compute: (board: BoardRecord, answers: ChunkAnswer[], from: number) => ChunkAnswer[] | null = (_, answers) => answers;
  readonly dead = new Set<BoardRecord>();
  readonly batches = new Map<BoardRecord, number>();
  readonly #runs = new Map<string, { order: RunMessage; answers: ChunkAnswer[][]; parts: ChunkAnswer[] }>();
  readonly #cancelled = new Set<string>();
  #read = 0;

  constructor(rig: Rig, count: number) {
    this.rig = rig;
    this.all = Array.from({ length: count }, (_, n) => rig.board(n + 1));
  }

  ready(board: BoardRecord, held: string[] = []): void {
    this.rig.work.desk.ready(board, 1, held, 1);
  }

  /** Hands over so many messages. */
  async work(most = Number.POSITIVE_INFINITY): Promise<void> {
    for (let count = 0; count < most; count++) {
      await this.rig.settle();
      const sent = this.rig.sent[this.#read];
      if (sent === undefined) return;
      this.#read++;
      const board = this.all.find(({ mac }) => mac === sent.board)!;
      if (!this.dead.has(board)) await this.hear(board, sent.message);
    }
  }

  async hear(board: BoardRecord, message: HeadMessage): Promise<void> {
    const { desk } = this.rig.work;
    if (message.type === "cancel") this.#cancelled.add(message.lease);
    if (message.type === "run") {
      this.#runs.set(message.lease, { order: message, answers: [], parts: [] });
      await this.#go(board, message.lease);
    }
    if (message.type === "folded") {
      const running = this.#runs.get(message.lease)!;
      running.parts.push(...message.answers);
      if (!message.isLast) return;
      running.answers.push(running.parts);
      running.parts = [];
      await this.#go(board, message.lease);
    }
    if (message.type === "chunks" && !this.#cancelled.has(message.lease)) {
      this.batches.set(board, (this.batches.get(board) ?? 0) + 1);
      const answers = runChunks(message.post, message.order, message, message.budget);
      const said = this.compute(board, answers, message.from);
      if (said !== null) desk.chunked(board, message.lease, said, 100);
    }
  }

  /** They link to another head, with the runs that they have. */
  async link(rig: Rig, board: BoardRecord): Promise<void> {
    this.rig = rig;
    this.#read = 0;
    for (let n = 1; n <= this.all.length; n++) rig.board(n);
    for (const each of this.all) this.ready(each, each === board ? [...this.#runs.keys()] : []);
    for (const lease of this.#runs.keys()) await this.#go(board, lease);
  }

  async #go(board: BoardRecord, lease: string): Promise<void> {
    const { order, answers } = this.#runs.get(lease)!;
    const end = runSpread(order.post, environment(order), answers, publicLimits, 0);
    // Slow boards, for all that the head knows: a chunk takes 20 ms.
    const slow = (order: FoldOrder): FoldOrder => ({ ...order, steps: order.steps * 200 });
    if (end.kind === "fold") this.rig.work.desk.fold(board, lease, answers.length, slow(end.order));
    else await this.rig.work.desk.result(board, lease, end.result, 5);
    await this.rig.settle();
  }
}

async function begin(count: number): Promise<{ rig: Rig; boards: Boards }> {
  const rig = await createRig();
  return { rig, boards: new Boards(rig, count) };
}

async function posted(rig: Rig, text = post, user = "web:ada"): Promise<string> {
  const { id } = await rig.work.post({ text, user, token: null });
  await rig.settle();
  return id;
}

const alone = (text = post) =>
  run(text, { user: "ada", board: 0, boards: 1, temperatureC: null, nowMs: 0, seed: 1, saved: {}, data: {} });

test.each([1, 2, 7])("a fold on %i boards ends as on one", async (count) => {
  const { rig, boards } = await begin(count);
  await using _rig = rig;
  for (const board of boards.all) boards.ready(board);
  const id = await posted(rig);
  await boards.work();
  expect(rig.work.find(id)).toMatchObject({ state: "done", out: alone().out, steps: alone().steps, error: null });
  expect(boards.batches.size).toBe(count);
});

test("progress tells chunks and boards while it lasts", async () => {
  const { rig, boards } = await begin(3);
  await using _rig = rig;
  for (const board of boards.all) boards.ready(board);
  const id = await posted(rig);
  expect(rig.work.find(id).fold).toBeNull();
  await boards.work(1);
  expect(rig.work.find(id).fold).toEqual({ done: 0, total: 39, boards: 0 });
  await boards.work(2);
  const { done, boards: helped } = rig.work.find(id).fold!;
  expect(done).toBeGreaterThan(0);
  expect(helped).toBe(2);
  await boards.work();
  expect(rig.work.find(id)).toMatchObject({ state: "done", fold: null });
});

test("the chunks of a board that falls silent are computed by others", async () => {
  const { rig, boards } = await begin(3);
  await using _rig = rig;
  for (const board of boards.all) boards.ready(board);
  const id = await posted(rig);
  await boards.work(1);
  const runner = boards.all.find((board) => rig.runs(board).length > 0)!;
  const lost = boards.all.find((board) => board !== runner)!;
  boards.dead.add(lost);
  await boards.work();
  expect(rig.work.find(id).state).toBe("leased");
  rig.work.desk.gone(lost);
  await boards.work();
  expect(rig.work.find(id)).toMatchObject({ state: "done", out: alone().out, attempts: 1 });
});

test("a slow board's chunks are given to another one after a second", async () => {
  const { rig, boards } = await begin(2);
  await using _rig = rig;
  for (const board of boards.all) boards.ready(board);
  const id = await posted(rig);
  await boards.work(1);
  boards.dead.add(boards.all.find((board) => rig.runs(board).length === 0)!);
  await boards.work();
  await rig.clock.advance(2500);
  await boards.work();
  expect(rig.work.find(id)).toMatchObject({ state: "done", out: alone().out });
});

test("when the board that runs the Warble is lost, the next one has the answers that are known", async () => {
  const { rig, boards } = await begin(3);
  await using _rig = rig;
  for (const board of boards.all) boards.ready(board);
  const id = await posted(rig);
  await boards.work(1);
  const runner = boards.all.find((board) => rig.runs(board).length > 0)!;
  boards.dead.add(runner);
  rig.work.desk.gone(runner);
  await boards.work();
  const batches = [...boards.batches.values()].reduce((a, b) => a + b, 0);
  expect(batches).toBeGreaterThan(1);
  await rig.clock.advance(11_000);
  await boards.work();
  expect(rig.work.find(id)).toMatchObject({ state: "done", out: alone().out, attempts: 2 });
});

test("a lease lasts as long as its run waits for a fold", async () => {
  const { rig, boards } = await begin(2);
  await using _rig = rig;
  for (const board of boards.all) boards.ready(board);
  const id = await posted(rig);
  await boards.work(1);
  for (let second = 0; second < 40; second += 5) {
    await rig.clock.advance(5000);
    await rig.settle();
  }
  expect(rig.work.find(id)).toMatchObject({ state: "leased", attempts: 1 });
  await boards.work();
  expect(rig.work.find(id)).toMatchObject({ state: "done", out: alone().out, attempts: 1 });
});

test("where no board computes chunks the run is left alone with its fold", async () => {
  const { rig, boards } = await begin(1);
  await using _rig = rig;
  rig.work.desk.ready(boards.all[0]!, 1, [], 0);
  const id = await posted(rig);
  await boards.work();
  await rig.clock.advance(5000);
  await boards.work();
  expect(rig.work.find(id)).toMatchObject({ state: "done", out: alone().out });
  expect(boards.batches.size).toBe(0);
});

test("a board that is busy with something else computes no chunks", async () => {
  const { rig, boards } = await begin(3);
  await using _rig = rig;
  for (const board of boards.all) boards.ready(board);
  rig.board(3, { cpu: 80 });
  await posted(rig);
  await boards.work();
  expect(boards.batches.has(boards.all[2]!)).toBe(false);
});

test("another post goes before chunks, also on boards that are busy with them", async () => {
  const { rig, boards } = await begin(1);
  await using _rig = rig;
  const [board] = boards.all;
  rig.work.desk.ready(board!, 2, [], 1);
  const slow = await posted(rig);
  await boards.work(1);
  rig.board(1, { cpu: 100 });
  const quick = await posted(rig, "{PRINT(7)}", "web:bob");
  await rig.clock.advance(1000);
  expect(rig.work.find(quick).state).toBe("leased");
  await boards.work();
  expect(rig.work.find(quick)).toMatchObject({ state: "done", out: ["7"] });
  expect(rig.work.find(slow)).toMatchObject({ state: "done", out: alone().out });
});

test("a cancelled Warble ends at once, and so do its run and its chunks", async () => {
  const { rig, boards } = await begin(3);
  await using _rig = rig;
  for (const board of boards.all) boards.ready(board);
  const { id, token } = await rig.work.post({ text: post, user: "web:ada", token: null });
  await rig.settle();
  await boards.work(1);
  await expect(rig.work.cancel(id, null)).rejects.toMatchObject({ code: "auth.player" });
  await expect(rig.work.cancel(id, "another")).rejects.toMatchObject({ code: "auth.player" });
  await expect(rig.work.cancel("w99", null)).rejects.toMatchObject({ code: "warble.unknown" });
  const out = rig.sent.flatMap(({ message }) =>
    message.type === "chunks" || message.type === "run" ? [message.lease] : [],
  );
  expect(await rig.work.cancel(id, token!)).toBe(true);
  expect(rig.work.find(id)).toMatchObject({ state: "failed", error: { class: "CANCELLED" }, fold: null });
  const ended = rig.sent.flatMap(({ message }) => (message.type === "cancel" ? [message.lease] : []));
  expect(ended.sort()).toEqual(out.sort());
  expect(await rig.work.cancel(id, token!)).toBe(false);
  await boards.work();
  expect(rig.work.find(id).state).toBe("failed");
});

test("a Warble that waits in the queue, or is on its way to a board, is taken back too", async () => {
  const { rig, boards } = await begin(1);
  await using _rig = rig;
  const { id, token } = await rig.work.post({ text: "{1}", user: "web:ada", token: null });
  const next = await rig.work.post({ text: "{2}", user: "web:ada", token: token! });
  expect(await rig.work.cancel(id, token!)).toBe(true);
  expect(rig.work.find(id)).toMatchObject({ state: "failed", board: null });
  expect(rig.work.counters()).toMatchObject({ queued: 1, failed: 1 });
  boards.ready(boards.all[0]!);
  await Promise.resolve();
  await Promise.resolve();
  const cancelled = rig.work.cancel(next.id, token!);
  await boards.work();
  expect(await cancelled).toBe(true);
  expect(rig.work.counters()).toMatchObject({ queued: 0, leased: 0, failed: 2 });
});

test("two folds take turns", async () => {
  const { rig, boards } = await begin(3);
  await using _rig = rig;
  for (const board of boards.all) boards.ready(board);
  const first = await posted(rig);
  const second = await posted(rig, "{PROD(k,1,20000,1+1/k)}", "web:bob");
  await boards.work();
  const turns = rig.sent.flatMap(({ message }) => (message.type === "chunks" ? [message.post] : []));
  expect(turns.lastIndexOf(post)).toBeGreaterThan(turns.indexOf("{PROD(k,1,20000,1+1/k)}"));
  expect(rig.work.find(first).out).toEqual(alone().out);
  expect(rig.work.find(second).out).toEqual(alone("{PROD(k,1,20000,1+1/k)}").out);
});

test("a board that computes wrongly is found out by two others, named, and given no more", async () => {
  const { rig, boards } = await begin(5);
  await using _rig = rig;
  const told: string[] = [];
  rig.bus.on("event", ({ kind, board }) => void told.push(`${kind} ${board}`));
  for (const board of boards.all) boards.ready(board);
  const id = await posted(rig);
  await boards.work(1);
  const [slow, slower] = boards.all.filter((board) => rig.runs(board).length === 0);
  const batchesOf = (board: BoardRecord) =>
    rig.sent.flatMap(({ board: to, message }) => (to === board.mac && message.type === "chunks" ? [message] : []));
  boards.dead.add(slow!);
  boards.dead.add(slower!);
  await boards.work();
  // Two batches are out with boards that do not answer; both are given to others, of whom one lies and one is slow.
  let liar: BoardRecord | null = null;
  const late = new Set(batchesOf(slower!).map(({ from }) => from));
  boards.compute = (board, answers, from) => {
    if (late.has(from)) return null;
    if (liar !== null) return answers;
    liar = board;
    return answers.map((answer) => answer && { ...answer, value: "666.0" });
  };
  await rig.clock.advance(2500);
  await boards.work();
  expect(liar).not.toBeNull();
  for (const batch of batchesOf(slow!)) await boards.hear(slow!, batch);
  await boards.work();
  expect(told).toEqual([`board.wrong ${liar!.name}`]);
  const given = batchesOf(liar!).length;
  boards.compute = (_, answers) => answers;
  for (const batch of batchesOf(slower!)) await boards.hear(slower!, batch);
  await boards.work();
  expect(rig.work.find(id)).toMatchObject({ state: "done", out: alone().out });
  expect(batchesOf(liar!)).toHaveLength(given);
});

test("a run that nobody leased is cancelled when it asks", async () => {
  const { rig, boards } = await begin(1);
  await using _rig = rig;
  const order = runSpread(post, environment({ saved: {}, data: {} } as never), [], publicLimits, 0);
  if (order.kind !== "fold") throw new Error("no fold");
  rig.work.desk.fold(boards.all[0]!, "nothing", 0, order.order);
  expect(rig.sent.at(-1)?.message).toEqual({ type: "cancel", lease: "nothing" });
});

test("a head that was killed goes on with the fold when the board asks again", async () => {
  const folder = mkdtempSync(join(tmpdir(), "bramble-folds-"));
  const path = join(folder, "head.db");
  const first = await createRig({ path });
  const boards = new Boards(first, 2);
  for (const board of boards.all) boards.ready(board);
  const id = await posted(first);
  await boards.work(3);
  const runner = boards.all.find((board) => first.runs(board).length > 0)!;
  expect(first.work.find(id).fold?.done).toBeGreaterThan(0);
  await first[Symbol.asyncDispose]();
  const second = await createRig({ path, clock: first.clock });
  await boards.link(second, runner);
  await boards.work();
  expect(second.work.find(id)).toMatchObject({ state: "done", out: alone().out, attempts: 1 });
  await second[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

test("whatever boards are lost and come back, the fold ends as on one", async () => {
  const programs = [post, "{PROD(k,1,9000,1+1/k)}", "{MAP(k,1,5000,k*k)[4999]}", "{SUM(k,1,30000,1/(20000-k))}"];
  const event = fc.record({ what: fc.constantFrom("lose", "back", "work", "work", "work", "wait"), board: fc.nat(3) });
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...programs), fc.array(event, { maxLength: 30 }), async (text, events) => {
      const { rig, boards } = await begin(4);
      await using _rig = rig;
      for (const board of boards.all) boards.ready(board);
      const id = await posted(rig, text);
      for (const { what, board: n } of events) {
        const board = boards.all[n]!;
        if (what === "work") await boards.work(3);
        if (what === "wait") await rig.clock.advance(2000);
        if (what === "lose" && n > 0 && rig.runs(board).length === 0) {
          boards.dead.add(board);
          rig.work.desk.gone(board);
        }
        if (what === "back" && boards.dead.delete(board)) boards.ready(board);
      }
      boards.dead.clear();
      for (let round = 0; round < 20 && rig.work.find(id).state !== "done"; round++) {
        await boards.work();
        await rig.clock.advance(3000);
      }
      const { out, error, steps } = alone(text);
      expect(rig.work.find(id)).toMatchObject({ state: "done", out, error, steps });
    }),
    { numRuns: 40 },
  );
});
