import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { bootPorts, ports } from "@bramble/core/api";
import { messageOf, nearest } from "@bramble/core/base";
import Type from "typebox";
import { Check, Errors } from "typebox/value";
import { helpText } from "./help.ts";
import { secretsFrom } from "./secrets.ts";
import { UsageError } from "./usage.ts";

const text = (maxLength: number) => Type.String({ minLength: 1, maxLength });
const nullable = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

/** Everything that a head is told at its start. */
const configSchema = Type.Object(
  {
    clusterFile: text(4096),
    listen: Type.String({ pattern: "^[0-9A-Za-z.:-]{1,253}$" }),
    port: Type.Integer({ minimum: 0, maximum: 65_535 }),
    dataDir: text(4096),
    /** Null: no token is asked for, which only loopback allows. */
    operatorToken: nullable(Type.String({ pattern: "^[\\x21-\\x7e]{8,200}$" })),
    boardToken: nullable(Type.String({ pattern: "^[\\x21-\\x7e]{8,200}$" })),
    /** Scales the waits of a bring-up, nothing else. */
    speed: Type.Number({ exclusiveMinimum: 0, maximum: 10_000 }),
    power: Type.Union([Type.Literal("simulated"), Type.Literal("file"), Type.Literal("none")]),
    /** Addresses of PDUs by their id; before the file's own. */
    powerMap: Type.Record(Type.String(), Type.String({ pattern: "^\\S+:\\d{1,5}$" })),
    /** Where the simulator's PDUs listen, each on its own address. */
    pduPort: Type.Integer({ minimum: 1, maximum: 65_535 }),
    /** Values of `${PDU…}` in the cluster file, from the environment. */
    variables: Type.Record(Type.String(), Type.String()),
    /** What PDUs want to be told before they obey, by their id: from a file that only we may read. */
    secrets: Type.Record(Type.String(), Type.Record(Type.String(), Type.String())),
    /** What a kilowatt-hour costs, in whatever currency; null: energy is counted without its cost. */
    pricePerKwh: nullable(Type.Number({ minimum: 0, maximum: 1000 })),
    /** Where the door for powerman opens; null: nowhere. */
    powerman: nullable(text(100)),
    /** Node set to bring up at the start. */
    up: nullable(text(2000)),
    /** The built page. */
    pageDir: text(4096),
    logLevel: Type.Union(["debug", "info", "warn", "error"].map((level) => Type.Literal(level))),
    /** What boards boot from: nothing of ours, pretended images (small or of true size), or the images of a folder. */
    boot: Type.Union([
      Type.Object({ kind: Type.Literal("none") }),
      Type.Object({ kind: Type.Literal("simulated"), full: Type.Boolean() }),
      Type.Object({ kind: Type.Literal("images"), dir: text(4096) }),
    ]),
    /** Address of the boot servers; null: the cluster file's `network.head`, in a simulation 127.0.0.1. */
    bootListen: nullable(Type.String({ pattern: "^\\d{1,3}(\\.\\d{1,3}){3}$" })),
    dhcp: Type.Union([Type.Literal("authoritative"), Type.Literal("proxy"), Type.Literal("off")]),
    dhcpPort: Type.Integer({ minimum: 0, maximum: 65_535 }),
    tftpPort: Type.Integer({ minimum: 0, maximum: 65_535 }),
    bootHttpPort: Type.Integer({ minimum: 0, maximum: 65_535 }),
    /** Where beacons go, `host:port`; null: as the cluster's network says; empty: nowhere. */
    beacon: nullable(Type.Array(Type.String({ pattern: "^\\d{1,3}(\\.\\d{1,3}){3}:\\d{1,5}$" }), { maxItems: 64 })),
  },
  { additionalProperties: false },
);

/** The head's configuration: read once, frozen. */
export type HeadConfig = Readonly<Type.Static<typeof configSchema>>;

/** What the command line asks for. */
export type Asked =
  | { readonly kind: "run"; readonly config: HeadConfig }
  | { readonly kind: "help"; readonly text: string };

/**
 * Read flags and environment, once.
 *
 * @param args the flags, without node and script. @param root the folder that holds `apps/` and `examples/`.
 * @throws UsageError naming the flag, what was expected and, for a misspelled one, the nearest.
 */
export function readConfig(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  root: string,
): Asked {
  const flags = readFlags(args);
  if (flags.has("help")) return { kind: "help", text: helpText };
  const cluster = flags.get("cluster");
  if (cluster === undefined) throw wrong("--cluster FILE is needed, for example --cluster examples/police-box.yaml");
  const config = {
    clusterFile: resolve(cluster),
    listen: flags.get("listen") ?? "127.0.0.1",
    port: number(flags, "port") ?? ports.head,
    dataDir: resolve(flags.get("data") ?? ".bramble/head"),
    operatorToken: tokenFrom(flags, "token-file") ?? env.BRAMBLE_TOKEN ?? null,
    boardToken: tokenFrom(flags, "board-token-file"),
    speed: number(flags, "speed") ?? 1,
    power: flags.get("power") ?? "file",
    powerMap: powerMap(flags.get("power-map")),
    pduPort: number(flags, "pdu-port") ?? ports.pdu,
    variables: Object.fromEntries(Object.entries(env).filter(([name]) => /^PDU[0-9A-Z_]*$/.test(name))),
    secrets: secretsFrom(flags.get("secrets")),
    pricePerKwh: number(flags, "price-per-kwh"),
    powerman: flags.get("powerman") ?? null,
    up: flags.get("up") ?? null,
    pageDir: resolve(flags.get("page") ?? `${root}/apps/twin/dist`),
    logLevel: flags.get("log-level") ?? "info",
    beacon: beaconTargets(flags.get("beacon")),
    ...bootConfig(flags),
  };
  if (Check(configSchema, config)) return { kind: "run", config: Object.freeze(config) };
  const [first] = Errors(configSchema, config);
  const key = first?.instancePath.split("/")[1] ?? "";
  throw wrong(`${flagOf[key] ?? key}: ${expectedOf[key] ?? first?.message ?? "is not what was expected"}`);
}

const flagNames = [
  "cluster",
  "listen",
  "port",
  "data",
  "token-file",
  "board-token-file",
  "speed",
  "power",
  "power-map",
  "pdu-port",
  "secrets",
  "price-per-kwh",
  "powerman",
  "up",
  "page",
  "log-level",
  "beacon",
  "boot",
  "boot-listen",
  "dhcp",
  "dhcp-port",
  "tftp-port",
  "boot-http-port",
] as const;

const flagOf: Readonly<Record<string, string>> = {
  clusterFile: "--cluster",
  dataDir: "--data",
  operatorToken: "--token-file or BRAMBLE_TOKEN",
  boardToken: "--board-token-file",
  powerMap: "--power-map",
  pduPort: "--pdu-port",
  pricePerKwh: "--price-per-kwh",
  pageDir: "--page",
  logLevel: "--log-level",
  bootListen: "--boot-listen",
  dhcpPort: "--dhcp-port",
  tftpPort: "--tftp-port",
  bootHttpPort: "--boot-http-port",
  ...Object.fromEntries(flagNames.map((name) => [name, `--${name}`])),
};

const anyPort = "a whole number from 0 (any free port) to 65535 was expected";
const expectedOf: Readonly<Record<string, string>> = {
  listen: "an address or a host name was expected",
  port: anyPort,
  operatorToken: "8 to 200 visible ASCII characters were expected",
  boardToken: "8 to 200 visible ASCII characters were expected",
  speed: "a number above 0, at most 10000, was expected",
  power: "simulated, file or none was expected",
  powerMap: "pdu1=host:port,pdu2=host:port was expected",
  pduPort: "a whole number from 1 to 65535 was expected",
  pricePerKwh: "a number from 0 to 1000 was expected, for example 0.31",
  up: "a node set was expected, for example all or @k01",
  logLevel: "debug, info, warn or error was expected",
  beacon: "address:port,… or off was expected, for example 172.20.255.255:3333",
  boot: "none, simulated, simulated:full or a folder of images was expected",
  bootListen: "an IPv4 address of this machine was expected",
  dhcp: "authoritative, proxy or off was expected",
  dhcpPort: anyPort,
  tftpPort: anyPort,
  bootHttpPort: anyPort,
};

function readFlags(args: readonly string[]): Map<string, string> {
  const flags = new Map<string, string>();
  for (let at = 0; at < args.length; at++) {
    const argument = args[at] ?? "";
    if (argument === "--help" || argument === "-h") return new Map([["help", ""]]);
    const [, name, , inline] = /^--([a-zA-Z][\w-]*)(=(.*))?$/s.exec(argument) ?? [];
    if (name === undefined) throw wrong(`"${shown(argument)}" is no flag; flags look like --port 8880`);
    if (!(flagNames as readonly string[]).includes(name)) {
      const near = nearest(name, flagNames);
      throw wrong(`there is no flag --${shown(name)}${near === null ? "; see --help" : `; did you mean --${near}?`}`);
    }
    if (flags.has(name)) throw wrong(`--${name} is given twice`);
    const value = inline ?? args[++at];
    if (value === undefined || (inline === undefined && value.startsWith("--"))) throw wrong(`--${name} needs a value`);
    flags.set(name, value);
  }
  return flags;
}

/** Null where the flag is absent; NaN, which no schema takes, where it is no number. */
function number(flags: ReadonlyMap<string, string>, name: string): number | null {
  const said = flags.get(name);
  if (said === undefined) return null;
  return /^\d+(\.\d+)?$/.test(said) ? Number(said) : Number.NaN;
}

function tokenFrom(flags: ReadonlyMap<string, string>, name: string): string | null {
  const file = flags.get(name);
  if (file === undefined) return null;
  try {
    return readFileSync(file, "utf8").trim();
  } catch (thrown) {
    throw wrong(`--${name} ${file} cannot be read: ${messageOf(thrown)}`);
  }
}

function powerMap(said: string | undefined): Record<string, string> {
  const map: Record<string, string> = {};
  for (const part of said?.split(",") ?? []) {
    const [pdu, address] = part.split("=", 2);
    map[pdu?.trim() ?? ""] = address?.trim() ?? "";
  }
  return map;
}

function beaconTargets(said: string | undefined): string[] | null {
  if (said === undefined) return null;
  if (said === "off") return [];
  return said.split(",").map((target) => (target.includes(":") ? target.trim() : `${target.trim()}:${ports.beacon}`));
}

function bootConfig(flags: ReadonlyMap<string, string>) {
  const said = flags.get("boot") ?? "none";
  const boot =
    said === "none"
      ? ({ kind: "none" } as const)
      : said === "simulated" || said === "simulated:full"
        ? ({ kind: "simulated", full: said !== "simulated" } as const)
        : ({ kind: "images", dir: said === "" ? "" : resolve(said) } as const);
  const usual = boot.kind === "simulated" ? bootPorts.simulated : bootPorts.real;
  return {
    boot,
    bootListen: flags.get("boot-listen") ?? null,
    dhcp: flags.get("dhcp") ?? "authoritative",
    dhcpPort: number(flags, "dhcp-port") ?? usual.dhcp,
    tftpPort: number(flags, "tftp-port") ?? usual.tftp,
    bootHttpPort: number(flags, "boot-http-port") ?? usual.http,
  };
}

function wrong(message: string): UsageError {
  return new UsageError(message);
}

function shown(argument: string): string {
  return argument.slice(0, 60);
}
