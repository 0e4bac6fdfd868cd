import { fakeClock, seededRandom, silentLog } from "@bramble/core/base";
import type { PowerLoad } from "@bramble/core/power";
import { definePowerDriver, PowerError } from "@bramble/core/power";
import { powerTransport } from "@bramble/drivers/transport";
import { expect, test } from "vitest";
import { createPdu } from "./pdu.ts";

const signal = new AbortController().signal;

/** A PDU with a meter of its own, which does as it is told. */
function metered(load: () => readonly PowerLoad[]) {
  const clock = fakeClock();
  const counts = { opened: 0, loads: 0 };
  const driver = definePowerDriver({
    id: "metered",
    summary: "for this test",
    async open({ outlets }) {
      counts.opened++;
      const on = new Set<number>();
      return {
        outlets,
        set: async (outlet, wanted) => void (wanted ? on.add(outlet) : on.delete(outlet)),
        read: async () => Array.from({ length: outlets }, (_, at) => ({ on: on.has(at + 1), watts: null })),
        async load() {
          counts.loads++;
          return load();
        },
        async [Symbol.asyncDispose]() {},
      };
    },
  });
  const config = { pdu: "p1", address: "127.0.0.1:1", outlets: 2, settings: {}, secret: null };
  const transport = powerTransport("p1", clock);
  return { counts, pdu: createPdu({ config, driver, transport, clock, random: seededRandom(1), log: silentLog }) };
}

test("a PDU's own meter is read with its outlets, and not in the haste of a switching", async () => {
  const { pdu, counts } = metered(() => [{ name: "input", amps: 2, watts: null }]);
  await pdu.set(1, true, signal);
  expect(counts.loads).toBe(0);
  await pdu.refresh(signal);
  expect(pdu.loads()).toEqual([{ name: "input", amps: 2, watts: null }]);
  await pdu[Symbol.asyncDispose]();
});

test("a meter that nobody understands costs its figures, not the outlets", async () => {
  const { pdu, counts } = metered(() => {
    throw new PowerError("power.answer", "p1", "amps are pears");
  });
  await pdu.refresh(signal);
  expect([pdu.error(), pdu.loads(), counts.opened]).toEqual([null, [], 1]);
  expect(pdu.readings()[0]).toEqual({ on: false, watts: null });
  await pdu[Symbol.asyncDispose]();
});

test("a line that breaks while the meter is read is a broken line", async () => {
  const { pdu } = metered(() => {
    throw new PowerError("power.connection", "p1", "cut");
  });
  await expect(pdu.refresh(signal)).rejects.toMatchObject({ code: "power.connection" });
  expect(pdu.error()).toBe("p1: cut");
  await pdu[Symbol.asyncDispose]();
});
