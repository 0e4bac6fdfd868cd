import { clockFrom, seededRandom, silentLog, type TimeSource } from "@bramble/core/base";
import { relayOf } from "@bramble/core/boot";
import { expect, test } from "vitest";
import { labFiles, labMac, labSerial } from "../firmware/lab.ts";
import { noQuirks, type Verdict } from "../firmware/script.ts";
import { type FakeBootServers, openFakeBootServers } from "./fake-boot-servers.ts";
import { createBootNetwork, type NetworkBoard } from "./network.ts";

const time: TimeSource = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimeout: (run, ms) => setTimeout(run, ms),
  clearTimeout: (handle) => clearTimeout(handle as NodeJS.Timeout),
};
const speed = 1_000;
const clock = clockFrom(time);
const never = new AbortController().signal;

function networkTo({ servers }: FakeBootServers) {
  const get = async () => ({ status: 200, body: JSON.stringify({ servers }) });
  return createBootNetwork({ get, switches: ["s1"], clock, paced: clockFrom(time, speed), speed, log: silentLog });
}

function board(model: NetworkBoard["facts"]["model"], more: Partial<NetworkBoard> = {}): NetworkBoard {
  return {
    facts: { model, mac: labMac, serial: labSerial },
    random: seededRandom(1),
    quirks: noQuirks,
    stopAt: null,
    jack: { switch: "s1", port: 7 },
    loss: () => 0,
    ...more,
  };
}

test.each(["3b", "3b+", "4", "5"] as const)("a %s comes up over real sockets, from its own address", async (model) => {
  await using fake = await openFakeBootServers({ files: labFiles(model), clock });
  await using network = networkTo(fake);
  expect(await network.boot(board(model), never)).toMatchObject({ kind: "up", address: "10.0.0.44" });
  expect(fake.asked.every((message) => message.hops === 1 && message.giaddr === "127.30.1.1")).toBe(true);
  expect(relayOf(fake.asked[0]!)).not.toBeNull();
  expect(fake.requests.every((line) => line.startsWith("127.20.0.44 "))).toBe(true);
  expect(fake.requests.at(-1)).toContain(".squashfs");
});

test("a lossy cable makes a boot slow, not wrong", async () => {
  await using fake = await openFakeBootServers({ files: labFiles("3b+"), clock });
  await using network = networkTo(fake);
  const boots = Array.from({ length: 2 }, (_, seed) =>
    network.boot(
      board("3b+", {
        facts: { model: "3b+", mac: labMac.replace("44", `0${seed}`) as typeof labMac, serial: labSerial },
        random: seededRandom(seed),
        loss: () => 0.01,
      }),
      never,
    ),
  );
  for (const verdict of await Promise.all(boots)) expect(["up", "stopped"]).toContain(verdict?.kind);
});

test("a server that names a stranger's address makes the simulator speak to nobody", async () => {
  const answer = (reply: Parameters<NonNullable<Parameters<typeof openFakeBootServers>[0]["answer"]>>[0]) => ({
    ...reply,
    options: new Map(reply.options).set(66, new TextEncoder().encode("192.0.2.1")),
  });
  await using fake = await openFakeBootServers({ files: labFiles("3b+"), clock, answer });
  await using network = networkTo(fake);
  const life = new AbortController();
  const boot = network.boot(board("3b+"), life.signal);
  while (fake.asked.length === 0) await clock.sleep(5);
  await clock.sleep(100);
  life.abort(new Error("dark"));
  await expect(boot).rejects.toThrow("dark");
  expect(fake.requests).toEqual([]);
});

test("power that goes ends a boot at once, and the board can boot again", async () => {
  await using fake = await openFakeBootServers({ files: labFiles("4"), clock });
  await using network = networkTo(fake);
  const life = new AbortController();
  const boot = network.boot(board("4"), life.signal);
  while (fake.requests.length < 5) await clock.sleep(1);
  life.abort(new Error("dark"));
  await expect(boot).rejects.toThrow("dark");
  expect(await network.boot(board("4"), never)).toMatchObject({ kind: "up" });
});

test("a root that is no root is told by the RAM disk, that can speak", async () => {
  const files = labFiles("3b+");
  files.set(`${labSerial}/cmdline.txt`, new TextEncoder().encode("root=http://127.0.0.1:1/boot/x/root.squashfs"));
  await using fake = await openFakeBootServers({ files, clock, root: new Uint8Array(0) });
  await using network = networkTo(fake);
  const verdict = (await network.boot(board("3b+"), never)) as Verdict & { kind: "stopped" };
  expect(verdict).toMatchObject({ kind: "stopped", step: "root", file: "/boot/x/root.squashfs" });
  expect(fake.posts[0]).toContain(`/boot/${labMac}/step {"step":"root","failed":`);
});

test("without boot servers nothing is asked", async () => {
  const get = async () => ({ status: 404, body: "" });
  await using network = createBootNetwork({
    get,
    switches: [],
    clock,
    paced: clockFrom(time, speed),
    speed,
    log: silentLog,
  });
  expect(await network.boot(board("3b+"), never)).toBeNull();
});

test("boards wait where another simulator has the relay agents, and boot when it has ended", async () => {
  await using fake = await openFakeBootServers({ files: labFiles("3b+"), clock });
  await using second = networkTo(fake);
  const life = new AbortController();
  {
    await using first = networkTo(fake);
    expect(await first.boot(board("3b+"), never)).toMatchObject({ kind: "up" });
    const waits = second.boot(board("3b+"), life.signal);
    await clock.sleep(50);
    life.abort(new Error("dark"));
    await expect(waits).rejects.toThrow("dark");
  }
  expect(await second.boot(board("3b+"), never)).toMatchObject({ kind: "up" });
});
