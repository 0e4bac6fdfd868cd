/*
 * The language of powermand, port 10101 (chaos/powerman 2.3.27, src/powerman/client_proto.h): the client sends a line, the
 * server answers lines of three digits, a space and text. 1xx ends an answer well, 2xx badly, 3xx says that more comes.
 */

/** A line of the client, read. */
export type PowermanCommand =
  | { readonly kind: "on" | "off" | "cycle" | "reset"; readonly set: string }
  /** The light that finds a machine in its rack: boards have none. */
  | { readonly kind: "beacon" }
  /** Without a set: all. */
  | { readonly kind: "status" | "temp" | "device"; readonly set: string | null }
  | { readonly kind: "nodes" | "telemetry" | "exprange" | "help" | "quit" }
  | { readonly kind: "unknown" }
  /** A browser or a TLS client that was led here: it is hung up on. */
  | { readonly kind: "foreign" };

/** Read one line. Never throws; what nobody knows is `unknown`. */
export function parseCommand(line: string): PowermanCommand {
  if (/\sHTTP\/\d/i.test(line) || hasControls(line)) return { kind: "foreign" };
  const [, said = "", rest = ""] = /^\s*(\S*)\s*(.*?)\s*$/.exec(line) ?? [];
  const word = said.toLowerCase();
  switch (word) {
    case "on":
    case "off":
    case "cycle":
    case "reset":
      return rest === "" ? { kind: "unknown" } : { kind: word, set: rest };
    case "status":
    case "temp":
    case "device":
      return { kind: word, set: rest === "" ? null : rest };
    case "beacon":
    case "flash":
    case "unflash":
      return { kind: "beacon" };
    case "nodes":
    case "telemetry":
    case "exprange":
    case "help":
    case "quit":
      return { kind: word };
    default:
      return { kind: "unknown" };
  }
}

/** What the server says, by its number. */
export const codes = {
  version: 1,
  goodbye: 101,
  done: 102,
  answered: 103,
  telemetry: 104,
  exprange: 105,
  unknown: 201,
  tooLong: 203,
  hostlist: 205,
  busy: 208,
  noSuchNodes: 209,
  doneWithErrors: 210,
  answeredWithErrors: 211,
  cannot: 213,
  help: 301,
  status: 302,
  statusOf: 303,
  device: 304,
  progress: 305,
  nodes: 306,
  node: 307,
  error: 308,
  /** Newer clients write it to standard error. */
  remark: 309,
} as const;

/** What stands before each command. */
export const prompt = "powerman> ";

/** The release whose words these are: a client of another warns. */
export const spokenVersion = "2.3.27";

/** One line of an answer. Line ends and other controls in `text` become spaces: nobody can make up a second line. */
export function encodeReply(code: number, text: string): string {
  // The real client takes a line without text for an answer that it does not understand.
  const shown = text.replace(/[^\x20-\x7e]+/g, " ").slice(0, mostChars) || "-";
  return `${String(code).padStart(3, "0")} ${shown}\r\n`;
}

/** A line of an answer, read: what a client would make of it. Null for what is none. */
export function decodeReply(line: string): { readonly code: number; readonly text: string } | null {
  const [, code, text] = /^(\d{3}) (.*?)\r?\n?$/.exec(line) ?? [];
  return code === undefined || text === undefined ? null : { code: Number(code), text };
}

/** The lines of `help`. */
export const helpLines: readonly string[] = [
  "nodes              - the boards",
  "status [<nodes>]   - whether they have power",
  "on <nodes>         - give power, in waves, after all that they need",
  "off <nodes>        - halt the boards, then take power; refused where others would go dark too",
  "cycle <nodes>      - off and on",
  "reset <nodes>      - restart by the boards' own agents; no outlet moves",
  "temp [<nodes>]     - temperature of the processor",
  "device [<nodes>]   - PDUs, and whether they answer",
  "telemetry          - progress of what runs, on or off",
  "exprange           - one line a board, or ranges",
  "quit               - goodbye",
];

function hasControls(line: string): boolean {
  return [...line].some((char) => (char < " " && char !== "\t") || char === "\x7f");
}

/** The real client reads lines of at most 131072 octets. */
const mostChars = 130_000;
