import type { Line, OutletReading, PowerConfig, PowerSwitch } from "@bramble/core/power";
import { definePowerDriver, PowerError, readAddress, readSettings } from "@bramble/core/power";

/**
 * The PDU of the simulator: a line each way over TCP, in the manner of the telnet makes.
 *
 * `READ` answers `OK 1:on:211.5 2:off:0 …`; `SET 3 on` answers `OK`; whatever is wrong answers `ERR` and a sentence.
 */
export const simulatedPower = definePowerDriver({
  id: "simulated",
  summary: "The simulator's PDU: READ and SET over one TCP line.",
  address: "host:port",
  async open(config, { transport }, signal) {
    readSettings(config, {});
    const address = readAddress(config, null);
    const line = await transport.connect(address, signal);
    return openSwitch(config, line);
  },
});

function openSwitch({ pdu, outlets }: PowerConfig, line: Line): PowerSwitch {
  const ask = async (question: string, signal: AbortSignal): Promise<string> => {
    await line.send(question, signal);
    const answer = await line.receive(signal);
    if (answer === "OK") return "";
    if (answer.startsWith("OK ")) return answer.slice(3);
    if (answer.startsWith("ERR ")) throw new PowerError("power.refused", pdu, answer.slice(4, 204));
    throw new PowerError("power.answer", pdu, `"${answer.slice(0, 60)}" answers "${question}"; OK or ERR was expected`);
  };
  return {
    outlets,
    async set(outlet, on, signal) {
      await ask(`SET ${outlet} ${on ? "on" : "off"}`, signal);
    },
    async read(signal) {
      return parseReadings(await ask("READ", signal), pdu, outlets);
    },
    [Symbol.asyncDispose]: () => line[Symbol.asyncDispose](),
  };
}

function parseReadings(said: string, pdu: string, outlets: number): OutletReading[] {
  const readings: OutletReading[] = Array.from({ length: outlets }, () => ({ on: null, watts: null }));
  for (const part of said.split(" ").filter((word) => word !== "")) {
    const found = /^(\d{1,3}):(on|off):(\d{1,6}(?:\.\d{1,3})?)$/.exec(part);
    const number = Number(found?.[1]);
    if (found === null || number < 1)
      throw new PowerError("power.answer", pdu, `"${part.slice(0, 60)}" is no outlet; "3:on:211.5" was expected`);
    // The file may name fewer outlets than the PDU has.
    if (number <= outlets) readings[number - 1] = { on: found[2] === "on", watts: Number(found[3]) };
  }
  return readings;
}
