import { fakeClock } from "@bramble/core/base";
import type { ChunkAnswer, Outcome } from "@bramble/core/work";
import { expect, test } from "vitest";
import { begin, chunkAnswer, FakeHead, fakeHardware, foldOrder, order } from "../fake-parts.ts";
import type { ChunksRequest, FoldRunner, Runner, SpreadEnd } from "../runner/runner.ts";

const outcome: Outcome = { out: ["1"], effects: [], error: null, warnings: [], steps: 1, saves: {}, data: {} };
const spreadOrder = (lease: string) => ({ ...order(lease), spread: true });
const chunksOrder = (lease: string) => ({
  ...{ type: "chunks", lease, post: "{1}", order: foldOrder, from: 3, count: 2, budget: 9000, timeoutMs: 5000 },
});

/** A linked board whose runs come to one fold each, and whose batches end when they are told. */
async function linked() {
  const clock = fakeClock();
  const head = new FakeHead();
  const hardware = fakeHardware(clock);
  const known: (readonly (readonly ChunkAnswer[])[])[] = [];
  const batches: { request: ChunksRequest; signal: AbortSignal; end: (answers: ChunkAnswer[] | Error) => void }[] = [];
  const folds: FoldRunner = {
    slots: 2,
    async run(_request, answers): Promise<SpreadEnd> {
      known.push(answers.map((each) => [...each]));
      return answers.length === 0 ? { kind: "fold", order: foldOrder, ms: 2 } : { kind: "done", outcome, ms: 3 };
    },
    chunks: (request, signal) =>
      new Promise((resolve, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason));
        const end = (answers: ChunkAnswer[] | Error): void =>
          answers instanceof Error ? reject(answers) : resolve({ answers, ms: 7 });
        batches.push({ request, signal, end });
      }),
  };
  const runner: Runner = {
    slots: 1,
    folds,
    run: async () => ({ outcome: { ...outcome, out: ["alone"] }, ms: 1 }),
    [Symbol.asyncDispose]: async () => {},
  };
  const agent = begin(clock, head, "seed", { hardware, runner });
  await clock.advance(10_000);
  const said = (type: string) => head.last.texts.filter((message) => message.type === type);
  return { clock, head, hardware, agent, known, batches, said };
}

test("a board tells with its first ready how many batches it computes at a time", async () => {
  const { said } = await linked();
  expect(said("ready")[0]).toEqual({ type: "ready", slots: 1, held: [], chunks: 2 });
});

test("a run that comes to a big fold asks the head, and goes on with the answers", async () => {
  const { clock, head, known, said } = await linked();
  head.last.say(spreadOrder("a"));
  await clock.advance(10);
  expect(said("fold")).toEqual([{ type: "fold", lease: "a", fold: 0, order: foldOrder }]);
  expect(said("result")).toEqual([]);
  head.last.say({ type: "folded", lease: "a", fold: 1, answers: [null], isLast: true });
  head.last.say({ type: "folded", lease: "b", fold: 0, answers: [null], isLast: true });
  head.last.say({ type: "folded", lease: "a", fold: 0, answers: [chunkAnswer], isLast: false });
  await clock.advance(10);
  expect(said("result")).toEqual([]);
  head.last.say({ type: "folded", lease: "a", fold: 0, answers: [null, chunkAnswer], isLast: true });
  await clock.advance(10);
  expect(known).toEqual([[], [[chunkAnswer, null, chunkAnswer]]]);
  expect(said("result")).toEqual([{ type: "result", lease: "a", outcome, ms: 5 }]);
});

test("a head that knows nothing of folds gets its result as ever", async () => {
  const { clock, head, said, known } = await linked();
  head.last.say(order("a"));
  await clock.advance(10);
  expect(known).toEqual([]);
  expect(said("result")[0]).toMatchObject({ outcome: { out: ["alone"] } });
});

test("after a reconnect the question is asked again, and what came before of its answer is forgotten", async () => {
  const { clock, head, known, said } = await linked();
  head.last.say(spreadOrder("a"));
  await clock.advance(10);
  head.last.say({ type: "folded", lease: "a", fold: 0, answers: [null], isLast: false });
  head.last.events.closed("gone");
  await clock.advance(5000);
  expect(said("fold")).toHaveLength(1);
  expect(said("ready")[0]).toMatchObject({ held: ["a"] });
  head.last.say({ type: "folded", lease: "a", fold: 0, answers: [chunkAnswer], isLast: true });
  await clock.advance(10);
  expect(known.at(-1)).toEqual([[chunkAnswer]]);
});

test("a cancelled run does not wait any more", async () => {
  const { clock, head, said, agent } = await linked();
  head.last.say(spreadOrder("a"));
  await clock.advance(10);
  head.last.say({ type: "cancel", lease: "a" });
  await clock.advance(10);
  head.last.say({ type: "folded", lease: "a", fold: 0, answers: [], isLast: true });
  await clock.advance(10);
  expect(said("result")).toEqual([]);
  expect(agent.facts().work.running).toBe(0);
});

test("a batch of chunks is computed and answered once, beside the Warbles that the board was promised", async () => {
  const { clock, head, batches, said } = await linked();
  head.last.say(chunksOrder("c"));
  head.last.say(chunksOrder("c"));
  await clock.advance(10);
  expect(batches.map(({ request }) => request)).toEqual([
    { post: "{1}", order: foldOrder, from: 3, count: 2, budget: 9000, timeoutMs: 5000 },
  ]);
  batches[0]!.end([chunkAnswer, null]);
  await clock.advance(10);
  expect(said("chunked")).toEqual([{ type: "chunked", lease: "c", answers: [chunkAnswer, null], ms: 7 }]);
  expect(said("ready")).toHaveLength(1);
});

test("a batch that cannot be computed is given back, and a cancelled one is not answered", async () => {
  const { clock, head, batches, said } = await linked();
  head.last.say(chunksOrder("c"));
  head.last.say(chunksOrder("d"));
  await clock.advance(10);
  batches[0]!.end(new Error("the thread ended"));
  head.last.say({ type: "cancel", lease: "d" });
  await clock.advance(10);
  expect(said("chunked")).toEqual([{ type: "chunked", lease: "c", answers: [], ms: 0 }]);
  expect(batches[1]!.signal.aborted).toBe(true);
});

test("batches end with their link", async () => {
  const { clock, head, batches } = await linked();
  head.last.say(chunksOrder("c"));
  await clock.advance(10);
  head.last.events.closed("gone");
  expect(batches[0]!.signal.aborted).toBe(true);
});

test("a board that is given too many batches gives some back", async () => {
  const { clock, head, said } = await linked();
  for (let i = 0; i < 65; i++) head.last.say(chunksOrder(`c${i}`));
  await clock.advance(10);
  expect(said("chunked")).toEqual([{ type: "chunked", lease: "c64", answers: [], ms: 0 }]);
});

test("the load of its own chunks keeps no Warble away, any other does", async () => {
  const { clock, head, hardware, batches, said } = await linked();
  head.last.say(chunksOrder("c"));
  hardware.cpu = 95;
  await clock.advance(6000);
  expect(said("ready").map(({ slots }) => slots)).toEqual([1]);
  batches[0]!.end([chunkAnswer]);
  await clock.advance(12_000);
  expect(said("ready").map(({ slots }) => slots)).toEqual([1, 0]);
});
