import type { Hardware, Identity, Runner } from "@bramble/agent";
import type { Clock, Mac, Random } from "@bramble/core/base";
import { mac } from "@bramble/core/base";
import type { PiModel } from "@bramble/core/boot";
import type { BoardSlot } from "@bramble/core/cluster";
import type { Process, Sample } from "@bramble/core/observe";
import { warbleCpu } from "../physics/activity.ts";
import { chanceAt } from "../physics/chance.ts";
import { hardLimitC, softLimitC } from "../physics/heat.ts";

/** What the physical world tells of one board. */
export type Vitals = {
  readonly cpu: number;
  readonly load: number;
  readonly temperatureC: number;
  readonly burst: { readonly name: string; readonly cpu: number } | null;
  /** Bits of `get_throttled`, with those since boot. */
  readonly throttled: number;
};

/** The pretend hardware of one board, from its power on to its power off. */
export type Machine = {
  readonly hardware: Hardware;
  /** The shared pool of workers, through which this board's load is known. */
  readonly runner: Runner;
  readonly warbles: number;
  /** What its boot gave it: the address of its lease, and how much memory its firmware left it. */
  settle(given: { readonly address: string; readonly hasFixup: boolean }): void;
};

/** The identity of a simulated board: the file's MAC, or one that its place gives it. */
export function identityOf(slot: BoardSlot, bootId: string): Identity {
  const model = modelOf(slot);
  const address: Mac = slot.mac ?? pretendMac(model, slot.index);
  return {
    mac: address,
    serial: `00000000${address.replaceAll(":", "").slice(4)}`,
    model: models[model].name,
    address: slot.address ?? `127.20.${Math.floor(slot.index / 250)}.${(slot.index % 250) + 1}`,
    cores: 4,
    memoryMb: memoryTotalMb,
    bootId,
    isSimulated: true,
  };
}

/** One board that has just been powered. */
export function powerMachine(parts: {
  slot: BoardSlot;
  seed: number;
  random: Random;
  clock: Clock;
  runner: Runner;
  vitals: () => Vitals;
}): Machine {
  const { slot, seed, random, clock, runner, vitals } = parts;
  const poweredAt = clock.monotonic();
  let who = identityOf(slot, uuid(random));
  const chance = (purpose: number, moment: number): number => chanceAt(seed, slot.index, purpose, moment);
  let warbles = 0;
  const { folds } = runner;
  const busy = async <T>(work: () => Promise<T>): Promise<T> => {
    warbles++;
    try {
      return await work();
    } finally {
      warbles--;
    }
  };
  return {
    hardware: {
      identity: async () => who,
      async read(): Promise<Sample> {
        const { cpu, load, temperatureC, burst, throttled } = vitals();
        const moment = Math.floor(clock.monotonic() / 5_000);
        const uptimeS = Math.floor((clock.monotonic() - poweredAt) / 1000);
        const drift = 18 * chance(30, Math.floor(moment / 60)) + 3 * chance(31, moment);
        const memoryUsedMb = 148 + 40 * chance(32, 0) + drift + (burst?.cpu ?? 0) * 1.4 + warbles * 21;
        return {
          at: clock.now(),
          cpu: round(cpu),
          load: Math.round(load * 100) / 100,
          memoryUsedMb: round(memoryUsedMb),
          memoryTotalMb: who.memoryMb,
          // All boards stand on one read-only root of the head; what differs is their small overlay.
          diskUsedGb: round(30.2 + 0.4 * chance(33, 0)),
          diskTotalGb: 50,
          temperatureC: round(temperatureC),
          throttled,
          rxKbps: Math.round(2 + 9 * chance(34, moment) + (burst?.name === "apt-get" ? 1900 : 0)),
          txKbps: Math.round(3 + 4 * chance(35, moment) + (burst?.name === "rsync" ? 2600 : 0)),
          uptimeS,
          processes: busiest(cpu, burst, warbles, chance(36, moment)),
        };
      },
    },
    runner: {
      slots: 1,
      run: (request, signal) => busy(() => runner.run(request, signal)),
      ...(folds === undefined
        ? {}
        : {
            folds: {
              slots: 1,
              run: (request, answers, signal) => busy(() => folds.run(request, answers, signal)),
              chunks: (request, signal) => busy(() => folds.chunks(request, signal)),
            },
          }),
      // The pool belongs to the whole simulator.
      [Symbol.asyncDispose]: async () => {},
    },
    get warbles() {
      return warbles;
    },
    settle({ address, hasFixup }) {
      who = { ...who, address, memoryMb: hasFixup ? memoryTotalMb : bareMemoryMb };
    },
  };
}

/** The Raspberry Pi that a board of this slot is; whatever the file calls otherwise is a 3B+. */
export function modelOf(slot: BoardSlot): PiModel {
  const [, digit, plus] = /(?:pi|rpi|cm)[-_ ]*(\d)[-_ ]*b?(\+|p(?:lus)?)?/i.exec(slot.model) ?? [];
  if (digit === "4" || digit === "5") return digit;
  return digit === "3" && plus === undefined ? "3b" : "3b+";
}

/** The throttle bits that a 3B+ shows at this temperature: 1 capped, 2 throttled, 3 soft limit. */
export function throttleBits(celsius: number): number {
  return (celsius >= softLimitC ? 0b1000 : 0) | (celsius >= hardLimitC ? 0b0110 : 0);
}

/** Of the gigabyte of a 3B+, the part that Linux has. */
const memoryTotalMb = 877.6;

function busiest(
  cpu: number,
  burst: { readonly name: string; readonly cpu: number } | null,
  warbles: number,
  chance: number,
): Process[] {
  const own = Math.max(0, cpu - (burst?.cpu ?? 0) - warbles * warbleCpu);
  const processes: Process[] = [
    { pid: 412, name: "bramble-agent", user: "bramble", cpu: round(own * 0.45), memory: 5.1 },
    { pid: 1, name: "systemd", user: "root", cpu: round(own * 0.2), memory: 1 },
    { pid: 187, name: "systemd-journal", user: "root", cpu: round(own * 0.12), memory: 0.9 },
    { pid: 2011, name: chance < 0.5 ? "kworker/u8:2" : "kworker/0:1", user: "root", cpu: round(own * 0.08), memory: 0 },
    { pid: 398, name: "sshd", user: "root", cpu: 0, memory: 0.7 },
  ];
  if (burst !== null)
    processes.unshift({ pid: 9120, name: burst.name, user: "root", cpu: round(burst.cpu), memory: 4.2 });
  if (warbles > 0)
    processes.unshift({ pid: 655, name: "warble", user: "bramble", cpu: warbles * warbleCpu, memory: 2.4 });
  return processes.sort((a, b) => b.cpu - a.cpu).slice(0, 5);
}

/** What start.elf leaves without its fixup.dat, less the kernel's own. */
const bareMemoryMb = 96;

const models: Readonly<Record<PiModel, { readonly name: string; readonly maker: string }>> = {
  "3b": { name: "Raspberry Pi 3 Model B Rev 1.2", maker: "b8:27:eb" },
  "3b+": { name: "Raspberry Pi 3 Model B Plus Rev 1.3", maker: "b8:27:eb" },
  "4": { name: "Raspberry Pi 4 Model B Rev 1.5", maker: "dc:a6:32" },
  "5": { name: "Raspberry Pi 5 Model B Rev 1.0", maker: "2c:cf:67" },
};

function pretendMac(model: PiModel, index: number): Mac {
  const hex = (index + 1).toString(16).padStart(6, "0");
  return mac(`${models[model].maker}:${hex.slice(0, 2)}:${hex.slice(2, 4)}:${hex.slice(4, 6)}`);
}

function uuid(random: Random): string {
  const hex = Array.from({ length: 4 }, () =>
    random
      .whole(2 ** 32)
      .toString(16)
      .padStart(8, "0"),
  ).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
