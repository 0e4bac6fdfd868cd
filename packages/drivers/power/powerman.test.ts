import { fakeClock, silentLog } from "@bramble/core/base";
import { PowerError, type Transport } from "@bramble/core/power";
import fc from "fast-check";
import { expect, test } from "vitest";
import { powerTransport } from "../transport/index.ts";
import { faultOf, powerDriverContract } from "./contract.ts";
import { type PowermandParts, standInPowermand } from "./powerman.stand-in.ts";
import { powerman } from "./powerman.ts";

const signal = new AbortController().signal;

powerDriverContract(powerman, async (clock) => {
  const daemon = await powermand({ clock });
  return {
    address: `127.0.0.1:${daemon.port}`,
    outlets: 4,
    settings: { nodes: ["t{outlet}"] },
    isOn: daemon.isOn,
    fail: (how) => {
      daemon.fault = faultOf(how);
    },
    [Symbol.asyncDispose]: () => daemon[Symbol.asyncDispose](),
  };
});

test("outlets may have names of their own, more than one question holds", async () => {
  const nodes = Array.from({ length: 40 }, (_, at) => `rack-${at}.left`);
  await using daemon = await powermand({ nodes, outlets: 40 });
  await using power = await openOn(daemon.port, nodes, 40);
  await power.set(40, true, signal);
  expect(daemon.isOn(40)).toBe(true);
  const readings = await power.read(signal);
  expect(readings.filter(({ on }) => on)).toHaveLength(1);
  expect(readings[39]).toEqual({ on: true, watts: null });
});

test("a state that powermand does not know is not known, and a node that it does not know is refused", async () => {
  await using daemon = await powermand({});
  await using power = await openOn(daemon.port);
  daemon.isBlind = true;
  expect((await power.read(signal)).map(({ on }) => on)).toEqual([null, null, null, null]);
  await using wrong = await openOn(daemon.port, ["x{outlet}"]);
  await expect(wrong.set(1, true, signal)).rejects.toThrow("pdu1: No such nodes: x1");
});

test("what powermand says is read, never what was written", async () => {
  await using daemon = await powermand({});
  await using power = await openOn(daemon.port);
  daemon.fault = { kind: "lies" };
  await power.set(1, true, signal);
  expect((await power.read(signal))[0]?.on).toBe(false);
  daemon.fault = { kind: "drops-after-write" };
  await expect(power.set(2, true, signal)).rejects.toMatchObject({ code: "power.connection" });
  daemon.fault = null;
  await using again = await openOn(daemon.port);
  expect((await again.read(signal))[1]?.on).toBe(true);
  daemon.restart();
  await using last = await openOn(daemon.port);
  expect((await last.read(signal))[1]?.on).toBe(false);
});

test("one session more than it serves is told, and a slow one is waited for", async () => {
  const clock = fakeClock();
  await using daemon = await powermand({ sessions: 2, clock });
  await using one = await openOn(daemon.port);
  await using _two = await openOn(daemon.port);
  await expect(openOn(daemon.port)).rejects.toMatchObject({ code: "power.connection" });
  daemon.fault = { kind: "slow", ms: 5000 };
  const late = one.set(1, true, signal);
  while (!daemon.isOn(1)) await new Promise((resolve) => setImmediate(resolve));
  await clock.advance(5000);
  await late;
});

test.each([
  [["t1", "t2", "t3"], "settings.nodes has 3 names for 4 outlets"],
  [["t[{outlet}-9]"], 'settings.nodes: "t[1-9]" is not one node'],
  [["a", "b", "c d", "e"], 'settings.nodes: "c d" is not one node'],
  [["a", "b", "", "d"], "a list of texts was expected"],
])("the names %j are refused", async (nodes, told) => {
  await expect(openOn(1, nodes)).rejects.toThrow(told);
});

const answers = fc.oneof(
  fc.string({ maxLength: 300 }),
  fc
    .array(fc.oneof(fc.stringMatching(/^[1-4]\d\d .{0,20}$/), fc.constantFrom("303 t1: on", "303 t9: off", "103 ok")))
    .map((lines) => lines.join("\r\n")),
);

test("whatever is answered, outlets are read or the driver says what it did not understand", async () => {
  await fc.assert(
    fc.asyncProperty(answers, async (answer) => {
      const said = ["001 x\r\npowerman> ", "105 ON\r\npowerman> "];
      const receiveUntil = async () => said.shift() ?? answer;
      const line = { send: async () => {}, receive: receiveUntil, receiveUntil, [Symbol.asyncDispose]: async () => {} };
      const power = await openOn(1, ["t{outlet}"], {
        ...powerTransport("pdu1", fakeClock()),
        connect: async () => line,
      });
      try {
        expect(await power.read(signal)).toHaveLength(4);
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(PowerError);
        expect(String(thrown).length).toBeLessThan(300);
      }
    }),
  );
});

function powermand(parts: Partial<PowermandParts>) {
  const nodes = ["t1", "t2", "t3", "t4"];
  return standInPowermand({ nodes, outlets: 4, clock: fakeClock(), ...parts });
}

function openOn(port: number, nodes: readonly string[] = ["t{outlet}"], more: number | Transport = 4) {
  const clock = fakeClock();
  const outlets = typeof more === "number" ? more : 4;
  const transport = typeof more === "number" ? powerTransport("pdu1", clock) : more;
  const config = { pdu: "pdu1", address: `127.0.0.1:${port}`, outlets, settings: { nodes }, secret: null };
  return powerman.open(config, { transport, clock, log: silentLog }, signal);
}
