import type { Agent } from "@bramble/agent";
import { fakeClock, seededRandom, silentLog } from "@bramble/core/base";
import { bootSteps } from "@bramble/core/boot";
import { expect, test } from "vitest";
import { Board } from "./board.ts";
import { plainCluster } from "./plain.ts";
import type { StepReport } from "./reports.ts";

/** One board with an agent that only notes what happens to it. */
function oneBoard(failPart = 0, isHeadThere = true) {
  const clock = fakeClock();
  const did: string[] = [];
  const told: StepReport[] = [];
  const agent = (): Agent => ({
    state: () => "linked",
    facts: () => null as never,
    onChange: null,
    wake: () => {},
    freeze: (what) => did.push(`freeze ${what}`),
    thaw: () => did.push("thaw"),
    stop: async (reason) => void did.push(`stop ${reason}`),
    [Symbol.asyncDispose]: async () => {},
  });
  const board = new Board(
    plainCluster(1).boards[0]!,
    {
      clock,
      paced: clock,
      seed: 1,
      random: seededRandom(1),
      failPart,
      log: silentLog,
      connect: () => null as never,
      runner: { slots: 1, run: () => new Promise(() => {}), [Symbol.asyncDispose]: async () => {} },
      network: { boot: async () => null, [Symbol.asyncDispose]: async () => {} },
      reports: {
        tell: (_, report) => {
          told.push(report);
          return isHeadThere ? Promise.resolve() : new Promise(() => {});
        },
        forget: () => {},
        [Symbol.asyncDispose]: async () => {},
      },
      startAgent: () => {
        did.push("start");
        return agent();
      },
    },
    () => ({ cpu: 1, load: 0, temperatureC: 40, burst: null, throttled: 0 }),
  );
  return { clock, did, told, board };
}

const longBoot = 60_000;

test("power, then each step of the firmware told in order, then the agent", async () => {
  const { clock, did, told, board } = oneBoard();
  board.setOutlet(true);
  expect(board.phase).toBe("booting");
  await clock.advance(1_000);
  expect(told).toEqual([]);
  await clock.advance(longBoot);
  expect(told.map(({ step }) => step)).toEqual(bootSteps.slice(0, 8));
  expect(told[0]).toMatchObject({
    mac: "b8:27:eb:00:00:01",
    serial: "00000000eb000001",
    simulated: true,
    failed: null,
  });
  expect(did).toEqual(["start"]);
  expect(board.phase).toBe("running");
  expect(clock.pending()).toBe(0);
});

test("without a head a board asks for its lease and goes no further", async () => {
  const { clock, told, board } = oneBoard(0, false);
  board.setOutlet(true);
  await clock.advance(longBoot);
  expect(told.map(({ step }) => step)).toEqual(["discover"]);
  expect(board.phase).toBe("booting");
});

test("power that goes in the middle of a boot ends it, power that comes back begins it anew", async () => {
  const { clock, told, did, board } = oneBoard();
  board.setOutlet(true);
  await clock.advance(6_000);
  board.setOutlet(false);
  const before = told.length;
  await clock.advance(longBoot);
  expect(told).toHaveLength(before);
  expect(board.phase).toBe("dark");
  expect(clock.pending()).toBe(0);
  board.setOutlet(true);
  await clock.advance(longBoot);
  expect(told[before]!.step).toBe("discover");
  expect(did).toEqual(["start"]);
});

test("a board that fails to boot stays so until its power is cycled", async () => {
  const { clock, did, told, board } = oneBoard();
  board.stopAt("root");
  board.setOutlet(true);
  await clock.advance(longBoot);
  expect(board.phase).toBe("failed");
  expect(told.at(-1)).toMatchObject({ step: "root", failed: "mount of the root timed out" });
  board.stopAt(null);
  await clock.advance(longBoot);
  expect(board.phase).toBe("failed");
  board.setOutlet(false);
  board.setOutlet(true);
  await clock.advance(longBoot);
  expect(did).toEqual(["start"]);
});

test("a board that stops at its first step is never heard of", async () => {
  const { clock, told, board } = oneBoard();
  board.stopAt("discover");
  board.setOutlet(true);
  await clock.advance(longBoot);
  expect(told).toEqual([]);
});

const running = async () => {
  const parts = oneBoard();
  parts.board.setOutlet(true);
  await parts.clock.advance(longBoot);
  parts.did.length = 0;
  return parts;
};

test("kill freezes the agent, revive thaws it without a restart", async () => {
  const { did, board } = await running();
  board.kill();
  expect(board.isLinked).toBe(false);
  expect(board.faults()).toEqual(["kill"]);
  board.revive();
  expect(did).toEqual(["freeze everything", "thaw"]);
  expect(board.isLinked).toBe(true);
  expect(board.faults()).toEqual([]);
});

test("hang stops the samples only", async () => {
  const { did, board } = await running();
  board.hang();
  board.revive();
  expect(did).toEqual(["freeze samples", "thaw"]);
});

test("halt says goodbye and stays down until revived", async () => {
  const { clock, did, board } = await running();
  board.halt();
  expect(did).toEqual(["stop halted"]);
  await clock.advance(longBoot);
  expect(board.phase).toBe("halted");
  board.revive();
  await clock.advance(longBoot);
  expect(board.phase).toBe("running");
});

test("a cut is power lost whatever the outlet says, and a restore boots only where the outlet is on", async () => {
  const { clock, did, board } = await running();
  board.cut();
  expect(board.phase).toBe("dark");
  expect(did).toEqual(["freeze everything", "stop power lost"]);
  board.setOutlet(false);
  board.restore();
  expect(board.phase).toBe("dark");
  board.setOutlet(true);
  await clock.advance(longBoot);
  expect(board.phase).toBe("running");
});

test("a power cycle cures a killed board", async () => {
  const { clock, board } = await running();
  board.kill();
  board.setOutlet(false);
  board.setOutlet(true);
  await clock.advance(longBoot);
  expect(board.isLinked).toBe(true);
});

test("a board killed on its way up goes no further, and boots again when revived", async () => {
  const { clock, did, board } = oneBoard();
  board.setOutlet(true);
  await clock.advance(5_000);
  board.kill();
  await clock.advance(longBoot);
  expect(did).toEqual([]);
  board.revive();
  await clock.advance(longBoot);
  expect(did).toEqual(["start"]);
});
