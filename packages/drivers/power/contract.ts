import { type FakeClock, fakeClock, silentLog } from "@bramble/core/base";
import type { DriverContext, PowerConfig, PowerDriver, PowerSwitch } from "@bramble/core/power";
import { afterEach, expect, test } from "vitest";
import { powerTransport } from "../transport/index.ts";
import type { StandIn, StandInFault } from "./made.stand-in.ts";

/** One make's stand-in, as the contract needs it. */
export type PowerRig = AsyncDisposable & {
  readonly address: string;
  readonly outlets: number;
  /** What the cluster file and the secrets file say for it; absent: nothing. */
  readonly settings?: PowerConfig["settings"];
  readonly secret?: PowerConfig["secret"];
  /** The make can tell whether an outlet is on; absent: true. */
  readonly canRead?: boolean;
  /** When it is slow it never answers: a program that hangs. */
  readonly isEndless?: boolean;
  isOn(outlet: number): boolean;
  /** Make the stand-in go wrong; null makes it well again. */
  fail(how: PowerFault | null): void;
  /** As if its own plug was pulled: it cuts its lines and forgets. Absent: the make keeps nothing that could be lost. */
  restart?(): void;
};

/** How a stand-in goes wrong in the contract's story. */
type PowerFault = "refuses" | "lies" | "drops" | "drops-after-write" | "babbles" | "slow";

/** A stand-in as a rig, with what the files say for it. */
export function rigOf(
  standIn: StandIn,
  more: Partial<Pick<PowerRig, "settings" | "secret" | "canRead">> = {},
): PowerRig {
  const { address, outlets } = standIn;
  return {
    ...{ address, outlets, isOn: standIn.isOn, restart: standIn.restart, ...more },
    fail(how) {
      standIn.fault = faultOf(how);
    },
    [Symbol.asyncDispose]: () => standIn[Symbol.asyncDispose](),
  };
}

/** The contract's fault as a stand-in has it. */
export function faultOf(how: PowerFault | null): StandInFault | null {
  if (how === null) return null;
  return how === "slow" ? { kind: how, ms: slowMs } : { kind: how };
}

/**
 * The story that every power driver must pass against its stand-in: on, off, read, refusal, wrong answer, a lie, cut
 * cables before and after the write, an answer that takes its time, too many sessions, a restart. Called at the top of the driver's test file.
 */
export function powerDriverContract(driver: PowerDriver, rig: (clock: FakeClock) => Promise<PowerRig>): void {
  const opened: AsyncDisposable[] = [];
  afterEach(async () => {
    for (const each of opened.splice(0).reverse()) await each[Symbol.asyncDispose]();
  });
  const open = async (made: PowerRig): Promise<PowerSwitch> => {
    const { address, outlets, settings = {}, secret = null } = made;
    const power = await driver.open({ pdu: "pdu1", address, outlets, settings, secret }, context, signal);
    opened.push(power);
    return power;
  };
  const set = async () => {
    const made = await rig(clock);
    opened.push(made);
    return { made, power: await open(made), canRead: made.canRead ?? true };
  };
  /** Whatever of the two the make answers in words. */
  const ask = (power: PowerSwitch, canRead: boolean, ended = signal): Promise<unknown> =>
    canRead ? power.read(ended) : power.set(1, true, ended);

  test(`${driver.id}: an outlet goes on, reads back, goes off again`, async () => {
    const { made, power, canRead } = await set();
    expect(power.outlets).toBe(made.outlets);
    await power.set(2, true, signal);
    expect(made.isOn(2)).toBe(true);
    const states = Array.from({ length: made.outlets }, (_, i) => (canRead ? i === 1 : null));
    expect((await power.read(signal)).map(({ on }) => on)).toEqual(states);
    await power.set(2, false, signal);
    if (canRead) expect(made.isOn(2)).toBe(false);
    expect((await power.read(signal))[1]?.on).toBe(canRead ? false : null);
  });

  test(`${driver.id}: the first and the last outlet are told apart`, async () => {
    const { made, power } = await set();
    await power.set(made.outlets, true, signal);
    expect([made.isOn(1), made.isOn(made.outlets)]).toEqual([made.outlets === 1, true]);
    await power.set(1, true, signal);
    expect(made.isOn(1)).toBe(true);
  });

  test(`${driver.id}: setting what is already so is no error`, async () => {
    const { made, power } = await set();
    await power.set(1, true, signal);
    await power.set(1, true, signal);
    expect(made.isOn(1)).toBe(true);
  });

  test(`${driver.id}: a refusal is told and the conversation goes on`, async () => {
    const { made, power } = await set();
    made.fail("refuses");
    await expect(power.set(1, true, signal)).rejects.toMatchObject({ code: "power.refused", pdu: "pdu1" });
    made.fail(null);
    await power.set(1, true, signal);
    expect(made.isOn(1)).toBe(true);
  });

  test(`${driver.id}: an outlet that says on and is off is read as it is`, async () => {
    const { made, power, canRead } = await set();
    made.fail("lies");
    await power.set(1, true, signal);
    expect(made.isOn(1)).toBe(false);
    expect((await power.read(signal))[0]?.on).toBe(canRead ? false : null);
  });

  test(`${driver.id}: an answer that nobody understands is told as such`, async () => {
    const { made, power, canRead } = await set();
    made.fail("babbles");
    await expect(ask(power, canRead)).rejects.toMatchObject({ code: "power.answer" });
  });

  test(`${driver.id}: a cut cable ends the question that waits`, async () => {
    const { made, power, canRead } = await set();
    made.fail("drops");
    await expect(ask(power, canRead)).rejects.toMatchObject(lost);
  });

  test(`${driver.id}: a cable that is cut after the write leaves the outlet as it was asked to be`, async () => {
    const { made, power, canRead } = await set();
    made.fail("drops-after-write");
    await expect(power.set(1, true, signal)).rejects.toMatchObject(lost);
    expect(made.isOn(1)).toBe(true);
    made.fail(null);
    await power[Symbol.asyncDispose]();
    const again = await open(made);
    expect((await again.read(signal))[0]?.on).toBe(canRead ? true : null);
  });

  test(`${driver.id}: an answer that takes its time is waited for, as long as its signal lets it`, async () => {
    const { made, power, canRead } = await set();
    made.fail("slow");
    if (made.isEndless !== true) {
      let isThere = false;
      const answer = ask(power, canRead).finally(() => {
        isThere = true;
      });
      answer.catch(() => {});
      // True packets, and a device whose time is the test's.
      while (!isThere) {
        await clock.advance(slowMs);
        await new Promise((resolve) => setImmediate(resolve));
      }
      await answer;
    }
    const ending = new AbortController();
    const given = ask(power, canRead, ending.signal);
    const told = expect(given).rejects.toThrow("enough");
    await new Promise((resolve) => setImmediate(resolve));
    ending.abort(new Error("enough"));
    await told;
  });

  test(`${driver.id}: a third session is served or turned away, and never spoils the others`, async () => {
    const { made, power } = await set();
    const others = await Promise.allSettled([open(made), open(made)]);
    const tried = await Promise.allSettled(
      others.map(async (other) => {
        if (other.status === "rejected") throw other.reason;
        return other.value.read(signal);
      }),
    );
    for (const one of tried) if (one.status === "rejected") expect(one.reason).toMatchObject(lost);
    await power.read(signal);
    for (const other of others) if (other.status === "fulfilled") await other.value[Symbol.asyncDispose]();
    await power.set(1, true, signal);
    expect(made.isOn(1)).toBe(true);
  });

  test(`${driver.id}: after its own restart it is read as it is then`, async () => {
    const { made, power, canRead } = await set();
    await power.set(1, true, signal);
    made.restart?.();
    await power[Symbol.asyncDispose]();
    const again = await open(made);
    expect((await again.read(signal))[0]?.on).toBe(canRead ? made.isOn(1) : null);
  });

  test(`${driver.id}: a wait is ended by its signal`, async () => {
    const { power } = await set();
    const ended = AbortSignal.abort(new Error("enough"));
    await expect(power.read(ended)).rejects.toThrow("enough");
  });

  test(`${driver.id}: a setting that it does not have is refused with the PDU's name`, async () => {
    const made = await rig(clock);
    opened.push(made);
    const { address, outlets, settings = {}, secret = null } = made;
    const config = { pdu: "pdu1", address, outlets, settings: { ...settings, frobnicate: 1 }, secret };
    const told = { code: "power.config", pdu: "pdu1", message: expect.stringContaining('no setting "frobnicate"') };
    await expect(driver.open(config, context, signal)).rejects.toMatchObject(told);
  });

  // A make with a port of its own takes a bare host.
  const unnamed = driver.address?.includes("[") ? [] : ["nowhere"];
  test.each(["", ...unnamed, "127.0.0.1:99999", "127.0.0.1:x"])(
    `${driver.id}: address "%s" is refused`,
    async (text) => {
      await using made = await rig(clock);
      const { outlets, settings = {}, secret = null } = made;
      const bad = { pdu: "pdu1", address: text, outlets, settings, secret };
      await expect(driver.open(bad, context, signal)).rejects.toMatchObject({ code: "power.config" });
    },
  );
}

/** Over UDP nothing tells a cut cable from silence. */
const lost = { code: expect.stringMatching(/^power\.(connection|timeout)$/), isRetryable: true };
const slowMs = 50;
const signal = new AbortController().signal;
const clock = fakeClock();
const context: DriverContext = { transport: powerTransport("pdu1", clock), clock, log: silentLog };
