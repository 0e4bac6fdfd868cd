import type { Line, OutletReading, PowerConfig } from "@bramble/core/power";
import { definePowerDriver, PowerError, readAddress, readSettings } from "@bramble/core/power";
import { loginOf, notUnderstood, type WebLogin } from "./web.ts";

/**
 * Synaccess netBooter (NP-02, NP-05B, NP-08, NP-16) by telnet, in the words of its user's manual (part 1140, "Power
 * outlet"): `pset <outlet> <0|1>`, and `pshow`, which prints a table for people:
 * `1 | name | ON | …`. Its prompt is a `>` that ends no line; it echoes; long tables stop at `Press key "Enter"`. The
 * first revisions say `On`, later ones `ON`. It serves one or two sessions and closes those that idle.
 */
export const synaccessTelnet = definePowerDriver({
  id: "synaccess-telnet",
  summary: "Synaccess netBooter (NP-02, NP-05B, …) by telnet; tells no watts.",
  address: "host[:23]",
  secrets: { user: "absent: admin", password: "where it asks for a login" },
  async open(config, { transport }, signal) {
    const { pdu, outlets } = config;
    readSettings(config, {});
    const login = loginOf(config, "basic", "admin");
    const line = await transport.connect(readAddress(config, 23), signal);
    try {
      await enter(line, config, login, signal);
    } catch (thrown) {
      await line[Symbol.asyncDispose]();
      throw thrown;
    }
    const ask = async (command: string, ended: AbortSignal): Promise<string> => {
      await line.send(command, ended);
      const said = await answerOf(line, pdu, ended);
      if (/\b(denied|please log ?in)\b/i.test(said))
        throw new PowerError("power.refused", pdu, "it wants a login; see --secrets");
      return said;
    };
    return {
      outlets,
      async set(outlet, on, ended) {
        const said = await ask(`pset ${outlet} ${on ? 1 : 0}`, ended);
        const refusal = /\b(invalid|error|denied|fail\w*|locked|reserved|not allowed)\b.*/i.exec(said)?.[0];
        if (refusal !== undefined) throw new PowerError("power.refused", pdu, refusal.trim().slice(0, 100));
      },
      async read(ended) {
        let said = await ask("pshow", ended);
        // An empty prompt of its own accord (its greeting, a line feed that it took for Enter) is not the answer.
        for (let spare = 3; spare > 0 && /^(pshow)?\s*$/.test(said); spare--) said = await answerOf(line, pdu, ended);
        return readTable(said, config);
      },
      [Symbol.asyncDispose]: () => line[Symbol.asyncDispose](),
    };
  },
});

/** A prompt, alone at the end of what came; or the question of the pager. */
const prompt = /(?:^|[\r\n])>[ \t]*$|Press key[^\r\n]*continue[ .]*$/i;
const greeting = /(?:^|[\r\n])>[ \t]*$|(?:user ?id|user ?name|login|user)[ \t]*:[ \t]*$|password[ \t]*:[ \t]*$/i;

async function enter(line: Line, { pdu }: PowerConfig, login: WebLogin | null, signal: AbortSignal): Promise<void> {
  await line.send("", signal);
  let isAsked = false;
  for (let step = 0; step < 6; step++) {
    const said = await line.receiveUntil(greeting, signal);
    if (/\b(fail\w*|denied|invalid|incorrect)\b/i.test(said)) break;
    const isPrompt = />[ \t]*$/.test(said);
    if (isPrompt && (login === null || isAsked)) return;
    if (login === null) throw new PowerError("power.refused", pdu, "it wants a login; see --secrets");
    if (isPrompt) {
      await line.send("login", signal);
      continue;
    }
    const isPassword = /password[ \t]*:[ \t]*$/i.test(said);
    await line.send(isPassword ? login.password : login.user, signal);
    isAsked ||= isPassword;
  }
  throw new PowerError("power.refused", pdu, "it does not take the login of the secrets file");
}

async function answerOf(line: Line, pdu: string, signal: AbortSignal): Promise<string> {
  let text = "";
  for (let page = 0; page < 8; page++) {
    const said = (await line.receiveUntil(prompt, signal)).replace(/\xff[\xfb-\xfe][\s\S]|\xff[\xf0-\xfa]/g, "");
    text += said;
    if (!/Press key/i.test(said)) return text.replace(/[\r\n]+>[ \t]*$|^>[ \t]*$/, "").trim();
    await line.send("", signal);
  }
  throw notUnderstood(pdu, text, "a prompt");
}

function readTable(said: string, { pdu, outlets }: PowerConfig): OutletReading[] {
  const rows = [...said.matchAll(/^[ \t]*(\d{1,2})[ \t]*\|[^|\r\n]*\|[ \t]*(ON|OFF)\b/gim)];
  const states = new Map(rows.map(([, outlet, state]) => [Number(outlet), state?.toUpperCase() === "ON"]));
  if (states.size === 0) throw notUnderstood(pdu, said, 'a table like "1 | name | ON |"');
  return Array.from({ length: outlets }, (_, at) => ({ on: states.get(at + 1) ?? null, watts: null }));
}
