import { fakeClock } from "@bramble/core/base";
import { expect, test } from "vitest";
import { begin, FakeHead, fakeHardware, order, start, welcome } from "./fake-parts.ts";

test("an agent says hello, pings each second and sends a sample each five", async () => {
  const { clock, head, agent } = start();
  await clock.advance(60_000);
  expect(head.last.url).toBe("ws://10.0.0.1:8880/api/v1/link");
  expect(head.last.texts[0]).toMatchObject({
    type: "hello",
    mac: "b8:27:eb:00:00:01",
    simulated: true,
    agent: "0.1.0",
  });
  expect(agent.state()).toBe("linked");
  expect(head.last.pings).toBeGreaterThanOrEqual(58);
  expect(head.stored.length).toBeGreaterThanOrEqual(11);
  expect(head.stored.length).toBeLessThanOrEqual(12);
  expect(agent.facts()).toMatchObject({ name: "b0001", samples: { waiting: 0, dropped: 0 } });
});

test("a stopped agent says goodbye and leaves no timer", async () => {
  const { clock, head, agent } = start();
  await clock.advance(10_000);
  await agent.stop("reboot");
  expect(head.last.texts.at(-1)).toEqual({ type: "bye", reason: "reboot" });
  expect(head.last.closedByBoard).toBe(true);
  expect(agent.state()).toBe("stopped");
  expect(clock.pending()).toBe(0);
});

test("an agent ends even when the head does not answer its goodbye", async () => {
  const { clock, head, agent } = start();
  await clock.advance(10_000);
  head.behaves = false;
  const stopped = agent.stop("reboot");
  await clock.advance(1000);
  await stopped;
  expect(head.last.isTerminated).toBe(true);
  expect(clock.pending()).toBe(0);
});

test("a head that falls silent is left after ten seconds", async () => {
  const { clock, head, agent } = start();
  await clock.advance(10_000);
  head.behaves = false;
  await clock.advance(9000);
  expect(agent.state()).toBe("linked");
  await clock.advance(4000);
  expect(head.connections[0]!.isTerminated).toBe(true);
  head.behaves = true;
  await clock.advance(20_000);
  expect(agent.state()).toBe("linked");
});

test("a head that never welcomes is left after ten seconds", async () => {
  const { clock, head } = start((head) => {
    head.behaves = false;
  });
  await clock.advance(12_000);
  expect(head.connections[0]!.isTerminated).toBe(true);
});

test("every sample of an outage arrives exactly once and in order", async () => {
  const { clock, head } = start();
  await clock.advance(30_000);
  head.isDown = true;
  head.last.events.closed("cable cut");
  await clock.advance(3_600_000);
  head.isDown = false;
  await clock.advance(120_000);
  const { stored } = head;
  expect(stored.length).toBeGreaterThanOrEqual(740);
  expect(new Set(stored).size).toBe(stored.length);
  expect([...stored].sort((a, b) => a - b)).toEqual(stored);
  for (let i = 1; i < stored.length; i++) expect(stored[i]! - stored[i - 1]!).toBe(5000);
});

test("samples that were never answered are sent again, on the same connection and on the next", async () => {
  const { clock, head, agent } = start((head) => {
    head.stores = false;
  });
  await clock.advance(40_000);
  const counted = new Map<number, number>();
  for (const at of head.last.times) counted.set(at, (counted.get(at) ?? 0) + 1);
  expect(Math.max(...counted.values())).toBeGreaterThan(1);
  head.last.events.closed("gone");
  head.stores = true;
  await clock.advance(10_000);
  expect(new Set(head.stored)).toEqual(new Set([...counted.keys(), ...head.stored]));
  expect(agent.facts().samples.waiting).toBe(0);
});

test("the backlog leaves in frames that wait for their answers", async () => {
  const { clock, head } = start((head) => {
    head.isDown = true;
  });
  await clock.advance(3_600_000);
  head.isDown = false;
  head.stores = false;
  await clock.advance(62_000);
  expect(head.last.times.length).toBeLessThanOrEqual(7 * 4 * 60);
});

test("the first retries of a thousand boards are spread over one to four seconds", async () => {
  const clock = fakeClock();
  const heads = Array.from({ length: 200 }, () => new FakeHead());
  for (const [i, head] of heads.entries()) begin(clock, head, `board ${i}`);
  await clock.advance(10_000);
  for (const head of heads) head.last.events.closed("restart");
  const back = (): number => heads.filter((head) => head.connections.length === 2).length;
  await clock.advance(999);
  expect(back()).toBe(0);
  await clock.advance(1501);
  expect(back()).toBeGreaterThan(60);
  expect(back()).toBeLessThan(140);
  await clock.advance(1500);
  expect(back()).toBe(200);
});

test("boards are back within ten seconds of a head that was away for four", async () => {
  const clock = fakeClock();
  const heads = Array.from({ length: 200 }, () => new FakeHead());
  const agents = heads.map((head, i) => begin(clock, head, `board ${i}`));
  await clock.advance(10_000);
  for (const head of heads) {
    head.isDown = true;
    head.last.events.closed("restart");
  }
  await clock.advance(4000);
  for (const head of heads) head.isDown = false;
  await clock.advance(10_000);
  expect(agents.filter((agent) => agent.state() === "linked").length).toBe(200);
});

test("the wait grows to a minute while no head is there, and a stable minute forgets it", async () => {
  const { clock, head, agent } = start((head) => {
    head.isDown = true;
  });
  await clock.advance(1_800_000);
  const before = head.connections.length;
  await clock.advance(600_000);
  const inTenMinutes = head.connections.length - before;
  expect(inTenMinutes).toBeGreaterThanOrEqual(10);
  expect(inTenMinutes).toBeLessThanOrEqual(30);
  head.isDown = false;
  await clock.advance(60_000 + 70_000);
  expect(agent.state()).toBe("linked");
  head.last.events.closed("restart");
  await clock.advance(4000);
  expect(agent.state()).toBe("linked");
});

test("a beacon after a silence cuts a long wait short", async () => {
  const { clock, head, agent } = start((head) => {
    head.isDown = true;
  });
  await clock.advance(1_800_000);
  head.isDown = false;
  while (agent.state() !== "waiting") await clock.advance(100);
  agent.wake();
  await clock.advance(4100);
  expect(agent.state()).toBe("linked");
});

test("a refused board waits as long as it was told, beacon or not", async () => {
  const { clock, head, agent } = start((head) => {
    head.behaves = false;
  });
  await clock.advance(100);
  head.last.say({ type: "refused", code: "link.refused", message: "unknown token", retryAfterMs: 30_000 });
  expect(agent.state()).toBe("waiting");
  agent.wake();
  await clock.advance(29_900);
  expect(head.connections.length).toBe(1);
  await clock.advance(8000);
  expect(head.connections.length).toBe(2);
});

test.each([
  "",
  "{",
  "null",
  '{"type":"welcome"}',
  '{"type":"reboot"}',
  '{"type":"stored","upTo":"all"}',
  '{"type":"taken","lease":null}',
  '{"type":"run","lease":"1"}',
  "[[[[[[[[[[",
  "x".repeat(100_000),
])("a wrong message of the head is ignored: %.40s", async (frame) => {
  const { clock, head, agent } = start();
  await clock.advance(10_000);
  head.last.say(frame);
  await clock.advance(10_000);
  expect(agent.state()).toBe("linked");
  expect(head.connections.length).toBe(1);
});

test("orders before the welcome, a second welcome and absurd intervals do no harm", async () => {
  const { clock, head, agent } = start((head) => {
    head.behaves = false;
  });
  await clock.advance(100);
  head.last.say(order("early"));
  head.last.say({ ...welcome, heartbeatMs: 0, intervalMs: -1 });
  head.last.say({ ...welcome, name: "other" });
  head.last.say({ type: "stored", upTo: Number.MAX_VALUE });
  await clock.advance(5000);
  expect(agent.facts().name).toBe("b0001");
  expect(agent.facts().work.running).toBe(0);
  expect(head.last.pings).toBeLessThanOrEqual(6);
});

test("stored frees only what was sent", async () => {
  const { clock, head, agent } = start((head) => {
    head.isDown = true;
  });
  await clock.advance(30_000);
  head.isDown = false;
  head.behaves = false;
  while (agent.state() !== "linking") await clock.advance(100);
  const waiting = agent.facts().samples.waiting;
  head.last.say({ type: "stored", upTo: Number.MAX_SAFE_INTEGER });
  expect(agent.facts().samples.waiting).toBe(waiting);
});

test("a frozen board neither speaks nor closes, and links anew when it thaws", async () => {
  const { clock, head, agent } = start();
  await clock.advance(10_000);
  agent.freeze("everything");
  const { pings } = head.last;
  const said = head.last.texts.length;
  head.last.say(order("a"));
  await clock.advance(60_000);
  expect(head.last.pings).toBe(pings);
  expect(head.last.texts.length).toBe(said);
  expect(head.last.isPaused).toBe(true);
  expect(head.last.isTerminated || head.last.closedByBoard).toBe(false);
  expect(head.connections.length).toBe(1);
  expect(clock.pending()).toBe(0);
  agent.thaw();
  await clock.advance(10_000);
  expect(agent.state()).toBe("linked");
  expect(head.connections.length).toBe(2);
  expect(head.last.times.length).toBeGreaterThan(0);
});

test("asked to halt, a board that may says goodbye and halts; one that may not stays as it is", async () => {
  const clock = fakeClock();
  const head = new FakeHead();
  const halted: string[] = [];
  const obedient = begin(clock, head, "may", { halt: (reason) => halted.push(reason) });
  await clock.advance(10_000);
  head.last.say({ type: "halt", reason: "its power goes off" });
  await clock.advance(5000);
  expect(obedient.state()).toBe("stopped");
  expect(halted).toEqual(["its power goes off"]);
  expect(head.last.texts).toContainEqual({
    type: "bye",
    reason: "halts: its power goes off",
  });
  const other = new FakeHead();
  const stubborn = begin(clock, other, "may not");
  await clock.advance(10_000);
  other.last.say({ type: "halt", reason: "its power goes off" });
  await clock.advance(5000);
  expect(stubborn.state()).toBe("linked");
  await stubborn.stop("over");
});

test("a hung board pings but sends no samples", async () => {
  const { clock, head, agent } = start();
  await clock.advance(10_000);
  agent.freeze("samples");
  const samples = head.stored.length;
  const { pings } = head.last;
  await clock.advance(30_000);
  expect(head.stored.length).toBe(samples);
  expect(head.last.pings).toBeGreaterThanOrEqual(pings + 29);
  agent.thaw();
  await clock.advance(10_000);
  expect(head.stored.length).toBeGreaterThan(samples);
});

test("hardware that fails is asked again", async () => {
  const clock = fakeClock();
  const head = new FakeHead();
  const hardware = fakeHardware(clock);
  const { read } = hardware;
  let count = 0;
  hardware.read = () => (count++ % 2 === 0 ? Promise.reject(new Error("bus error")) : read());
  begin(clock, head, "seed", { hardware });
  await clock.advance(60_000);
  expect(head.stored.length).toBeGreaterThanOrEqual(5);
});

test("hardware without an identity yet is asked again", async () => {
  const clock = fakeClock();
  const head = new FakeHead();
  const hardware = fakeHardware(clock);
  const { identity } = hardware;
  let count = 0;
  hardware.identity = () => (count++ === 0 ? Promise.reject(new Error("no interface")) : identity());
  const agent = begin(clock, head, "seed", { hardware });
  await clock.advance(5000);
  expect(agent.state()).toBe("linked");
});
