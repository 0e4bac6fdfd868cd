import { fakeClock, silentLog } from "@bramble/core/base";
import { expect, test } from "vitest";
import { powerTransport } from "../transport/index.ts";
import { faultOf, powerDriverContract } from "./contract.ts";
import { type PoeSwitchParts, standInPoeSwitch } from "./snmp-rfc3621.stand-in.ts";
import { snmpRfc3621 } from "./snmp-rfc3621.ts";

const secret = { community: "bramble" };
const signal = new AbortController().signal;
const cisco = { port_power: "1.3.6.1.4.1.9.9.402.1.2.1.9" };

powerDriverContract(snmpRfc3621, async (clock) => {
  const poe = await poeSwitch({ clock });
  return {
    address: `127.0.0.1:${poe.port}`,
    outlets: 8,
    settings: { ...cisco, answer_ms: 400 },
    secret,
    isOn: poe.isOn,
    fail: (how) => {
      poe.fault = faultOf(how);
    },
    [Symbol.asyncDispose]: () => poe[Symbol.asyncDispose](),
  };
});

test("a port tells watts where the vendor has a column, else only that it gives none", async () => {
  await using poe = await poeSwitch({ on: [1, 3], watts: (port) => (port === 3 ? 0 : 5.25) });
  await using plain = await openOn(poe.port);
  await using measured = await openOn(poe.port, cisco);
  const rest = Array(5).fill({ on: false, watts: 0 });
  const searching = { on: true, watts: 0 };
  expect(await plain.read(signal)).toEqual([{ on: true, watts: null }, rest[0], searching, ...rest]);
  expect(await measured.read(signal)).toEqual([{ on: true, watts: 5.25 }, rest[0], searching, ...rest]);
  expect(await plain.load?.(signal)).toEqual([{ name: "group 1", amps: null, watts: 5 }]);
});

test.each([
  [true, 1, { on: false, watts: 0 }, "still disabled"],
  [true, 4, { on: false, watts: 0 }, "in fault"],
  [true, 6, { on: false, watts: 0 }, "in another fault"],
  [false, 3, { on: true, watts: null }, "disabled yet delivering"],
  [false, 2, { on: false, watts: 0 }, "disabled and searching"],
  [true, 5, { on: null, watts: null }, "in a test"],
])("enabled %j with detection status %i is read as %j: %s", async (on, status, reading, _) => {
  await using poe = await poeSwitch({ on: on ? [1] : [] });
  await using power = await openOn(poe.port);
  poe.detect(1, status);
  expect((await power.read(signal))[0]).toEqual(reading);
});

test("a status that the RFC does not know is told, and a port that is not there is not known", async () => {
  await using poe = await poeSwitch({});
  await using power = await openOn(poe.port, { first_port: 5 });
  await power.set(1, true, signal);
  expect(poe.isOn(5)).toBe(true);
  expect((await power.read(signal)).map(({ on }) => on)).toEqual([true, false, false, false, null, null, null, null]);
  poe.detect(5, 9);
  await expect(power.read(signal)).rejects.toThrow("port 5 is [1,9], which RFC 3621 does not know");
  await using elsewhere = await openOn(poe.port, { group: 2 });
  await expect(elsewhere.set(1, true, signal)).rejects.toMatchObject({ code: "power.refused" });
  expect(await elsewhere.load?.(signal)).toEqual([{ name: "group 2", amps: null, watts: null }]);
});

test("a column that is no OID is refused", async () => {
  await expect(openOn(161, { port_power: "ifTable" })).rejects.toThrow('settings.port_power "ifTable" is no OID');
});

function poeSwitch(parts: Partial<PoeSwitchParts>) {
  return standInPoeSwitch({ outlets: 8, ...secret, clock: fakeClock(), watts: () => 4, ...parts });
}

function openOn(port: number, settings: Record<string, string | number> = {}) {
  const clock = fakeClock();
  const config = { pdu: "pdu1", address: `127.0.0.1:${port}`, outlets: 8, settings, secret };
  return snmpRfc3621.open(config, { transport: powerTransport("pdu1", clock), clock, log: silentLog }, signal);
}
