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
      /** Which roles of the head are taken: none, those that do without root, all. */
      readonly roles: "none" | "user" | "root";
      /** May the head halt or restart this computer, as before its power goes off? */
      readonly mayHalt: boolean;
      /** Where the last good role is kept. */
      readonly state: string;
      /** Where its web service listens; null: nowhere. */
      readonly web: { readonly host: string; readonly port: number } | null;
      readonly logLevel: LogLevel;
    };

/** For `--help`. */
export const usage = `bramble agent [flags]     (on a board: node bramble-agent.mjs [flags])
Makes this computer a board: it links to the head, reports each second, sends a sample every five, and runs Warbles.

  --head URL         the head, like http://10.0.0.1:8880 (default: listen for its beacon on UDP ${ports.beacon})
  --token-file FILE  the board token, for a head that asks for one; needs --head
  --roles KIND       take roles from the head: none, user (they run as the user bramble, never as root), or root (those
                     too that ask for root); default none; needs --head, and root to give units to systemd
  --may-halt         halt or restart this computer when the head asks, as before its power goes off; needs --head, and root
  --state DIR        where the last good role is kept (default /run/bramble)
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
  const roles = readRoles(text("roles") ?? "none");
  // For the same reason: whoever can send a beacon must not be able to run a program here.
  if (roles !== "none" && head === null) fail("--roles needs --head: roles are only taken from a head that you name");
  if (values["may-halt"] && head === null)
    fail("--may-halt needs --head: only a head that you name may halt this board");
  return {
    kind: "run",
    head: head === null ? null : readHead(head),
    tokenFile,
    roles,
    mayHalt: values["may-halt"] === true,
    state: readState(text("state") ?? "/run/bramble"),
    web: values["no-web"] ? null : { host: readHost(text("listen") ?? "127.0.0.1"), port: readPort(text("port")) },
    logLevel: readLevel(text("log-level") ?? "info"),
  };
}

const options = {
  head: { type: "string" },
  "token-file": { type: "string" },
  roles: { type: "string" },
  "may-halt": { type: "boolean" },
  state: { type: "string" },
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

function readRoles(text: string): "none" | "user" | "root" {
  if (text === "none" || text === "user" || text === "root") return text;
  return fail(`--roles "${text}" is not none, user or root`);
}

function readState(text: string): string {
  if (!/^(\/[\w.@+-]+)+$/.test(text) || /\/\.\.?(\/|$)/.test(text))
    fail(`--state "${text}" is no absolute path like /run/bramble`);
  return text;
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
