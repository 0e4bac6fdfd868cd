import type { Clock, Logger, Millis, Random } from "@bramble/core/base";
import { messageOf } from "@bramble/core/base";
import type { OutletReading, PowerConfig, PowerDriver, PowerLoad, PowerSwitch, Transport } from "@bramble/core/power";
import { PowerError } from "@bramble/core/power";

/** One PDU as the head holds it: reconnects by itself, one question at a time, believes only what it reads back. */
export type Pdu = AsyncDisposable & {
  readonly id: string;
  /** What was read last; index 0 is outlet 1. All unknown until the first answer. */
  readings(): readonly OutletReading[];
  /** What it draws in all by its own meter, as read last; empty where it has none. */
  loads(): readonly PowerLoad[];
  /** Why it cannot be spoken to now, or null. */
  error(): string | null;
  /** Read all outlets now. @throws PowerError */
  refresh(signal: AbortSignal): Promise<void>;
  /** Switch and read back, with a few retries. @throws PowerError */
  set(outlet: number, on: boolean, signal: AbortSignal): Promise<void>;
  /** How often a switching was tried again. */
  retries(): number;
};

/** What a PDU is made of. */
export type PduParts = {
  readonly config: PowerConfig;
  readonly driver: PowerDriver;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly terms?: PduTerms;
};

/** How patient the head is with a PDU. */
type PduTerms = { readonly answerMs: Millis; readonly tries: number; readonly againMs: Millis };

/** Holds one PDU. Nothing is opened before the first question. */
export function createPdu({ config, driver, transport, clock, random, log, terms = patience }: PduParts): Pdu {
  let open: PowerSwitch | null = null;
  let readings: readonly OutletReading[] = Array.from({ length: config.outlets }, () => ({ on: null, watts: null }));
  let loads: readonly PowerLoad[] = [];
  let fault: string | null = null;
  let retries = 0;
  let last: Promise<unknown> = Promise.resolve();
  const ended = new AbortController();

  const drop = async (): Promise<void> => {
    const was = open;
    open = null;
    try {
      await was?.[Symbol.asyncDispose]();
    } catch (thrown) {
      log.debug({ pdu: config.pdu, error: messageOf(thrown) }, "line did not close cleanly");
    }
  };

  /** One conversation with a deadline. After anything but a refusal the line is dropped: nobody knows where it stands. */
  const talk = async <T>(
    use: (power: PowerSwitch, signal: AbortSignal) => Promise<T>,
    outer: AbortSignal,
  ): Promise<T> => {
    const late = new AbortController();
    const timer = clock.after(terms.answerMs, () =>
      late.abort(new PowerError("power.timeout", config.pdu, `no answer within ${terms.answerMs} ms`)),
    );
    const signal = AbortSignal.any([outer, late.signal]);
    try {
      open ??= await driver.open(config, { transport, clock, log }, signal);
      const answer = await use(open, signal);
      if (fault !== null) log.info({ pdu: config.pdu }, "PDU answers again");
      fault = null;
      return answer;
    } catch (thrown) {
      if (!(thrown instanceof PowerError && thrown.code === "power.refused")) await drop();
      throw thrown;
    } finally {
      timer.cancel();
    }
  };

  /** In turn, and again after a growing wait where that may help. */
  const ask = <T>(use: (power: PowerSwitch, signal: AbortSignal) => Promise<T>, outer: AbortSignal, tries: number) => {
    const turn = async (): Promise<T> => {
      const signal = AbortSignal.any([outer, ended.signal]);
      for (let attempt = 1; ; attempt++) {
        signal.throwIfAborted();
        try {
          return await talk(use, signal);
        } catch (thrown) {
          if (signal.aborted) throw thrown;
          const isRetryable = thrown instanceof PowerError && thrown.isRetryable;
          if (!isRetryable || attempt >= tries) {
            if (fault === null) log.warn({ pdu: config.pdu, error: messageOf(thrown) }, "PDU cannot be used");
            fault = messageOf(thrown);
            throw thrown;
          }
          await clock.sleep(terms.againMs * 2 ** (attempt - 1) * (0.5 + random.next()), signal);
        }
      }
    };
    const mine = last.then(turn, turn);
    last = mine.catch(() => {});
    return mine;
  };

  const read = async (power: PowerSwitch, signal: AbortSignal): Promise<void> => {
    readings = await power.read(signal);
  };
  /** A meter that cannot be understood costs its figures, not the outlets. */
  const measure = async (power: PowerSwitch, signal: AbortSignal): Promise<void> => {
    await read(power, signal);
    if (power.load === undefined) return;
    try {
      loads = await power.load(signal);
    } catch (thrown) {
      loads = [];
      if (!(thrown instanceof PowerError) || !["power.answer", "power.refused"].includes(thrown.code)) throw thrown;
      log.debug({ pdu: config.pdu, error: thrown.message }, "meter not read");
    }
  };
  return {
    id: config.pdu,
    readings: () => readings,
    loads: () => loads,
    error: () => fault,
    refresh: (signal) => ask(measure, signal, 1),
    set: (outlet, on, signal) => {
      let isAgain = false;
      return ask(
        async (power, ending) => {
          if (isAgain) {
            retries++;
            // The line may have broken after the write: what stands as asked is not switched a second time.
            await read(power, ending);
            if (readings[outlet - 1]?.on === on) return;
          }
          isAgain = true;
          await power.set(outlet, on, ending);
          await read(power, ending);
          const seen = readings[outlet - 1]?.on ?? null;
          if (seen === on || seen === null) return;
          const said = `outlet ${outlet} was switched ${on ? "on" : "off"} and reads ${seen ? "on" : "off"}`;
          throw new PowerError("power.readback", config.pdu, said);
        },
        signal,
        terms.tries,
      );
    },
    retries: () => retries,
    async [Symbol.asyncDispose]() {
      ended.abort(new PowerError("power.connection", config.pdu, "the head stops"));
      await last;
      await drop();
    },
  };
}

const patience: PduTerms = { answerMs: 4000, tries: 3, againMs: 300 };
