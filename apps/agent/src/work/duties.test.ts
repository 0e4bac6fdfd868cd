import { expect, test } from "vitest";
import { type FakeHead, order, start } from "../fake-parts.ts";

test("a result is sent again until it is taken, also on the next connection, and never run twice", async () => {
  const { clock, head, runner } = start();
  await clock.advance(10_000);
  expect(head.last.texts.filter((message) => message.type === "ready")).toEqual([
    { type: "ready", slots: 1, held: [] },
  ]);
  head.last.say(order("lease-1"));
  head.last.say(order("lease-1"));
  await clock.advance(1000);
  expect(runner.requests.length).toBe(1);
  expect(results(head)).toEqual(["lease-1"]);
  head.last.say(order("lease-1"));
  expect(results(head)).toEqual(["lease-1", "lease-1"]);
  head.last.events.closed("gone");
  await clock.advance(5000);
  expect(results(head)).toEqual(["lease-1"]);
  head.last.say({ type: "taken", lease: "lease-1" });
  head.last.events.closed("gone");
  await clock.advance(10_000);
  expect(results(head)).toEqual([]);
  expect(runner.requests.length).toBe(1);
});

test("a board that comes back tells which leases it holds", async () => {
  const { clock, head, runner } = start();
  await clock.advance(10_000);
  head.last.say(order("done"));
  await clock.advance(10);
  runner.holds = true;
  head.last.say(order("running"));
  head.last.events.closed("gone");
  await clock.advance(5000);
  expect(head.last.texts.find((message) => message.type === "ready")).toMatchObject({ held: ["running", "done"] });
});

test("a head that could not take a result for a while gets it again without a reconnect", async () => {
  const { clock, head } = start();
  await clock.advance(10_000);
  head.last.say(order("a"));
  await clock.advance(25_000);
  expect(results(head)).toEqual(["a", "a", "a"]);
  head.last.say({ type: "taken", lease: "a" });
  await clock.advance(25_000);
  expect(results(head)).toHaveLength(3);
});

test("a run uses up its slot without a word and its end offers it again", async () => {
  const { clock, head, runner } = start();
  runner.holds = true;
  await clock.advance(10_000);
  head.last.say(order("a"));
  await clock.advance(1000);
  expect(readies(head)).toEqual([1]);
  runner.release();
  await clock.advance(10);
  expect(readies(head)).toEqual([1, 1]);
});

test("a busy board withdraws its slots and offers them again when it is calm", async () => {
  const { clock, head, hardware } = start();
  await clock.advance(10_000);
  hardware.cpu = 80;
  await clock.advance(10_000);
  expect(readies(head)).toEqual([1, 0]);
  hardware.cpu = 10;
  await clock.advance(10_000);
  expect(readies(head)).toEqual([1, 0, 1]);
});

test("a cancelled run is ended and has no result", async () => {
  const { clock, head, runner } = start();
  runner.holds = true;
  await clock.advance(10_000);
  head.last.say(order("a"));
  head.last.say({ type: "cancel", lease: "a" });
  await clock.advance(1000);
  expect(runner.aborted).toBe(1);
  expect(results(head)).toEqual([]);
  expect(readies(head)).toEqual([1, 1]);
});

test("what a user has set on this board comes with the order, and is kept by nobody here", async () => {
  const { clock, head, runner } = start();
  await clock.advance(10_000);
  head.last.say({ ...order("a"), data: { x: "1" } });
  await clock.advance(10);
  head.last.say(order("b"));
  await clock.advance(10);
  expect(runner.requests.map((request) => request.data)).toEqual([{ x: "1" }, {}]);
});

test("a head that takes no result gets no more work done, and nothing grows", async () => {
  const { clock, head, agent, runner } = start();
  await clock.advance(10_000);
  for (let i = 0; i < 100; i++) {
    head.last.say(order(`lease-${i}`));
    await clock.advance(10);
  }
  expect(runner.requests.length).toBe(16);
  expect(agent.facts().work.unconfirmed).toBe(16);
  expect(readies(head).at(-1)).toBe(1);
});

const results = (head: FakeHead): unknown[] =>
  head.last.texts.filter((message) => message.type === "result").map((message) => message.lease);

const readies = (head: FakeHead): unknown[] =>
  head.last.texts.filter((message) => message.type === "ready").map((message) => message.slots);
