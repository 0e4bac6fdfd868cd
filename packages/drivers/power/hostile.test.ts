import { fakeClock, silentLog } from "@bramble/core/base";
import type { PowerConfig, PowerDriver, Transport } from "@bramble/core/power";
import { PowerError } from "@bramble/core/power";
import fc from "fast-check";
import { expect, test } from "vitest";
import { powerTransport } from "../transport/index.ts";
import { shellyGen2 } from "./shelly-gen2.ts";
import { synaccessHttp } from "./synaccess-http.ts";
import { synaccessTelnet } from "./synaccess-telnet.ts";
import { tasmota } from "./tasmota.ts";
import { turingPi2 } from "./turing-pi-2.ts";
import { webhook } from "./webhook.ts";

const signal = new AbortController().signal;
const clock = fakeClock();
const secret = { user: "admin", password: "hunter2" };
const paths = { on: "/on", off: "/off", query: "/query" };
const makes: readonly (readonly [PowerDriver, PowerConfig["settings"], PowerConfig["secret"]])[] = [
  [shellyGen2, {}, { password: secret.password }],
  [synaccessHttp, {}, secret],
  [synaccessTelnet, {}, null],
  [tasmota, {}, secret],
  [turingPi2, {}, secret],
  [webhook, paths, { authorization: secret.password }],
];

/** Answers near what makes say, and far from it. */
const answers = fc.oneof(
  fc.string({ maxLength: 300 }),
  fc.json(),
  fc.constantFrom("$A0", "$A0,1,", "$A0,01010,0.3,XX", "$AF", "null", "[]", '{"output":1}', '{"was_on":null}'),
  fc.constantFrom(
    '{"StatusSTS":[]}',
    '{"StatusSTS":{"POWER":5}}',
    '{"response":[{"result":[]}]}',
    '{"id":"t","response":[]}',
  ),
  fc.constantFrom(" 1 | a | ON |\r\n 99 | b | OFF |\r\n>", "1||ON|\r\n>", '{"output":true,"apower":-1e99}', "on off"),
);

test.each(makes)(
  "$id: whatever it answers, outlets are read or it says what it did not understand",
  async (...make) => {
    const [driver, settings, own] = make;
    const ask = async (said: string, status: number): Promise<void> => {
      const config = { pdu: "pdu1", address: "127.0.0.1:1", outlets: 3, settings, secret: own };
      const context = { transport: saying(said, status), clock, log: silentLog };
      try {
        await using power = await driver.open(config, context, signal);
        const readings = await power.read(signal);
        expect(readings).toHaveLength(3);
        for (const { watts } of readings) expect(watts === null || (watts >= 0 && watts < 1e6)).toBe(true);
        await power.set(1, true, signal);
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(PowerError);
        const { message } = thrown as PowerError;
        expect(message.length).toBeLessThan(300);
        expect(message).not.toMatch(/[^\x20-\x7e…]|hunter2/);
      }
    };
    await fc.assert(fc.asyncProperty(answers, fc.constantFrom(200, 200, 200, 401, 500), ask), { numRuns: 60 });
  },
);

/** A far side that says always the same. */
function saying(said: string, status: number): Transport {
  const again = async (): Promise<string> => said;
  const line = { send: async () => {}, receive: again, receiveUntil: again, [Symbol.asyncDispose]: async () => {} };
  const headers = { "www-authenticate": 'Digest realm="r", nonce="n", qop="auth", algorithm=SHA-256' };
  return {
    ...powerTransport("pdu1", clock),
    connect: async () => ({ ...line, receiveUntil: greetedThen(said) }),
    http: async () => ({ status, headers, body: said }),
  };
}

/** A prompt first, so that a conversation begins. */
function greetedThen(said: string): () => Promise<string> {
  let isGreeted = false;
  return async () => {
    if (isGreeted) return said;
    isGreeted = true;
    return "\r\n>";
  };
}
