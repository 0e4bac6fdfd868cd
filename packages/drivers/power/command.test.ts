import { fakeClock, silentLog } from "@bramble/core/base";
import { type PowerConfig, PowerError, type SettingValue, type Transport } from "@bramble/core/power";
import fc from "fast-check";
import { expect, test } from "vitest";
import { powerTransport } from "../transport/index.ts";
import { standInUhubctl } from "./command.stand-in.ts";
import { command } from "./command.ts";
import { powerDriverContract } from "./contract.ts";

const signal = new AbortController().signal;
const uhubctl: PowerConfig["settings"] = {
  on: ["-l", "1-1", "-a", "on", "-p", "{outlet}"],
  off: ["-l", "1-1", "-a", "off", "-p", "{outlet}"],
  query: ["-l", "1-1"],
  is_on: "Port {outlet}: \\w+ power",
  is_off: "Port {outlet}: \\w+ off",
};

powerDriverContract(command, async () => Object.assign(standInUhubctl(), { settings: uhubctl, isEndless: true }));

test("arguments arrive as they are written, whatever a shell would make of them", async () => {
  await using tool = standInUhubctl();
  await using power = await openOn(tool.address, { on: ["-l", "$(reboot)", "; *", "-x{outlet}"] });
  await expect(power.set(3, true, signal)).rejects.toThrow("ended with code 1: \"unrecognized option '; *'");
  expect(tool.called()).toEqual(["-l", "$(reboot)", "; *", "-x3", ""]);
});

test("what the tool says is read, never what was written", async () => {
  await using tool = standInUhubctl();
  await using power = await openOn(tool.address);
  tool.fail("lies");
  await power.set(1, true, signal);
  expect((await power.read(signal))[0]?.on).toBe(false);
  tool.fail("drops-after-write");
  await expect(power.set(2, true, signal)).rejects.toMatchObject({ code: "power.connection" });
  tool.fail(null);
  expect((await power.read(signal))[1]?.on).toBe(true);
  tool.restart();
  expect((await power.read(signal)).map(({ on }) => on)).toEqual([true, true, true, true]);
});

test("a program that does not end is killed with its wait", async () => {
  await using tool = standInUhubctl();
  await using power = await openOn(tool.address);
  tool.fail("slow");
  const ended = new AbortController();
  const told = expect(power.read(ended.signal)).rejects.toThrow("enough");
  while (tool.called().length === 0) await new Promise((resolve) => setImmediate(resolve));
  ended.abort(new Error("enough"));
  await told;
});

test("lines of GPIO are asked one by one, by names of their own", async () => {
  const asked: string[] = [];
  const transport = saying((line) => {
    asked.push(line);
    return line.includes("17") ? "17: op dh pd | hi // GPIO17 = output" : "22: op dl pd | lo // GPIO22 = output";
  });
  const gpio = {
    on: ["set", "{outlet}", "op", "dh"],
    off: ["set", "{outlet}", "op", "dl"],
    query: ["get", "{outlet}"],
    is_on: "^{outlet}: op .*\\| hi",
    is_off: "^{outlet}: op .*\\| lo",
    names: ["17", "22"],
  };
  await using power = await openOn("/usr/bin/pinctrl", gpio, 2, transport);
  expect((await power.read(signal)).map(({ on }) => on)).toEqual([true, false]);
  await power.set(2, true, signal);
  expect(asked).toEqual(["/usr/bin/pinctrl get 17", "/usr/bin/pinctrl get 22", "/usr/bin/pinctrl set 22 op dh"]);
});

test.each<[string, string, Record<string, SettingValue>, string]>([
  ["a path that is not absolute", "uhubctl", {}, "is no absolute path"],
  ["a path that climbs", "/usr/../bin/uhubctl", {}, "is no absolute path"],
  ["arguments in the path", "/usr/bin/uhubctl -a on", {}, "is no absolute path"],
  ["a shell", "/bin/bash", {}, "would run what it is told"],
  ["a program that runs others", "/usr/bin/env", {}, "would run what it is told"],
  ["one line instead of a list", "/bin/x", { on: "-a on -p {outlet}" }, "a list of texts was expected"],
  ["the outlet within an argument", "/bin/x", { on: ["p={outlet},on"] }, "stands alone or at the end"],
  ["no outlet at all", "/bin/x", { off: ["-a", "off"] }, "settings.off names no {outlet}"],
  ["a name that is an option", "/bin/x", { names: ["1", "2", "3", "-a"] }, 'settings.names: "-a"'],
  ["a name too few", "/bin/x", { names: ["1"] }, "1 names for 4 outlets"],
  ["a pattern that is none", "/bin/x", { is_on: "(" }, "a regular expression"],
])("%s is refused", async (_, address, settings, told) => {
  await expect(openOn(address, settings)).rejects.toThrow(told);
  await expect(openOn(address, settings)).rejects.toMatchObject({ code: "power.config" });
});

test("an answer that both patterns fit, or a program that fails, is told with what it said", async () => {
  const both = await openOn(
    "/bin/x",
    {},
    1,
    saying(() => "Port 1: 0100 power\nPort 1: 0000 off"),
  );
  await expect(both.read(signal)).rejects.toThrow("both is_on and is_off fit outlet 1");
  const failed = await openOn(
    "/bin/x",
    {},
    1,
    saying(() => "no hub", 3),
  );
  await expect(failed.read(signal)).rejects.toThrow('/bin/x ended with code 3: "no hub"');
  const silent = await openOn(
    "/bin/x",
    {},
    1,
    saying(() => "", 3),
  );
  await expect(silent.set(1, true, signal)).rejects.toThrow(/ended with code 3$/);
});

test("whatever the program says, outlets are read or the driver says what it did not understand", async () => {
  const out = fc.oneof(
    fc.string({ maxLength: 300 }),
    fc.constantFrom("Port 1: 0 off\nPort 2: 0 power", "Port 1: 0 on"),
  );
  await fc.assert(
    fc.asyncProperty(out, fc.integer({ min: 0, max: 2 }), async (said, code) => {
      const power = await openOn(
        "/bin/x",
        {},
        2,
        saying(() => said, code),
      );
      try {
        expect(await power.read(signal)).toHaveLength(2);
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(PowerError);
        expect(String(thrown).length).toBeLessThan(800);
      }
    }),
  );
});

function saying(answer: (line: string) => string, code = 0): Transport {
  const run = async (line: readonly string[]) => ({ code, out: answer(line.join(" ")), err: "" });
  return { ...powerTransport("pdu1", fakeClock()), run };
}

function openOn(
  address: string,
  settings: Record<string, SettingValue> = {},
  outlets = 4,
  transport: Transport = powerTransport("pdu1", fakeClock()),
) {
  const config = { pdu: "pdu1", address, outlets, settings: { ...uhubctl, ...settings }, secret: null };
  return command.open(config, { transport, clock: fakeClock(), log: silentLog }, signal);
}
