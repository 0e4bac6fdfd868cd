import { fakeClock, silentLog } from "@bramble/core/base";
import { PowerError, type SettingValue, type Transport } from "@bramble/core/power";
import fc from "fast-check";
import { expect, test } from "vitest";
import { powerTransport } from "../transport/index.ts";
import { faultOf, powerDriverContract } from "./contract.ts";
import { type RedfishParts, standInRedfish } from "./redfish.stand-in.ts";
import { redfish } from "./redfish.ts";

const login = { user: "bramble", password: "schlüssel" };
const plain = { user: "bramble", password: "secret" };
const signal = new AbortController().signal;
const systems = { collection: "/redfish/v1/Systems" };

powerDriverContract(redfish, async (clock) => {
  const service = await fake({ login: plain, clock });
  return Object.assign(service, {
    settings: { tls: false },
    secret: plain,
    fail: (how: Parameters<typeof faultOf>[0]) => {
      service.fault = faultOf(how);
    },
  });
});

test("twelve outlets come in the order of their numbers, over two pages, with their watts", async () => {
  await using service = await fake({ outlets: 12, on: [2, 10], watts: (outlet) => outlet * 1.5 });
  await using power = await openOn(service.address, {}, null, 12);
  const readings = await power.read(signal);
  expect(readings.flatMap(({ on, watts }, at) => (on ? [[at + 1, watts]] : []))).toEqual([
    [2, 3],
    [10, 15],
  ]);
});

test("the file may name the members in an order of its own, and fewer outlets than there are", async () => {
  await using service = await fake({ outlets: 12 });
  await using power = await openOn(service.address, { members: ["A12", "A3"] }, null, 2);
  await power.set(1, true, signal);
  expect(service.isOn(12)).toBe(true);
  await expect(openOn(service.address, { members: ["A13"] }, null, 1)).rejects.toThrow('has no "A13"');
  await using more = await openOn(service.address, {}, null, 13);
  expect((await more.read(signal))[12]).toEqual({ on: null, watts: null });
  await expect(more.set(13, true, signal)).rejects.toMatchObject({ code: "power.refused" });
});

test("systems are switched by their reset, and one that is on already may refuse to be", async () => {
  await using service = await fake({ kind: "systems", outlets: 2, login: plain });
  await using power = await openOn(service.address, { ...systems, login: "basic" }, plain, 2);
  await power.set(1, true, signal);
  await power.set(1, true, signal);
  expect(await power.read(signal)).toEqual([
    { on: true, watts: null },
    { on: false, watts: null },
  ]);
  service.fault = { kind: "refuses" };
  await expect(power.set(1, false, signal)).rejects.toThrow("pdu1: it answers with status 409 (The outlet is locked.)");
});

test("a session is given back, asked for anew when it is forgotten, and waited for when all are taken", async () => {
  await using service = await fake({ login: plain });
  for (let times = 0; times < 3; times++) {
    const power = await openOn(service.address, {}, plain);
    service.forgetSessions();
    await power.read(signal);
    await power.read(signal);
    expect(service.held()).toBe(1);
    await power[Symbol.asyncDispose]();
    expect(service.held()).toBe(0);
  }
  await using _one = await openOn(service.address, {}, plain);
  await using _two = await openOn(service.address, {}, plain);
  await expect(openOn(service.address, {}, plain)).rejects.toMatchObject({ code: "power.connection" });
});

test.each([
  [null, "401: it wants a login; see --secrets (Nobody is logged in.)"],
  [login, "401: it does not take the login of the secrets file (The login is wrong.)"],
  [{ user: "bramble" }, "its entry in the secrets file has no password"],
])("a login like %j is told, without its password", async (secret, told) => {
  await using service = await fake({ login: plain });
  const opened = openOn(service.address, {}, secret);
  await expect(opened).rejects.toThrow(told);
  await expect(opened).rejects.not.toThrow("schlüssel");
});

test("what the service says is read, never what was written", async () => {
  await using service = await fake({ on: [1] });
  await using power = await openOn(service.address);
  service.fault = { kind: "lies" };
  await power.set(1, false, signal);
  expect((await power.read(signal))[0]?.on).toBe(true);
  service.fault = { kind: "drops-after-write" };
  await expect(power.set(2, true, signal)).rejects.toMatchObject({ code: "power.connection" });
  service.fault = null;
  expect((await power.read(signal))[1]?.on).toBe(true);
  service.restart();
  expect((await power.read(signal)).every(({ on }) => on === false)).toBe(true);
});

test.each(["/cmd.cgi", "/redfish/v1/", "/redfish/v1/a b"])("the collection %s is refused", async (collection) => {
  await expect(openOn("127.0.0.1:1", { collection })).rejects.toThrow("is not below /redfish/v1/");
});

const paths = fc.constantFrom("/redfish/v1/x/1", "//evil/redfish", "http://evil/", "/redfish/v1/x/2", 7, null);
const members = fc.record(
  {
    Members: fc.array(fc.oneof(fc.record({ "@odata.id": paths }), fc.jsonValue())),
    "Members@odata.nextLink": paths,
    PowerState: fc.constantFrom("On", "Off", "PoweringOn", null, 1, "on"),
    PowerWatts: fc.oneof(fc.record({ Reading: fc.double() }), fc.jsonValue()),
    Actions: fc.oneof(fc.record({ "#Outlet.PowerControl": fc.record({ target: paths }) }), fc.jsonValue()),
  },
  { requiredKeys: [] },
);

test("whatever the service says, it alone is asked, and outlets are read or what was not understood is told", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof(members, fc.jsonValue())),
      fc.integer({ min: 100, max: 599 }),
      async (said, status) => {
        const answers = said.map((each) => ({ status: 200, headers: {}, body: JSON.stringify(each) }));
        const transport: Transport = {
          ...powerTransport("pdu1", fakeClock()),
          async http({ url }) {
            expect(new URL(url).host).toBe("10.0.0.1");
            return answers.shift() ?? { status, headers: {}, body: "{}" };
          },
        };
        try {
          await using power = await openOn("10.0.0.1:443", { tls: true }, null, 2, transport);
          expect(await power.read(signal)).toHaveLength(2);
          await power.set(1, true, signal);
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(PowerError);
          expect(String(thrown).length).toBeLessThan(400);
        }
      },
    ),
  );
});

function fake(parts: Partial<RedfishParts>) {
  return standInRedfish({ outlets: 8, clock: fakeClock(), ...parts });
}

function openOn(
  address: string,
  settings: Record<string, SettingValue> = {},
  secret: Record<string, string> | null = null,
  outlets = 8,
  transport: Transport = powerTransport("pdu1", fakeClock()),
) {
  const config = { pdu: "pdu1", address, outlets, settings: { tls: false, ...settings }, secret };
  return redfish.open(config, { transport, clock: fakeClock(), log: silentLog }, signal);
}
