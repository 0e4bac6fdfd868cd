import { fakeClock, silentLog } from "@bramble/core/base";
import type { Lamp, LightDriver } from "@bramble/core/work";
import { expect, test } from "vitest";

/** The story that every lamp must pass: dark at first, some pixels set, the last word wins, what is no pixel is left alone. */
export function lightDriverContract(driver: LightDriver): void {
  const open = (count: number | null): Promise<Lamp> =>
    driver.open({ id: "netlight", address: null, count }, context, signal);

  test(`${driver.id}: a lamp opens with all its pixels dark`, async () => {
    await using lamp = await open(24);
    expect(lamp.count).toBe(24);
    expect(lamp.read()).toEqual(Array.from({ length: 24 }, () => [0, 0, 0]));
  });

  test(`${driver.id}: setting some pixels leaves the others as they are`, async () => {
    await using lamp = await open(3);
    await lamp.set([{ index: 0, colour: [255, 0, 0] }], signal);
    await lamp.set([{ index: 2, colour: [0, 0, 9] }], signal);
    expect(lamp.read()).toEqual([
      [255, 0, 0],
      [0, 0, 0],
      [0, 0, 9],
    ]);
  });

  test(`${driver.id}: of two colours for one pixel the last wins`, async () => {
    await using lamp = await open(1);
    const changes = [
      { index: 0, colour: [1, 1, 1] },
      { index: 0, colour: [2, 2, 2] },
    ] as const;
    await lamp.set(changes, signal);
    expect(lamp.read()).toEqual([[2, 2, 2]]);
  });

  test(`${driver.id}: a pixel that the lamp does not have changes nothing`, async () => {
    await using lamp = await open(1);
    await lamp.set([{ index: 7, colour: [1, 1, 1] }], signal);
    expect(lamp.read()).toEqual([[0, 0, 0]]);
  });

  test(`${driver.id}: an ended wait sets nothing`, async () => {
    await using lamp = await open(1);
    await expect(lamp.set([{ index: 0, colour: [1, 1, 1] }], AbortSignal.abort())).rejects.toThrow();
    expect(lamp.read()).toEqual([[0, 0, 0]]);
  });
}

const signal = new AbortController().signal;
const context = { clock: fakeClock(), log: silentLog };
