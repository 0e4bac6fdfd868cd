import type { Agent, Identity } from "@bramble/agent";
import { fakeClock, seededRandom, silentLog } from "@bramble/core/base";
import { bootSteps } from "@bramble/core/boot";
import { expect, test } from "vitest";
import type { BootNetwork, NetworkBoard } from "../network/network.ts";
import { Board } from "./board.ts";
import { plainCluster } from "./plain.ts";
import type { StepReport } from "./reports.ts";

/** One board with an agent that only notes what happens to it. */
function oneBoard(failPart = 0, isHeadThere = true, boot: BootNetwork["boot"] = async () => null) {
  const clock = fakeClock();
  const did: string[] = [];
  const told: StepReport[] = [];
  const met: Identity[] = [];
  /** What the head may ask of its agent. */
  const asked = { halt: (_reason: string, _restart: boolean): void => {} };
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
      network: { boot, setRogue: () => {}, [Symbol.asyncDispose]: async () => {} },
      reports: {
        tell: (_, report) => {
          told.push(report);
          return isHeadThere ? Promise.resolve() : new Promise(() => {});
        },
        forget: () => {},
        [Symbol.asyncDispose]: async () => {},
      },
      startAgent: ({ hardware, halt }) => {
        did.push("start");
        asked.halt = halt;
        void hardware.identity().then((who) => met.push(who));
        return agent();
      },
    },
    () => ({ cpu: 1, load: 0, temperatureC: 40, burst: null, throttled: 0 }),
  );
  return { clock, did, told, met, board, asked };
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

test("a head that asks its agent for a restart sees it boot anew, one that asks it to halt does not", async () => {
  const { clock, did, board, asked } = await running();
  asked.halt("an operator asks for it", true);
  expect(board.phase).toBe("booting");
  await clock.advance(longBoot);
  expect(did).toEqual(["stop halted", "start"]);
  asked.halt("its power goes off", false);
  await clock.advance(longBoot);
  expect(board.phase).toBe("halted");
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

const up = { kind: "up", address: "172.20.11.7", hasFixup: true, cmdline: "" } as const;

test("where the head serves boots nothing is told, and the agent speaks from the leased address", async () => {
  const asked: NetworkBoard[] = [];
  const { clock, did, told, met, board } = oneBoard(0, true, async (asks) => {
    asked.push(asks);
    return up;
  });
  board.setOutlet(true);
  await clock.advance(1);
  expect(told).toEqual([]);
  expect(did).toEqual(["start"]);
  expect(met).toMatchObject([{ address: "172.20.11.7", memoryMb: 877.6 }]);
  expect(asked[0]).toMatchObject({
    facts: { model: "3b+", mac: "b8:27:eb:00:00:01", serial: "eb000001" },
    stopAt: null,
    jack: { switch: null, port: null },
  });
});

test("a board whose firmware lost its fixup.dat has little memory", async () => {
  const { clock, met, board } = oneBoard(0, true, async () => ({ ...up, hasFixup: false }));
  board.setOutlet(true);
  await clock.advance(1);
  expect(met[0]!.memoryMb).toBeLessThan(128);
});

test("a board that stopped on the wire stays so until its power is cycled; it is told where to stop", async () => {
  const stops: (string | null)[] = [];
  const { clock, did, board } = oneBoard(0, true, async ({ stopAt, loss }) => {
    stops.push(`${stopAt} ${loss()}`);
    return stopAt === null ? up : { kind: "stopped", step: stopAt, file: null, why: "told to stop" };
  });
  board.stopAt("kernel");
  board.lose(0.25);
  board.setOutlet(true);
  await clock.advance(longBoot);
  expect(board.phase).toBe("failed");
  board.stopAt(null);
  board.setOutlet(false);
  board.setOutlet(true);
  await clock.advance(1);
  expect(stops).toEqual(["kernel 0.25", "null 0.25"]);
  expect(did).toEqual(["start"]);
});

test("power that goes while it asks the network ends its asking", async () => {
  let ended = "";
  const { clock, did, board } = oneBoard(
    0,
    true,
    (_, signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => {
          ended = "dark";
          reject(signal.reason);
        });
      }),
  );
  board.setOutlet(true);
  await clock.advance(1);
  board.setOutlet(false);
  await clock.advance(1);
  expect([ended, board.phase, did]).toEqual(["dark", "dark", []]);
});

test("with --fail some stop at a step, by chance and repeatably", async () => {
  const stopsOf = async (): Promise<(string | null)[]> => {
    const stops: (string | null)[] = [];
    const { clock, board } = oneBoard(0.5, true, async ({ stopAt }) => {
      stops.push(stopAt);
      return up;
    });
    for (let boots = 0; boots < 40; boots++) {
      board.setOutlet(true);
      await clock.advance(1);
      board.setOutlet(false);
    }
    return stops;
  };
  const stops = await stopsOf();
  expect(stops.filter((stop) => stop !== null).length).toBeGreaterThan(8);
  expect(new Set(stops).size).toBeGreaterThan(3);
  expect(await stopsOf()).toEqual(stops);
});
