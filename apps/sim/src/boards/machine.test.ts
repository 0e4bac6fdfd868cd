import { fakeClock, seededRandom } from "@bramble/core/base";
import { decodeSamples, encodeSamples } from "@bramble/core/observe";
import { expect, test } from "vitest";
import { identityOf, modelOf, powerMachine, throttleBits, type Vitals } from "./machine.ts";
import { plainCluster } from "./plain.ts";

const slot = plainCluster(5).boards[4]!;
const calm: Vitals = { cpu: 2.5, load: 0.1, temperatureC: 43.21, burst: null, throttled: 0 };

function machine(vitals: Vitals) {
  const clock = fakeClock();
  const over = Promise.withResolvers<never>();
  const runner = {
    slots: 4,
    run: () => over.promise,
    [Symbol.asyncDispose]: async () => {},
  };
  const powered = powerMachine({ slot, seed: 1, random: seededRandom(1), clock, runner, vitals: () => vitals });
  return { clock, powered, finish: () => over.reject(new Error("over")) };
}

test("a pretend board is a 3B+ whose serial carries its MAC, and says that it is simulated", async () => {
  const { powered } = machine(calm);
  expect(await powered.hardware.identity()).toMatchObject({
    mac: "b8:27:eb:00:00:05",
    serial: "00000000eb000005",
    model: "Raspberry Pi 3 Model B Plus Rev 1.3",
    cores: 4,
    isSimulated: true,
    bootId: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/),
  });
  expect(identityOf({ ...slot, mac: "dc:a6:32:00:00:03" as never }, "").mac).toBe("dc:a6:32:00:00:03");
});

test("a sample is whole, plausible and survives the codec", async () => {
  const { clock, powered } = machine(calm);
  await clock.advance(3_600_000);
  const sample = await powered.hardware.read();
  expect(sample).toMatchObject({ at: clock.now(), cpu: 2.5, temperatureC: 43.2, uptimeS: 3600, memoryTotalMb: 877.6 });
  expect(sample.memoryUsedMb!).toBeGreaterThan(140);
  expect(sample.memoryUsedMb!).toBeLessThan(260);
  expect(sample.processes).toHaveLength(5);
  expect(decodeSamples(encodeSamples([sample]))).toEqual([sample]);
});

test("a burst and a running Warble are seen among the processes, the busiest first", async () => {
  const { powered, finish } = machine({ ...calm, cpu: 70, burst: { name: "apt-get", cpu: 40 } });
  const run = powered.runner.run({} as never, new AbortController().signal);
  expect(powered.warbles).toBe(1);
  const { processes } = await powered.hardware.read();
  expect(processes.slice(0, 2).map(({ name }) => name)).toEqual(["apt-get", "warble"]);
  expect(processes.map(({ cpu }) => cpu)).toEqual(processes.map(({ cpu }) => cpu).sort((a, b) => b - a));
  finish();
  await expect(run).rejects.toThrow("over");
  expect(powered.warbles).toBe(0);
});

test.each([
  [43, 0b0000],
  [60, 0b1000],
  [79.9, 0b1000],
  [80, 0b1110],
])("at %d °C the throttle bits are those of a 3B+", (celsius, bits) => {
  expect(throttleBits(celsius)).toBe(bits);
});

test.each([
  ["pi3b+", "3b+", "b8:27:eb"],
  ["pi3b", "3b", "b8:27:eb"],
  ["rpi-3", "3b", "b8:27:eb"],
  ["Pi 4B", "4", "dc:a6:32"],
  ["pi4b-8gb", "4", "dc:a6:32"],
  ["cm4", "4", "dc:a6:32"],
  ["pi5", "5", "2c:cf:67"],
  ["rock64", "3b+", "b8:27:eb"],
])("a %s of the file is a Raspberry Pi %s", (model, is, maker) => {
  const board = { ...slot, model };
  expect(modelOf(board)).toBe(is);
  expect(identityOf(board, "").mac).toBe(`${maker}:00:00:05`);
});
