import type { Line, OutletReading, PowerConfig } from "@bramble/core/power";
import { definePowerDriver, list, PowerError, readAddress, readSettings } from "@bramble/core/power";

const settings = {
  nodes: list("powermand's names of our outlets: all in order, or one with {outlet} in the number's place.", [
    "{outlet}",
  ]),
};

/**
 * Whatever PowerMan switches (LLNL's powermand, https://github.com/chaos/powerman): it knows some 70 makes by scripts,
 * and this driver speaks to its TCP port as its own client does.
 *
 * The conversation, recorded with powermand 2.3.27: on connection a line `001 <version>`, then the prompt `powerman> `
 * without a line end. A command is a line; the answer is lines of a code and a text, then the prompt again. Codes: 1xx
 * done (102 a command, 103 a query, 105 a toggle), 2xx not done (201 what?, 209 no such nodes, 210 a command that went
 * wrong, 211 a query that did, 213 the make cannot), 3xx information. Ours are `on <node>`, `off <node>` and `status
 * <nodes>`; `exprange` before that, so that states come as `303 <node>: on|off|unknown`, each node on a line of its own.
 * Powermand answers a query with 103 even when a device told it nothing: the state is `unknown` then.
 */
export const powerman = definePowerDriver({
  id: "powerman",
  summary: "Anything that LLNL's powermand switches, by its TCP port.",
  address: "host[:10101]",
  settings,
  async open(config, { transport }, signal) {
    const { pdu, outlets } = config;
    const address = readAddress(config, 10_101);
    const nodes = readNodes(config);
    const line = await transport.connect(address, signal);
    try {
      const greeting = await line.receiveUntil(prompt, signal);
      if (!greeting.startsWith("001 ")) throw notUnderstood(pdu, "the connection", greeting);
      await ask(line, pdu, "exprange", signal);
    } catch (thrown) {
      await line[Symbol.asyncDispose]();
      throw thrown;
    }
    return {
      outlets,
      async set(outlet, on, ended) {
        await ask(line, pdu, `${on ? "on" : "off"} ${nodes[outlet - 1]}`, ended);
      },
      async read(ended) {
        const states = new Map<string, boolean | null>();
        for (const some of chunks(nodes)) {
          for (const told of await ask(line, pdu, `status ${some.join(",")}`, ended)) {
            const [, node, state] = /^303 ([^:\s]+): (on|off|unknown)$/.exec(told) ?? [];
            if (node === undefined) throw notUnderstood(pdu, "status", told);
            states.set(node, state === "unknown" ? null : state === "on");
          }
        }
        return nodes.map((node): OutletReading => ({ on: states.get(node) ?? null, watts: null }));
      },
      [Symbol.asyncDispose]: () => line[Symbol.asyncDispose](),
    };
  },
});

const prompt = /powerman> $/;

/** The lines of information in the answer. */
async function ask(line: Line, pdu: string, question: string, signal: AbortSignal): Promise<readonly string[]> {
  await line.send(question, signal);
  const said = (await line.receiveUntil(prompt, signal)).replace(prompt, "").split(/\r?\n/);
  const lines = said.filter((each) => each !== "");
  const refusal = lines.find((each) => /^2\d\d /.test(each));
  if (refusal !== undefined) {
    // What the device said stands before the verdict: 308 and such.
    const why = lines.filter((each) => /^3(?!03)\d\d /.test(each)).map((each) => each.slice(4));
    throw new PowerError("power.refused", pdu, [refusal.slice(4), ...why].join("; ").slice(0, 200));
  }
  if (!/^1\d\d /.test(lines.at(-1) ?? "")) throw notUnderstood(pdu, question, said.join(" "));
  return lines.slice(0, -1);
}

/** Their line may have 8192 octets and ours is read back in as many; this many names stay far below. */
function chunks(nodes: readonly string[]): readonly (readonly string[])[] {
  const size = 32;
  return Array.from({ length: Math.ceil(nodes.length / size) }, (_, at) => nodes.slice(at * size, (at + 1) * size));
}

function readNodes(config: PowerConfig): readonly string[] {
  const { pdu, outlets } = config;
  const said = readSettings(config, settings).nodes;
  const [first = ""] = said;
  const nodes =
    said.length === 1 && first.includes("{outlet}")
      ? Array.from({ length: outlets }, (_, at) => first.replaceAll("{outlet}", String(at + 1)))
      : said;
  if (nodes.length !== outlets)
    throw new PowerError("power.config", pdu, `settings.nodes has ${nodes.length} names for ${outlets} outlets`);
  // Brackets would be a range of nodes, a comma two of them, a line end another command.
  const wrong = nodes.find((node) => !/^[A-Za-z0-9_.@-]{1,64}$/.test(node));
  if (wrong !== undefined)
    throw new PowerError("power.config", pdu, `settings.nodes: "${wrong.slice(0, 60)}" is not one node's name`);
  return nodes;
}

function notUnderstood(pdu: string, question: string, answer: string): PowerError {
  return new PowerError("power.answer", pdu, `${JSON.stringify(answer.slice(0, 60))} answers ${question.slice(0, 40)}`);
}
