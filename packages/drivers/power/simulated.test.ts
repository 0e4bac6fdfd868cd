import { fakeClock, silentLog } from "@bramble/core/base";
import type { Transport } from "@bramble/core/power";
import { PowerError } from "@bramble/core/power";
import fc from "fast-check";
import { expect, test } from "vitest";
import { powerTransport } from "../transport/index.ts";
import { powerDriverContract, rigOf } from "./contract.ts";
import { standInPdu } from "./simulated.stand-in.ts";
import { simulatedPower } from "./simulated.ts";

powerDriverContract(simulatedPower, async (clock) =>
  rigOf(
    await standInPdu({
      ...{ outlets: 8, host: "127.0.0.1", port: 0, clock },
      onSwitch: () => {},
      watts: (outlet) => outlet * 10.25,
    }),
  ),
);

test("the stand-in tells each switching once and lies only when told to", async () => {
  const told: string[] = [];
  await using pdu = await standInPdu({
    outlets: 2,
    host: "127.0.0.1",
    port: 0,
    clock: fakeClock(),
    onSwitch: (outlet, on) => told.push(`${outlet} ${on}`),
    watts: () => 1,
  });
  pdu.press(1, true);
  pdu.press(1, true);
  pdu.press(1, false);
  expect(told).toEqual(["1 true", "1 false"]);
});

test.each([
  ["OK 1:on:5 2:off:0 9:on:3", [true, false]],
  ["OK", [null, null]],
  ["OK 2:on:1.5", [null, true]],
])("the answer %s is read for the outlets that the file names", async (answer, expected) => {
  const power = await openOn(answer);
  expect((await power.read(signal)).map(({ on }) => on)).toEqual(expected);
});

test.each(["OK 1:maybe:5", "OK 0:on:5", "OK 1:on", "OK 1:on:-4", "OK 1:on:1e9", "", "OKAY", "x".repeat(5000)])(
  "the answer %s is refused",
  async (answer) => {
    const power = await openOn(answer);
    await expect(power.read(signal)).rejects.toMatchObject({ code: "power.answer" });
  },
);

const signal = new AbortController().signal;

function openOn(answer: string, outlets = 2) {
  const config = { pdu: "pdu1", address: "127.0.0.1:1", outlets, settings: {}, secret: null };
  return simulatedPower.open(config, { transport: saying(answer), clock: fakeClock(), log: silentLog }, signal);
}

function saying(answer: string): Transport {
  const say = async () => answer;
  const line = { send: async () => {}, receive: say, receiveUntil: say, [Symbol.asyncDispose]: async () => {} };
  return { ...powerTransport("pdu1", fakeClock()), connect: async () => line };
}

const answers = fc.oneof(
  fc.string({ maxLength: 80 }),
  fc
    .array(
      fc.oneof(fc.stringMatching(/^\d{1,4}:(on|off|of):\d{1,7}(\.\d{1,4})?$/), fc.constantFrom("", "x", "1:on:-1")),
    )
    .map((words) => `OK ${words.join(" ")}`),
  fc.string({ maxLength: 300 }).map((sentence) => `ERR ${sentence}`),
);

test("whatever a PDU answers, its outlets are read or the driver says what it did not understand", async () => {
  await fc.assert(
    fc.asyncProperty(answers, async (answer) => {
      const pdu = await openOn(answer, 8);
      try {
        const readings = await pdu.read(signal);
        expect(readings).toHaveLength(8);
        for (const { on, watts } of readings) expect(on === null ? watts === null : (watts ?? -1) >= 0).toBe(true);
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(PowerError);
        expect((thrown as PowerError).message.length).toBeLessThan(300);
      }
    }),
  );
});
