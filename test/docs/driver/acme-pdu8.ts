import { definePowerDriver, flag, PowerError, readAddress, readSettings } from "@bramble/core/power";

const settings = {
  bell: flag("Ring its bell before an outlet is switched.", false),
};

/** ACME PDU8: eight outlets, one line each way over TCP. `OUT 3 ON` answers `DONE`, `STATUS` answers `ON OFF ON …`. */
export const acmePdu8 = definePowerDriver({
  id: "acme-pdu8",
  summary: "ACME PDU8 by its telnet port; tells no watts.",
  address: "host[:2323]",
  settings,
  async open(config, { transport }, signal) {
    const { pdu, outlets } = config;
    const { bell } = readSettings(config, settings);
    const line = await transport.connect(readAddress(config, 2323), signal);
    const ask = async (question: string, ended: AbortSignal): Promise<string> => {
      await line.send(question, ended);
      const answer = await line.receive(ended);
      if (answer.startsWith("NO ")) throw new PowerError("power.refused", pdu, answer.slice(3, 200));
      return answer;
    };
    const notUnderstood = (answer: string): never => {
      throw new PowerError("power.answer", pdu, `"${answer.slice(0, 60)}" is no answer of a PDU8`);
    };
    return {
      outlets,
      async set(outlet, on, ended) {
        const answer = await ask(`OUT ${outlet} ${on ? "ON" : "OFF"}${bell ? " BELL" : ""}`, ended);
        if (answer !== "DONE") notUnderstood(answer);
      },
      async read(ended) {
        const answer = await ask("STATUS", ended);
        const words = answer.split(" ");
        if (!words.every((word) => word === "ON" || word === "OFF")) notUnderstood(answer);
        // The file may name fewer outlets than the PDU has; one that it does not tell of is not known.
        return Array.from({ length: outlets }, (_, at) => ({
          on: at < words.length ? words[at] === "ON" : null,
          watts: null,
        }));
      },
      [Symbol.asyncDispose]: () => line[Symbol.asyncDispose](),
    };
  },
});
