import type { OutletReading, PowerConfig, RunResult } from "@bramble/core/power";
import { definePowerDriver, list, PowerError, pattern, readSettings } from "@bramble/core/power";

const settings = {
  on: list("The arguments that switch an outlet on; {outlet} stands for its name, alone or at an argument's end."),
  off: list("The arguments that switch an outlet off."),
  query: list("The arguments that tell its state; without {outlet} it is asked once for all outlets."),
  is_on: pattern("What is found in the answer, line by line, when the outlet is on; {outlet} stands for its name."),
  is_off: pattern("What is found in the answer when it is off."),
  names: list("What {outlet} is, in the order of our outlets: ports, GPIO lines; absent: their numbers from 1.", []),
};

/**
 * Any program that switches: uhubctl (USB hubs with power switching), pinctrl or libgpiod (relays on GPIO lines), a
 * maker's own tool. `address` is the absolute path of the program; no shell is between, so nothing is expanded, joined
 * or split, and shells themselves are refused. The program has the rights of the head, no input and 10 seconds.
 *
 * uhubctl 2.5, hub 1-1:
 * `on: ["-l", "1-1", "-a", "on", "-p", "{outlet}"]`, `off` likewise, `query: ["-l", "1-1"]`,
 * `is_on: "Port {outlet}: \\w+ power"`, `is_off: "Port {outlet}: \\w+ off"`.
 *
 * Exit code 0 acknowledges on and off, any other refuses. Of a query the text counts, since tools tell states by codes.
 */
export const command = definePowerDriver({
  id: "command",
  summary: "A program with fixed arguments: uhubctl, pinctrl, a maker's own tool.",
  address: "/absolute/path/of/the/program",
  settings,
  async open(config, { transport }) {
    const { pdu, outlets } = config;
    const program = readProgram(config);
    const said = readSettings(config, settings);
    const names = readNames(config, said.names);
    for (const key of ["on", "off", "query"] as const) checkArguments(pdu, key, said[key]);
    const states = names.map((name) => ({ on: meant(said.is_on, name), off: meant(said.is_off, name) }));
    const run = (given: readonly string[], name: string, signal: AbortSignal): Promise<RunResult> =>
      transport.run([program, ...given.map((one) => one.replace("{outlet}", name))], signal);
    return {
      outlets,
      async set(outlet, on, signal) {
        const result = await run(on ? said.on : said.off, names[outlet - 1] ?? "", signal);
        if (result.code !== 0) throw new PowerError("power.refused", pdu, failureOf(program, result));
      },
      async read(signal) {
        const isForAll = !said.query.some((one) => one.includes("{outlet}"));
        const all = isForAll ? await run(said.query, "", signal) : null;
        const readings: OutletReading[] = [];
        for (const [at, name] of names.entries()) {
          const result = all ?? (await run(said.query, name, signal));
          const isOn = states[at]?.on.test(result.out) ?? false;
          const isOff = states[at]?.off.test(result.out) ?? false;
          if (isOn === isOff) {
            if (result.code !== 0) throw new PowerError("power.refused", pdu, failureOf(program, result));
            const which = isOn ? "both is_on and is_off fit" : "neither is_on nor is_off fits";
            throw new PowerError("power.answer", pdu, `${which} outlet ${at + 1} in ${quoted(result.out)}`);
          }
          readings.push({ on: isOn, watts: null });
        }
        return readings;
      },
      async [Symbol.asyncDispose]() {},
    };
  },
});

function readProgram({ pdu, address }: PowerConfig): string {
  const name = /^(?:\/[A-Za-z0-9_+-][A-Za-z0-9._+-]*)*\/([A-Za-z0-9_+-][A-Za-z0-9._+-]*)$/.exec(address)?.[1];
  if (name === undefined)
    throw new PowerError("power.config", pdu, `address "${address.slice(0, 60)}" is no absolute path of a program`);
  if (/^(?:ba|da|z|k|c|tc|fi|a)?sh$|^(?:busybox|env|eval|xargs)$/.test(name))
    throw new PowerError("power.config", pdu, `${name} would run what it is told; name the program itself`);
  return address;
}

/** Names go into arguments: none looks like an option, and none is a pattern. */
function readNames({ pdu, outlets }: PowerConfig, said: readonly string[]): readonly string[] {
  const names = said.length > 0 ? said : Array.from({ length: outlets }, (_, at) => String(at + 1));
  if (names.length !== outlets)
    throw new PowerError("power.config", pdu, `settings.names has ${names.length} names for ${outlets} outlets`);
  const wrong = names.find((name) => !/^[A-Za-z0-9_][A-Za-z0-9_.:-]{0,63}$/.test(name));
  if (wrong !== undefined)
    throw new PowerError(
      "power.config",
      pdu,
      `settings.names: "${wrong.slice(0, 60)}" is no name of letters and digits`,
    );
  return names;
}

function checkArguments(pdu: string, key: "on" | "off" | "query", given: readonly string[]): void {
  const wrong = given.find((one) => one.replace(/\{outlet\}$/, "").includes("{outlet}"));
  if (wrong !== undefined) {
    const why = "{outlet} stands alone or at the end of an argument";
    throw new PowerError("power.config", pdu, `settings.${key}: "${wrong.slice(0, 60)}"; ${why}`);
  }
  if (key !== "query" && !given.some((one) => one.endsWith("{outlet}")))
    throw new PowerError("power.config", pdu, `settings.${key} names no {outlet}: it would switch the same for each`);
}

/** The pattern for one outlet; `^` and `$` are the ends of a line. */
function meant({ source }: RegExp, name: string): RegExp {
  return new RegExp(source.replaceAll("{outlet}", name.replaceAll(".", "\\.")), "im");
}

function failureOf(program: string, { code, err, out }: RunResult): string {
  const said = [err, out].map((text) => text.trim()).find((text) => text !== "");
  return `${program} ended with code ${code}${said === undefined ? "" : `: ${quoted(said)}`}`.slice(0, 250);
}

function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 100));
}
