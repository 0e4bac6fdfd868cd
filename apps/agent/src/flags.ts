import { isIP } from "node:net";
import { parseArgs } from "node:util";
import { ports } from "@bramble/core/api";
import { ClusterError, nearest } from "@bramble/core/base";
import { type LogLevel, logLevels } from "./log.ts";

/** What the command line asks for. */
export type Flags =
  | { readonly kind: "help" | "version" }
  | {
      readonly kind: "run";
      /** The head's origin; null: listen for its beacon. */
      readonly head: string | null;
      readonly tokenFile: string | null;
      /** Where its web service listens; null: nowhere. */
      readonly web: { readonly host: string; readonly port: number } | null;
      readonly logLevel: LogLevel;
    };

/** For `--help`. */
export const usage = `bramble agent [flags]     (on a board: node bramble-agent.mjs [flags])
Makes this computer a board: it links to the head, reports each second, sends a sample every five, and runs Warbles.

  --head URL         the head, like http://10.0.0.1:8880 (default: listen for its beacon on UDP ${ports.beacon})
  --token-file FILE  the board token, for a head that asks for one; needs --head
  --listen HOST      address of its own web service: /healthz, /info, /metrics (default 127.0.0.1)
  --port N           port of its own web service (default ${ports.agent}; 0 takes any free one)
  --no-web           no web service
  --log-level LEVEL  ${logLevels.join(", ")} (default info); the log goes to standard error
  --version          the version of the agent
  --help             this text

Ends with 0 after Ctrl+C or SIGTERM, with a goodbye to the head; with 2 when a flag is wrong.

Example:
  bramble agent --head http://10.0.0.1:8880 --token-file board.token
`;

/** @throws ClusterError `agent.flags`: one sentence that names the flag, and for an unknown one the nearest. */
export function readFlags(args: readonly string[]): Flags {
  const { values, tokens } = parseArgs({ args: [...args], options, strict: false, tokens: true });
  for (const token of tokens) {
    if (token.kind === "positional") fail(`"${token.value}" is no flag; flags look like --head http://10.0.0.1:8880`);
    if (token.kind !== "option") continue;
    if (!Object.hasOwn(options, token.name)) {
      const near = nearest(token.name, Object.keys(options));
      fail(`there is no flag ${token.rawName}${near === null ? "; see --help" : `; did you mean --${near}?`}`);
    }
    const wantsValue = options[token.name as keyof typeof options].type === "string";
    if (wantsValue && !token.value) fail(`${token.rawName} needs a value`);
    if (!wantsValue && token.value !== undefined) fail(`${token.rawName} takes no value`);
  }
  if (values.help) return { kind: "help" };
  if (values.version) return { kind: "version" };
  const text = (name: keyof typeof options): string | null => (values[name] as string | undefined) ?? null;
  const head = text("head");
  const tokenFile = text("token-file");
  // A beacon is only a hint, anybody can send one: a token goes to nobody but a head that was named.
  if (tokenFile !== null && head === null)
    fail("--token-file needs --head: a token is only sent to a head that you name");
  return {
    kind: "run",
    head: head === null ? null : readHead(head),
    tokenFile,
    web: values["no-web"] ? null : { host: readHost(text("listen") ?? "127.0.0.1"), port: readPort(text("port")) },
    logLevel: readLevel(text("log-level") ?? "info"),
  };
}

const options = {
  head: { type: "string" },
  "token-file": { type: "string" },
  listen: { type: "string" },
  port: { type: "string" },
  "no-web": { type: "boolean" },
  "log-level": { type: "string" },
  version: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

function readHead(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^(https?|wss?):$/.test(url.protocol))
    fail(`--head "${text}" is no URL like http://10.0.0.1:8880`);
  return url.origin === "null" ? `${url.protocol}//${url.host}` : url.origin;
}

function readHost(text: string): string {
  if (isIP(text) === 0 && text !== "localhost") fail(`--listen "${text}" is no address like 127.0.0.1`);
  return text;
}

function readPort(text: string | null): number {
  if (text === null) return ports.agent;
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535) fail(`--port "${text}" is no port from 0 to 65535`);
  return Number(text);
}

function readLevel(text: string): LogLevel {
  const level = logLevels.find((one) => one === text);
  if (level !== undefined) return level;
  const near = nearest(text, logLevels);
  return fail(
    `--log-level "${text}" is not one of ${logLevels.join(", ")}${near === null ? "" : `, did you mean ${near}?`}`,
  );
}

function fail(message: string): never {
  throw new ClusterError("agent.flags", message);
}
