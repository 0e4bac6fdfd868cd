import { fakeClock, silentLog } from "@bramble/core/base";
import type { DriverContext, PowerConfig, PowerDriver } from "@bramble/core/power";
import { afterEach, expect, test } from "vitest";
import { powerTransport } from "../transport/index.ts";

/** One make's stand-in, as the contract needs it. */
export type PowerRig = AsyncDisposable & {
  readonly address: string;
  readonly outlets: number;
  /** What the cluster file and the secrets file say for it; absent: nothing. */
  readonly settings?: PowerConfig["settings"];
  readonly secret?: PowerConfig["secret"];
  isOn(outlet: number): boolean;
  /** Make the stand-in go wrong; null makes it well again. */
  fail(how: "refuses" | "drops" | "babbles" | null): void;
};

/**
 * The story that every power driver must pass against its stand-in: on, off, cycle, read, refusal, wrong answer,
 * cut cable. Called at the top of the driver's test file.
 */
export function powerDriverContract(driver: PowerDriver, rig: () => Promise<PowerRig>): void {
  const opened: AsyncDisposable[] = [];
  afterEach(async () => {
    for (const each of opened.splice(0).reverse()) await each[Symbol.asyncDispose]();
  });
  const set = async () => {
    const made = await rig();
    opened.push(made);
    const { address, outlets, settings = {}, secret = null } = made;
    const config = { pdu: "pdu1", address, outlets, settings, secret };
    const power = await driver.open(config, context, signal);
    opened.push(power);
    return { made, power };
  };

  test(`${driver.id}: an outlet goes on, reads back, goes off again`, async () => {
    const { made, power } = await set();
    expect(power.outlets).toBe(made.outlets);
    await power.set(2, true, signal);
    expect(made.isOn(2)).toBe(true);
    expect((await power.read(signal)).map(({ on }) => on)).toEqual(
      Array.from({ length: made.outlets }, (_, i) => i === 1),
    );
    await power.set(2, false, signal);
    expect(made.isOn(2)).toBe(false);
    expect((await power.read(signal))[1]?.on).toBe(false);
  });

  test(`${driver.id}: setting what is already so is no error`, async () => {
    const { power } = await set();
    await power.set(1, true, signal);
    await power.set(1, true, signal);
    expect((await power.read(signal))[0]?.on).toBe(true);
  });

  test(`${driver.id}: a refusal is told and the conversation goes on`, async () => {
    const { made, power } = await set();
    made.fail("refuses");
    await expect(power.set(1, true, signal)).rejects.toMatchObject({ code: "power.refused", pdu: "pdu1" });
    made.fail(null);
    await power.set(1, true, signal);
    expect(made.isOn(1)).toBe(true);
  });

  test(`${driver.id}: an answer that nobody understands is told as such`, async () => {
    const { made, power } = await set();
    made.fail("babbles");
    await expect(power.read(signal)).rejects.toMatchObject({ code: "power.answer" });
  });

  test(`${driver.id}: a cut cable ends the question that waits`, async () => {
    const { made, power } = await set();
    made.fail("drops");
    // Over UDP nothing tells a cut cable from silence.
    const code = expect.stringMatching(/^power\.(connection|timeout)$/);
    await expect(power.read(signal)).rejects.toMatchObject({ code, isRetryable: true });
  });

  test(`${driver.id}: a wait is ended by its signal`, async () => {
    const { power } = await set();
    const ended = AbortSignal.abort(new Error("enough"));
    await expect(power.read(ended)).rejects.toThrow("enough");
  });

  // A make with a port of its own takes a bare host.
  const unnamed = driver.address?.includes("[") ? [] : ["nowhere"];
  test.each(["", ...unnamed, "127.0.0.1:99999", "127.0.0.1:x"])(
    `${driver.id}: address "%s" is refused`,
    async (text) => {
      const bad = { pdu: "pdu1", address: text, outlets: 4, settings: {}, secret: null };
      await expect(driver.open(bad, context, signal)).rejects.toMatchObject({ code: "power.config" });
    },
  );
}

const signal = new AbortController().signal;

const clock = fakeClock();
const context: DriverContext = { transport: powerTransport("pdu1", clock), clock, log: silentLog };
