import { type FakeClock, fakeClock, silentLog } from "@bramble/core/base";
import type { PowerConfig, PowerDriver, PowerSwitch } from "@bramble/core/power";
import { expect, test } from "vitest";
import { powerTransport } from "../transport/index.ts";
import { pulseMs, standInButtons } from "./arduino-buttons.stand-in.ts";
import { arduinoButtons } from "./arduino-buttons.ts";
import { type StandIn, standInHttp } from "./made.stand-in.ts";
import { standInShelly } from "./shelly-gen2.stand-in.ts";
import { shellyGen2 } from "./shelly-gen2.ts";
import { standInCmdCgi } from "./synaccess-http.stand-in.ts";
import { synaccessHttp } from "./synaccess-http.ts";
import { standInNetBooter } from "./synaccess-telnet.stand-in.ts";
import { synaccessTelnet } from "./synaccess-telnet.ts";
import { standInTasmota } from "./tasmota.stand-in.ts";
import { tasmota } from "./tasmota.ts";
import { standInTuringPi } from "./turing-pi-2.stand-in.ts";
import { turingPi2 } from "./turing-pi-2.ts";
import { standInHook } from "./webhook.stand-in.ts";
import { webhook } from "./webhook.ts";

/** What is special about each make, beyond the story that all tell (contract.ts). */

const signal = new AbortController().signal;
const clock = fakeClock();
const login = { user: "admin", password: "hunter2 & ünïcode" };
const plain = { user: "admin", password: "hunter2" };
const on = (power: PowerSwitch) => power.read(signal).then((all) => all.map((each) => each.on));
const watts = (power: PowerSwitch) => power.read(signal).then((all) => all.map((each) => each.watts));

test.each(["a", "b"] as const)(
  "a netBooter of revision %s asks for a login, and its table runs over pages",
  async (revision) => {
    await using rig = await standInNetBooter({ outlets: 16, clock, revision, login: plain, on: [7, 16] });
    await using power = await open(synaccessTelnet, rig, {}, plain);
    expect((await on(power)).flatMap((is, at) => (is ? [at + 1] : []))).toEqual([7, 16]);
    await power.set(1, true, signal);
    expect(rig.isOn(1)).toBe(true);
  },
);

test.each(["a", "b"] as const)(
  "a netBooter of revision %s that does not take the login is told without the login",
  async (revision) => {
    await using rig = await standInNetBooter({ outlets: 2, clock, revision, login: plain });
    const told = await open(synaccessTelnet, rig, {}, { ...plain, password: "wrong-one" }).catch((thrown) => thrown);
    expect(told).toMatchObject({
      code: "power.refused",
      message: "pdu1: it does not take the login of the secrets file",
    });
  },
);

test("a netBooter that asks for a login which nobody gave says so", async () => {
  await using rig = await standInNetBooter({ outlets: 2, clock, revision: "a", login: plain });
  await expect(open(synaccessTelnet, rig)).rejects.toMatchObject({ message: "pdu1: it wants a login; see --secrets" });
});

test("a netBooter that wants the word login first says so at the first question", async () => {
  await using rig = await standInNetBooter({ outlets: 2, clock, login: plain });
  await using power = await open(synaccessTelnet, rig);
  await expect(power.read(signal)).rejects.toMatchObject({ message: "pdu1: it wants a login; see --secrets" });
  await expect(power.set(1, true, signal)).rejects.toMatchObject({ code: "power.refused" });
});

test("a netBooter over HTTP wants its login, tells its amps, and may count the other way round", async () => {
  await using rig = await standInCmdCgi({
    outlets: 5,
    clock,
    login: { user: "admin", password: "x" },
    inverted: true,
    on: [1, 5],
    watts: () => 60,
  });
  await expect(open(synaccessHttp, rig).then(on)).rejects.toMatchObject({
    message: "pdu1: 401: it wants a login; see --secrets",
  });
  await using power = await open(synaccessHttp, rig, { inverted: true }, { password: "x" });
  expect(await on(power)).toEqual([true, false, false, false, true]);
  expect(await power.load?.(signal)).toEqual([{ name: "input", amps: 1, watts: null }]);
});

test("a Shelly with a password is proven to who we are, question by question, and tells watts", async () => {
  await using rig = await standInShelly({ outlets: 2, clock, password: login.password, on: [2], watts: () => 8.9 });
  await using power = await open(shellyGen2, rig, {}, { password: login.password });
  expect(await watts(power)).toEqual([0, 8.9]);
  await power.set(1, true, signal);
  await power.set(1, false, signal);
  expect([rig.isOn(1), rig.isOn(2)]).toEqual([false, true]);
  await using stranger = await open(shellyGen2, rig, {}, { password: "wrong-one" });
  await expect(stranger.read(signal)).rejects.toMatchObject({ code: "power.refused" });
});

test.each([
  ["each", [11, 22]],
  ["sum", [null, null]],
  ["none", [null, null]],
] as const)("Tasmota that meters %s tells watts as %s, and its login is in no message", async (energy, expected) => {
  await using rig = await standInTasmota({
    outlets: 2,
    clock,
    login,
    energy,
    on: [1, 2],
    watts: (outlet) => outlet * 11,
  });
  await using power = await open(tasmota, rig, {}, login);
  expect(await watts(power)).toEqual(expected);
  rig.fault = { kind: "drops" };
  const told: unknown = await power.read(signal).catch((thrown) => thrown);
  expect(String(told)).not.toMatch(/hunter2|password/);
  rig.fault = null;
  await using stranger = await open(tasmota, rig, { meters: false }, { password: "wrong-one" });
  await expect(stranger.read(signal)).rejects.toMatchObject({
    message: "pdu1: it does not take the login; see --secrets",
  });
});

test("one relay that runs Tasmota is called POWER", async () => {
  await using rig = await standInTasmota({ outlets: 1, clock, watts: () => 5 });
  await using power = await open(tasmota, rig);
  await power.set(1, true, signal);
  expect(await power.read(signal)).toEqual([{ on: true, watts: 5 }]);
});

test("a Turing Pi's token is fetched once, and anew when it is no longer taken", async () => {
  await using rig = await standInTuringPi({ clock, login });
  await using power = await open(turingPi2, rig, { tls: false }, login);
  await power.set(3, true, signal);
  rig.forgetTokens();
  expect(await on(power)).toEqual([false, false, true, false]);
  await using basic = await open(turingPi2, rig, { tls: false, login: "basic" }, { user: "admin", password: "x" });
  await expect(basic.read(signal)).rejects.toMatchObject({ code: "power.refused" });
});

test("a Turing Pi of firmware 1 asks for no login", async () => {
  await using rig = await standInTuringPi({ clock, firmware: 1, on: [4] });
  await using power = await open(turingPi2, rig, { tls: false });
  expect(await on(power)).toEqual([false, false, false, true]);
});

test("a webhook may take a header, POST with a body, count from 0, tell watts or tell nothing", async () => {
  await using rig = await standInHook({ outlets: 2, clock, authorization: "Bearer hunter2", watts: () => 7 });
  const paths = { on: "/power/{outlet}/on", off: "/power/{outlet}/off" };
  const tells = { query: "/power/{outlet}", is_on: "running", is_off: "stopped", watts: '"watts":([0-9.]+)' };
  await using power = await open(
    webhook,
    rig,
    { ...paths, ...tells, method: "POST", body: '{"n":{outlet0}}' },
    { authorization: "Bearer hunter2" },
  );
  await power.set(2, true, signal);
  expect(await power.read(signal)).toEqual([
    { on: false, watts: 0 },
    { on: true, watts: 7 },
  ]);
  await using mute = await open(webhook, rig, paths, { authorization: "Bearer hunter2" });
  expect(await on(mute)).toEqual([null, null]);
  await using unsure = await open(
    webhook,
    rig,
    { ...paths, ...tells, is_off: "status" },
    { authorization: "Bearer hunter2" },
  );
  await expect(unsure.read(signal)).rejects.toMatchObject({ code: "power.answer" });
  await expect(open(webhook, rig, { ...paths, off: "off" })).rejects.toMatchObject({
    message: "pdu1: settings.off: a path like /outlet/{outlet}/on was expected",
  });
});

test("a button is pressed once for the box's own pulse; to let go or to look presses nothing", async () => {
  const presses: string[] = [];
  const own = fakeClock();
  await using rig = await standInButtons({ clock: own, onSwitch: (outlet, is) => presses.push(`${outlet} ${is}`) });
  await using power = await open(arduinoButtons, rig);
  await power.read(signal);
  await power.set(1, false, signal);
  await power.set(1, true, signal);
  expect(presses).toEqual(["1 true"]);
  await own.advance(pulseMs);
  await power.set(2, true, signal);
  expect(presses).toEqual(["1 true", "1 false", "2 true"]);
});

test.each([
  [302, "power.answer"],
  [400, "power.refused"],
  [403, "power.refused"],
  [429, "power.connection"],
  [503, "power.connection"],
])("a web server that answers %i is told as %s", async (status, code) => {
  await using rig = await standInHttp({ outlets: 1, clock }, () => ({ status, body: "{}" }));
  await using power = await open(shellyGen2, rig);
  await expect(power.read(signal)).rejects.toMatchObject({ code });
});

test("an answer that is slow is waited for", async () => {
  const own = fakeClock();
  let isAsked = (): void => {};
  const asked = new Promise<void>((resolve) => {
    isAsked = resolve;
  });
  await using rig = await standInHttp({ outlets: 1, clock: own }, () => {
    // The stand-in sets its timer just after this.
    queueMicrotask(isAsked);
    return { body: '{"output":true,"apower":1}' };
  });
  rig.fault = { kind: "slow", ms: 3000 };
  await using power = await open(shellyGen2, rig, {}, null, own);
  const readings = power.read(signal);
  await asked;
  await own.advance(3000);
  expect(await readings).toEqual([{ on: true, watts: 1 }]);
});

function open(
  driver: PowerDriver,
  { address, outlets }: StandIn,
  settings: PowerConfig["settings"] = {},
  secret: PowerConfig["secret"] = null,
  at: FakeClock = clock,
): Promise<PowerSwitch> {
  const context = { transport: powerTransport("pdu1", at), clock: at, log: silentLog };
  return driver.open({ pdu: "pdu1", address, outlets, settings, secret }, context, signal);
}
