import { fakeClock, silentLog } from "@bramble/core/base";
import { checkPowerConfig, PowerError, type SnmpBinding, type Transport } from "@bramble/core/power";
import fc from "fast-check";
import { expect, test } from "vitest";
import { powerTransport } from "../transport/index.ts";
import { faultOf, powerDriverContract } from "./contract.ts";
import { type ApcPduParts, standInApcPdu } from "./snmp-apc.stand-in.ts";
import { snmpApc } from "./snmp-apc.ts";
import { snmpTarget } from "./snmp-target.ts";

const secret = { community: "bramble" };
const signal = new AbortController().signal;

powerDriverContract(snmpApc, async (clock) => {
  const pdu = await apc({ clock });
  return {
    address: `127.0.0.1:${pdu.port}`,
    outlets: 8,
    settings: { answer_ms: 400 },
    secret,
    isOn: pdu.isOn,
    fail: (how) => {
      pdu.fault = faultOf(how);
    },
    [Symbol.asyncDispose]: () => pdu[Symbol.asyncDispose](),
  };
});

test.each([
  ["the first generation, in volt-amperes", "rpdu", { volts: 230 }, [46, 0]],
  ["the second generation, in watts", "rpdu2", {}, [50, 0]],
  ["the first generation, whose voltage nobody told", "rpdu", {}, [null, null]],
] as const)("what an outlet draws is read from %s", async (_, branch, extra, watts) => {
  await using pdu = await apc({ branch, on: [1], watts: () => 50 });
  await using power = await openOn(pdu.port, { branch, ...extra });
  expect((await power.read(signal)).slice(0, 2)).toEqual([
    { on: true, watts: watts[0] },
    { on: false, watts: watts[1] },
  ]);
});

test.each(["rpdu", "rpdu2"] as const)("%s of a model that measures no outlet tells no watts", async (branch) => {
  await using pdu = await apc({ branch, on: [1], isMetered: false });
  await using power = await openOn(pdu.port, { branch, volts: 230 });
  expect((await power.read(signal))[0]).toEqual({ on: true, watts: null });
});

test.each([
  ["rpdu", { name: "phase 1", amps: 4.3, watts: null }],
  ["rpdu2", { name: "phase 1", amps: 4.3, watts: 1000 }],
] as const)("%s tells what the whole PDU draws", async (branch, load) => {
  await using pdu = await apc({ branch, on: [1, 2], watts: () => 500 });
  await using power = await openOn(pdu.port, { branch });
  expect(await power.load?.(signal)).toEqual([load]);
});

test("the older version speaks too, and an outlet that the PDU lacks is not known", async () => {
  await using pdu = await apc({ on: [2] });
  await using power = await openOn(pdu.port, { version: 1 }, 9);
  await power.set(1, true, signal);
  expect((await power.read(signal)).map(({ on }) => on)).toEqual([true, true, ...Array(6).fill(false), null]);
  await expect(power.set(9, true, signal)).rejects.toMatchObject({ code: "power.refused" });
});

test("what the PDU says is read, never what was written", async () => {
  await using pdu = await apc({ on: [1] });
  await using power = await openOn(pdu.port);
  pdu.fault = { kind: "lies" };
  await power.set(1, false, signal);
  expect((await power.read(signal))[0]?.on).toBe(true);
  pdu.fault = { kind: "drops-after-write" };
  await expect(power.set(2, true, signal)).rejects.toMatchObject({ code: "power.timeout" });
  pdu.fault = null;
  expect((await power.read(signal))[1]?.on).toBe(true);
  pdu.restart();
  expect((await power.read(signal)).slice(0, 2).map(({ on }) => on)).toEqual([true, false]);
});

test("datagrams that are no SNMP are silence, and a late answer is heard", async () => {
  const clock = fakeClock();
  await using pdu = await apc({ clock });
  await using power = await openOn(pdu.port);
  pdu.isGarbled = true;
  await expect(power.read(signal)).rejects.toMatchObject({ code: expect.stringMatching(/timeout|answer/) });
  pdu.isGarbled = false;
  pdu.fault = { kind: "slow", ms: 50 };
  const late = power.set(1, true, signal);
  while (!pdu.isOn(1)) {
    await new Promise((resolve) => setImmediate(resolve));
    await clock.advance(50);
  }
  pdu.fault = null;
  await late;
});

test("a wrong community is silence, as the RFC has it", async () => {
  await using pdu = await apc({});
  await using power = await openOn(pdu.port, {}, 8, { community: "guess" });
  await expect(power.read(signal)).rejects.toThrow("a wrong community is not answered either");
});

test.each([
  ["no secret", {}, null, 'needs the secret "community"'],
  ["an empty community", {}, { community: "" }, 'needs the secret "community"'],
  ["version 3 without its key", { version: 3 }, null, 'needs the secret "auth"'],
  ["a short key", { version: 3 }, { auth: "short" }, "fewer than 8 characters"],
  ["no key that hides", { version: 3 }, { auth: "longenough" }, 'needs the secret "privacy"'],
  ["a version that is none", { version: "4" }, secret, "1, 2c or 3 was expected"],
])("%s is told before anything is sent", async (_, settings, kept, told) => {
  await expect(openOn(161, settings, 8, kept)).rejects.toThrow(told);
  await expect(openOn(161, settings, 8, kept)).rejects.toMatchObject({ code: "power.config" });
});

test.each([
  [{ auth: "none" }, null, { auth: null, privacy: null }],
  [{ privacy: "none" }, { auth: "longenough" }, { auth: { protocol: "sha", key: "longenough" }, privacy: null }],
  [
    { auth: "sha256", privacy: "aes256", user: "pi" },
    { auth: "longenough", privacy: "longertoo" },
    {
      user: "pi",
      auth: { protocol: "sha256", key: "longenough" },
      privacy: { protocol: "aes256", key: "longertoo" },
    },
  ],
])("version 3 with %j asks as that user", (settings, kept, expected) => {
  const config = { pdu: "p", address: "[::1]", outlets: 1, settings: { version: "3", ...settings }, secret: kept };
  const target = { host: "::1", port: 161, timeoutMs: 3000, version: "3", user: "bramble", ...expected };
  expect(snmpTarget(config)).toEqual(target);
  expect(checkPowerConfig(snmpApc, config)).toEqual([]);
});

const bindings = fc.array(
  fc.record({
    oid: fc.constantFrom("1.3.1", "1.3.2", "1.3.300", "", "x"),
    value: fc.oneof(fc.integer(), fc.string({ maxLength: 300 }), fc.constant(null), fc.constantFrom(1, 2)),
  }),
);

test("whatever the agent says, outlets are read or the driver says what it did not understand", async () => {
  await fc.assert(
    fc.asyncProperty(bindings, fc.constantFrom("rpdu", "rpdu2"), async (said: readonly SnmpBinding[], branch) => {
      const session = { get: async () => said, set: async () => {}, walk: async () => said, ...closed };
      const transport: Transport = { ...powerTransport("pdu1", fakeClock()), snmp: async () => session };
      const config = { pdu: "pdu1", address: "h", outlets: 2, settings: { branch, volts: 120 }, secret };
      const power = await snmpApc.open(config, { transport, clock: fakeClock(), log: silentLog }, signal);
      try {
        for (const { watts } of await power.read(signal)) expect(watts ?? 0).toBeGreaterThanOrEqual(0);
        await power.load?.(signal);
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(PowerError);
        expect(String(thrown).length).toBeLessThan(200);
      }
    }),
  );
});

const closed = { [Symbol.asyncDispose]: async () => {} };

function apc(parts: Partial<ApcPduParts>) {
  return standInApcPdu({ outlets: 8, ...secret, clock: fakeClock(), watts: () => 10, ...parts });
}

function openOn(
  port: number,
  settings: Record<string, string | number> = {},
  outlets = 8,
  kept: Record<string, string> | null = secret,
) {
  const clock = fakeClock();
  const config = {
    pdu: "pdu1",
    address: `127.0.0.1:${port}`,
    outlets,
    settings: { answer_ms: 400, ...settings },
    secret: kept,
  };
  return snmpApc.open(config, { transport: powerTransport("pdu1", clock), clock, log: silentLog }, signal);
}
