import { parseArgs } from "node:util";
import { ports } from "@bramble/core/api";
import { ClusterError, nearest } from "@bramble/core/base";

/** How a simulator is started, read once from its flags. */
export type SimOptions = {
  /** The cluster file; null: a plain one is generated for `boards` boards. */
  readonly cluster: string | null;
  /** Where the head is; null: the beacon tells. */
  readonly head: string | null;
  /** File with the board token of a head that is bound wider than loopback. */
  readonly tokenFile: string | null;
  /** Only the first places of the file; null: all. */
  readonly boards: number | null;
  readonly seed: string;
  /** Part of the boots that fail, 0 to 1. */
  readonly fail: number;
  /** How much faster than true boots and heat go. */
  readonly speed: number;
  /** The control port on loopback; 0: any. */
  readonly control: number;
  readonly power: "auto" | "on";
  /** First TCP port of the PDUs, on 127.30.0.<n>; 0: any, for tests. */
  readonly pduPort: number;
  readonly logLevel: string;
};

/** What `bramble sim --help` prints. */
export const usage = `bramble sim --cluster FILE [flags]
A whole cluster of pretend boards and PDUs in one process, for a head to power, watch and give work.

  --cluster FILE     the cluster file, the same as the head's (or --boards N alone: a plain cluster of N)
  --boards N         the first N places of the file only
  --head URL         where the head is (default: listen for its beacon)
  --token-file FILE  the board token, for a head that asks for one; needs --head
  --power auto|on    auto: boards start when the head switches their outlet on; on: all are on at the start
                     (default auto)
  --speed N          boots and heat go N times faster than true (default 1)
  --fail PART        part of the boots that fail: 0.1 is one in ten (default 0)
  --seed SEED        fixes everything that chance decides (default 1)
  --control N        port on loopback that takes faults by command (default ${ports.simControl}; 0 takes any free one)
  --pdu-port N       port of the PDUs, on 127.30.0.x (default ${ports.pdu}; 0 takes any free one)
  --log-level LEVEL  error, warn, info, debug (default info); the log goes to standard error

Example:
  bramble sim --cluster examples/police-box.yaml --speed 30 --fail 0.05`;

/**
 * The options that `args` spell.
 *
 * @returns "help" when help was asked for.
 * @throws ClusterError `input.invalid` naming the flag, what was expected and the nearest right flag.
 */
export function readOptions(args: readonly string[]): SimOptions | "help" {
  const { values, tokens } = parseArgs({ args: [...args], options: flags, strict: false, tokens: true });
  for (const token of tokens) {
    if (token.kind === "positional") throw invalid(`"${token.value.slice(0, 60)}" is no flag; see bramble sim --help`);
    if (token.kind !== "option") continue;
    if (!Object.hasOwn(flags, token.name)) {
      const near = nearest(token.name, Object.keys(flags));
      throw invalid(
        `there is no flag --${token.name.slice(0, 40)}${near === null ? "; see --help" : `; did you mean --${near}?`}`,
      );
    }
    if (token.name !== "help" && token.value === undefined) throw invalid(`--${token.name} needs a value`);
  }
  if (values.help === true) return "help";
  const text = (name: keyof typeof flags): string | null =>
    typeof values[name] === "string" ? (values[name] as string) : null;
  const number = (name: keyof typeof flags, fallback: number, least: number, most: number, whole = false): number => {
    const said = text(name);
    if (said === null) return fallback;
    const value = said.trim() === "" ? Number.NaN : Number(said);
    if (!(value >= least && value <= most) || (whole && !Number.isInteger(value)))
      throw invalid(
        `--${name} must be a ${whole ? "whole " : ""}number from ${least} to ${most}, not "${said.slice(0, 40)}"`,
      );
    return value;
  };
  const choice = <T extends string>(name: keyof typeof flags, fallback: T, choices: readonly T[]): T => {
    const said = text(name) ?? fallback;
    if (!(choices as readonly string[]).includes(said))
      throw invalid(`--${name} must be one of ${choices.join(", ")}, not "${said.slice(0, 40)}"`);
    return said as T;
  };
  const boards = text("boards") === null ? null : number("boards", 0, 1, 10_000, true);
  if (text("cluster") === null && boards === null)
    throw invalid("which cluster? Give --cluster FILE, or --boards N for a plain one");
  if (text("token-file") !== null && text("head") === null)
    throw invalid("--token-file needs --head: a token is only sent to a head that you name");
  return Object.freeze({
    cluster: text("cluster"),
    head: headOf(text("head")),
    tokenFile: text("token-file"),
    boards,
    seed: text("seed") ?? "1",
    fail: number("fail", 0, 0, 1),
    speed: number("speed", 1, 0.1, 1000),
    control: number("control", ports.simControl, 0, 65_535, true),
    power: choice("power", "auto", ["auto", "on"]),
    pduPort: number("pdu-port", ports.pdu, 0, 65_535, true),
    logLevel: choice("log-level", "info", ["error", "warn", "info", "debug"]),
  });
}

const flags = {
  cluster: { type: "string" },
  head: { type: "string" },
  "token-file": { type: "string" },
  boards: { type: "string" },
  seed: { type: "string" },
  fail: { type: "string" },
  speed: { type: "string" },
  control: { type: "string" },
  power: { type: "string" },
  "pdu-port": { type: "string" },
  "log-level": { type: "string" },
  help: { type: "boolean", short: "h" },
} as const;

function headOf(said: string | null): string | null {
  if (said === null) return null;
  const url = URL.canParse(said) ? new URL(said) : null;
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:"))
    throw invalid(`--head must be a URL like http://127.0.0.1:${ports.head}, not "${said.slice(0, 80)}"`);
  return url.origin;
}

function invalid(message: string): ClusterError {
  return new ClusterError("input.invalid", message);
}
