import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Clock, clockFrom, mac, seededRandom, silentLog, type TimeSource } from "@bramble/core/base";
import type { PiModel } from "@bramble/core/boot";
import { type BoardSlot, parseCluster } from "@bramble/core/cluster";
import { fakeConfig } from "../../apps/head/src/fake-config.ts";
import { type Head, startHead } from "../../apps/head/src/head.ts";
import { identityOf } from "../../apps/sim/src/boards/machine.ts";
import { noQuirks } from "../../apps/sim/src/firmware/script.ts";
import { type BootNetwork, createBootNetwork, type NetworkBoard } from "../../apps/sim/src/network/network.ts";

const time: TimeSource = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimeout: (run, ms) => setTimeout(run, ms),
  clearTimeout: (handle) => clearTimeout(handle as NodeJS.Timeout),
};

/** The machine's clock. */
export const clock: Clock = clockFrom(time);

/** A head that boots pretend boards, and the network between them, for tests of the whole. */
export type BootStage = AsyncDisposable & {
  readonly head: Head;
  readonly network: BootNetwork;
  readonly slots: readonly BoardSlot[];
  get<T>(path: string): Promise<T>;
};

/** Start one with a cluster of `examples/`. @param speed of the boards. */
export async function openBootStage(example: string, speed: number): Promise<BootStage> {
  await using stack = new AsyncDisposableStack();
  const file = join(import.meta.dirname, "..", "..", "examples", example);
  const parsed = parseCluster(readFileSync(file, "utf8"));
  if (parsed.kind !== "ok") throw new Error(parsed.problems[0]?.message);
  const { boards, switches } = parsed.cluster;
  const ports = ["--dhcp-port", "0", "--tftp-port", "0", "--boot-http-port", "0"];
  const flags = ["--cluster", file, "--boot", "simulated", "--speed", String(speed), ...ports];
  const config = stack.use(fakeConfig(flags));
  const head = stack.use(await startHead(config, { clock, random: seededRandom(1), log: silentLog }));
  const network = stack.use(
    createBootNetwork({
      get: async (path, signal) => {
        const answer = await fetch(new URL(path, head.url), { signal });
        return { status: answer.status, body: await answer.text() };
      },
      ...{ switches: switches.map(({ id }) => id), clock, paced: clockFrom(time, speed), speed, log: silentLog },
    }),
  );
  const opened = stack.move();
  return {
    ...{ head, network, slots: boards },
    get: async <T>(path: string) => (await (await fetch(new URL(`/api/v1${path}`, head.url))).json()) as T,
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

/** The board of a slot as its firmware knows itself, whatever model the file says. */
export function boardOf(slot: BoardSlot, model: PiModel, more: Partial<NetworkBoard> = {}): NetworkBoard {
  const makers: Record<PiModel, string> = { "3b": "b8:27:eb", "3b+": "b8:27:eb", "4": "dc:a6:32", "5": "2c:cf:67" };
  const board = mac(makers[model] + identityOf(slot, "").mac.slice(8));
  return {
    facts: { model, mac: board, serial: `a2${board.replaceAll(":", "").slice(6)}` },
    random: seededRandom(`board${slot.index}`),
    quirks: noQuirks,
    stopAt: null,
    jack: slot,
    loss: () => 0,
    ...more,
  };
}
