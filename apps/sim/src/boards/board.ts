import type { Agent, Connect, Hardware, Runner } from "@bramble/agent";
import type { Clock, Logger, Millis, Random } from "@bramble/core/base";
import type { BootStep } from "@bramble/core/boot";
import type { BoardSlot } from "@bramble/core/cluster";
import { noQuirks } from "../firmware/script.ts";
import type { BootNetwork } from "../network/network.ts";
import { identityOf, type Machine, modelOf, powerMachine, type Vitals } from "./machine.ts";
import type { Reports } from "./reports.ts";
import { planBoot, stopOf, toldSteps } from "./told-boot.ts";
import { createWire, type Wire } from "./wire.ts";

/** What a pretend board does: no power; firmware on its way; stopped on its way; its agent runs; stopped cleanly. */
export type Phase = "dark" | "booting" | "failed" | "running" | "halted";

/** All phases, in the order of a board's life. */
export const phases: readonly Phase[] = ["dark", "booting", "failed", "running", "halted"];

/** What all pretend boards share. */
export type BoardWorld = {
  /** True time, for all that the real agent does. */
  readonly clock: Clock;
  /** Time at the simulator's speed, for what the firmware does. */
  readonly paced: Clock;
  readonly seed: number;
  readonly random: Random;
  /** Part of the boots that fail. */
  readonly failPart: number;
  /** Through which boards ask the head's boot servers for all they need. */
  readonly network: BootNetwork;
  /** To a head without boot servers: the boards tell their steps. */
  readonly reports: Reports;
  readonly runner: Runner;
  readonly connect: Connect;
  /** Starts the real agent on this hardware. */
  readonly startAgent: (parts: {
    hardware: Hardware;
    runner: Runner;
    connect: Connect;
    random: Random;
    halt: (reason: string, restart: boolean) => void;
  }) => Agent;
  readonly log: Logger;
};

/** One pretend board: its power, its boot, its agent, and what somebody did to it. */
export class Board {
  readonly slot: BoardSlot;
  readonly #world: BoardWorld;
  readonly #random: Random;
  readonly #wire: Wire;
  readonly #vitals: () => Vitals;
  #phase: Phase = "dark";
  #hasOutlet = false;
  #isCut = false;
  #isKilled = false;
  #isHung = false;
  #forcedC: number | null = null;
  #usbWatts = 0;
  #isSlow = false;
  #loss = 0;
  #stopAt: BootStep | null = null;
  #boots = 0;
  #poweredAt: Millis = 0;
  #life = new AbortController();
  #machine: Machine | null = null;
  #agent: Agent | null = null;

  constructor(slot: BoardSlot, world: BoardWorld, vitals: () => Vitals) {
    this.slot = slot;
    this.#world = world;
    this.#vitals = vitals;
    this.#random = world.random.fork(`board${slot.index}`);
    this.#wire = createWire({ connect: world.connect, clock: world.clock, random: this.#random.fork("wire") });
  }

  get phase(): Phase {
    return this.#phase;
  }

  get isLinked(): boolean {
    return this.#agent?.state() === "linked" && !this.#isKilled;
  }

  get hasPower(): boolean {
    return this.#phase !== "dark";
  }

  /** True milliseconds since its power came. */
  get poweredMs(): Millis {
    return this.hasPower ? this.#world.clock.monotonic() - this.#poweredAt : 0;
  }

  get forcedC(): number | null {
    return this.#forcedC;
  }

  /** What its USB ports give, while it has power. */
  get usbWatts(): number {
    return this.#usbWatts;
  }

  get warbles(): number {
    return this.#machine?.warbles ?? 0;
  }

  /** The faults that are on, by their verb. */
  faults(): readonly string[] {
    const all: readonly (readonly [string, boolean])[] = [
      ["kill", this.#isKilled],
      ["cut", this.#isCut],
      ["hang", this.#isHung],
      ["hot", this.#forcedC !== null],
      ["draw", this.#usbWatts > 0],
      ["slow", this.#isSlow],
      ["loss", this.#loss > 0],
      ["noboot", this.#stopAt !== null],
    ];
    return all.filter(([, isOn]) => isOn).map(([name]) => name);
  }

  /** Its outlets and all before them are on, or not. */
  setOutlet(on: boolean): void {
    this.#hasOutlet = on;
    this.#supply();
  }

  cut(): void {
    this.#isCut = true;
    this.#supply();
  }

  restore(): void {
    this.#isCut = false;
    this.#supply();
  }

  kill(): void {
    if (!this.hasPower || this.#phase === "halted") return;
    this.#isKilled = true;
    if (this.#agent !== null) this.#agent.freeze("everything");
    else this.#stopBoot();
  }

  /** A head has come back. */
  wake(): void {
    this.#agent?.wake();
  }

  hang(): void {
    if (this.#agent === null || this.#isKilled) return;
    this.#isHung = true;
    this.#agent.freeze("samples");
  }

  halt(): void {
    if (!this.hasPower) return;
    this.#life.abort();
    this.#world.reports.forget(this.slot.index);
    this.#endAgent("halted");
    this.#phase = "halted";
  }

  /** °C that it is forced to have, or null. */
  heat(celsius: number | null): void {
    this.#forcedC = celsius;
  }

  draw(watts: number): void {
    this.#usbWatts = watts;
  }

  slow(delayMs: Millis): void {
    this.#isSlow = delayMs > 0;
    this.#wire.setDelay(delayMs);
  }

  lose(part: number): void {
    this.#loss = part;
    this.#wire.setLoss(part);
  }

  stopAt(step: BootStep | null): void {
    this.#stopAt = step;
  }

  /** Ends every fault; a board that is halted, or stopped on its way, boots again. */
  revive(): void {
    this.heat(null);
    this.draw(0);
    this.slow(0);
    this.lose(0);
    this.#stopAt = null;
    this.restore();
    if (this.#isKilled || this.#isHung) this.#agent?.thaw();
    this.#isKilled = false;
    this.#isHung = false;
    if (this.#phase === "failed" || this.#phase === "halted") this.#boot();
  }

  /** The simulator ends: a running board says goodbye. */
  async end(): Promise<void> {
    this.#life.abort();
    this.#wire.bury();
    await this.#agent?.stop("the simulator ends");
  }

  #supply(): void {
    const has = this.#hasOutlet && !this.#isCut;
    if (has === this.hasPower) return;
    if (has) this.#boot();
    else this.#darken();
  }

  #darken(): void {
    this.#phase = "dark";
    this.#isKilled = false;
    this.#isHung = false;
    this.#machine = null;
    this.#life.abort();
    this.#world.reports.forget(this.slot.index);
    // First the cable, then the agent: nobody hears that it ends.
    this.#wire.abandon();
    this.#agent?.freeze("everything");
    this.#endAgent("power lost");
  }

  #stopBoot(): void {
    this.#life.abort();
    this.#world.reports.forget(this.slot.index);
    this.#phase = "failed";
  }

  #endAgent(reason: string): void {
    const agent = this.#agent;
    this.#agent = null;
    if (agent === null) return;
    agent.stop(reason).catch((error: unknown) => this.#world.log.error({ error }, "agent did not stop"));
  }

  #boot(): void {
    this.#life.abort();
    const life = new AbortController();
    this.#life = life;
    this.#phase = "booting";
    this.#poweredAt = this.#world.clock.monotonic();
    this.#goThroughBoot(life.signal).catch((error: unknown) => {
      if (!life.signal.aborted) this.#world.log.error({ board: this.slot.name, error }, "boot broke");
    });
  }

  async #goThroughBoot(signal: AbortSignal): Promise<void> {
    const { clock, seed, runner, network, failPart } = this.#world;
    const random = this.#random.fork(`boot${++this.#boots}`);
    const machine = powerMachine({ slot: this.slot, seed, random, clock, runner, vitals: this.#vitals });
    this.#machine = machine;
    const model = modelOf(this.slot);
    const { mac, serial } = identityOf(this.slot, "");
    const firmware = random.fork("firmware");
    const verdict = await network.boot(
      {
        facts: { model, mac, serial: serial!.slice(-8) },
        random: firmware,
        quirks: { ...noQuirks, holdsOffers: model === "3b" },
        stopAt: stopOf(firmware, { part: failPart, stopAt: this.#stopAt }),
        jack: this.slot,
        loss: () => this.#loss,
      },
      signal,
    );
    signal.throwIfAborted();
    const isUp = verdict === null ? await this.#tellBoot(random, signal) : verdict.kind === "up";
    if (verdict?.kind === "up") machine.settle(verdict);
    if (verdict?.kind === "stopped") {
      const { step, file, why } = verdict;
      this.#world.log.debug({ board: this.slot.name, step, file, why }, "boot stopped");
    }
    this.#phase = isUp ? "running" : "failed";
    if (!isUp) return;
    this.#wire.bury();
    this.#agent = this.#world.startAgent({
      hardware: machine.hardware,
      runner: machine.runner,
      connect: this.#wire.connect,
      random: random.fork("agent"),
      halt: (_reason, restart) => {
        if (signal.aborted) return;
        this.halt();
        if (restart) this.#boot();
      },
    });
  }

  /** Boots where nothing is served: time passes, and the head is told each step. False: it stopped on its way. */
  async #tellBoot(random: Random, signal: AbortSignal): Promise<boolean> {
    const { paced, reports, failPart } = this.#world;
    const { index } = this.slot;
    const { mac, serial, model, address } = identityOf(this.slot, "");
    const { moments, stops } = planBoot(random, { part: failPart, stopAt: this.#stopAt });
    for (const { step, afterMs } of moments) {
      await paced.sleep(afterMs, signal);
      const stopsHere = stops?.at === step;
      const failed = stopsHere ? stops.told : null;
      // A board that stops at its very first step has no working cable: nobody hears of it.
      const isHeard = stopsHere && step === "discover" ? false : toldSteps.has(step) || failed !== null;
      if (!isHeard) continue;
      const told = reports.tell(index, { mac, address, serial: serial!, model: model!, step, failed, simulated: true });
      // Without a head there is no lease; and the agent must not be faster than the last word of the firmware.
      if (step === "discover" || step === "root") await told;
      signal.throwIfAborted();
    }
    return stops === null;
  }
}
