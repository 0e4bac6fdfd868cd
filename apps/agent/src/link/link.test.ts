import { fakeClock, seededRandom, silentLog } from "@bramble/core/base";
import fc from "fast-check";
import { expect, test } from "vitest";
import { FakeHead, fakeHardware } from "../fake-parts.ts";
import { retryDelay } from "./backoff.ts";
import { Link, linkUrl } from "./link.ts";

test.each([
  ["http://10.0.0.1:8880", "ws://10.0.0.1:8880/api/v1/link"],
  ["https://head.example/", "wss://head.example/api/v1/link"],
  ["ws://head:1/x?y", "ws://head:1/api/v1/link"],
  ["wss://[fd00::1]:8880", "wss://[fd00::1]:8880/api/v1/link"],
])("%s is linked at %s", (head, url) => {
  expect(linkUrl(head)).toBe(url);
});

test("every retry waits between one second and a minute, the first at most four", () => {
  fc.assert(
    fc.property(fc.nat(), fc.string(), (failures, seed) => {
      const delay = retryDelay(failures, seededRandom(seed));
      expect(delay).toBeGreaterThanOrEqual(1000);
      expect(delay).toBeLessThanOrEqual(failures === 0 ? 4000 : 60_000);
    }),
  );
});

test("a computer that slept does not blame the head for the silence", async () => {
  const { clock, link, head } = await linked();
  for (let i = 0; i < 5; i++) await beat();
  await clock.advance(3_600_000);
  link.tick(clock.monotonic(), 1000);
  expect(link.state).toBe("linked");
  head.behaves = false;
  for (let i = 0; i < 11; i++) await beat();
  expect(link.state).toBe("waiting");

  async function beat(): Promise<void> {
    await clock.advance(1000);
    link.tick(clock.monotonic(), 1000);
  }
});

test("what an old connection still says is not heard on the new one", async () => {
  const { clock, link, head, heard } = await linked();
  const old = head.last;
  old.events.closed("gone");
  await clock.advance(4000);
  expect(link.state).toBe("linked");
  old.say({ type: "taken", lease: "old" });
  old.events.closed("gone again");
  expect(link.state).toBe("linked");
  expect(heard).toEqual([]);
  head.last.say({ type: "taken", lease: "new" });
  expect(heard).toEqual(["taken"]);
});

test("nothing is sent before the welcome or after the end", async () => {
  const { clock, link, head } = await linked((head) => {
    head.behaves = false;
  });
  expect(link.send({ type: "ready", slots: 1 })).toBe(false);
  expect(link.sendFrame(new Uint8Array(1))).toBe(false);
  await link.stop("over");
  expect(link.send({ type: "ready", slots: 1 })).toBe(false);
  expect(head.last.texts.map((message) => message.type)).toEqual(["hello"]);
  expect(clock.pending()).toBe(0);
});

async function linked(prepare: (head: FakeHead) => void = () => {}) {
  const clock = fakeClock();
  const head = new FakeHead();
  prepare(head);
  const heard: string[] = [];
  const link = new Link(
    {
      findHead: async () => ({ url: "http://10.0.0.1:8880" }),
      identity: fakeHardware(clock).identity,
      connect: head.connect,
      clock,
      random: seededRandom("link"),
      log: silentLog,
      version: "0.1.0",
      token: null,
    },
    { changed: () => {}, welcomed: () => {}, heard: (order) => heard.push(order.type), lost: () => {} },
  );
  link.start();
  await clock.advance(10);
  return { clock, head, link, heard };
}
