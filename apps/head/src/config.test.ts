import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readConfig } from "./config.ts";
import { UsageError } from "./usage.ts";

const cluster = ["--cluster", "c.yaml"];

function read(args: readonly string[], env = {}) {
  const asked = readConfig(args, env, "/opt/bramble");
  if (asked.kind !== "run") throw new Error("help was asked for");
  return asked.config;
}

test("without flags but the cluster file a head listens on loopback and asks for no token", () => {
  expect(read(cluster)).toMatchObject({
    listen: "127.0.0.1",
    port: 8880,
    operatorToken: null,
    speed: 1,
    power: "file",
    up: null,
    beacon: null,
    pageDir: "/opt/bramble/apps/twin/dist",
  });
});

test("every flag reaches the configuration, in either form, and the value is frozen", () => {
  const config = read([
    "--cluster=c.yaml",
    ...["--listen", "::1", "--port=0", "--data", "/d", "--speed", "2.5", "--power=simulated"],
    ...["--power-map", "pdu1=127.0.0.1:4001, pdu2=127.0.0.1:4002", "--up", "@k01", "--page", "/p"],
    ...["--log-level", "debug", "--beacon", "127.0.0.1,10.0.0.255:4444"],
  ]);
  expect(config).toMatchObject({
    listen: "::1",
    port: 0,
    dataDir: "/d",
    speed: 2.5,
    power: "simulated",
    powerMap: { pdu1: "127.0.0.1:4001", pdu2: "127.0.0.1:4002" },
    up: "@k01",
    pageDir: "/p",
    logLevel: "debug",
    beacon: ["127.0.0.1:3333", "10.0.0.255:4444"],
  });
  expect(Object.isFrozen(config)).toBe(true);
  expect(read([...cluster, "--beacon", "off"]).beacon).toEqual([]);
});

test("tokens come from files or the environment, without the line end", () => {
  const dir = mkdtempSync(join(tmpdir(), "bramble-token-"));
  writeFileSync(join(dir, "token"), "correct-horse\n");
  expect(read([...cluster, "--token-file", join(dir, "token")]).operatorToken).toBe("correct-horse");
  expect(read(cluster, { BRAMBLE_TOKEN: "from-the-environment" }).operatorToken).toBe("from-the-environment");
  rmSync(dir, { recursive: true });
});

test("secrets come from a file that nobody else may read, and no message holds one", () => {
  const dir = mkdtempSync(join(tmpdir(), "bramble-secrets-"));
  const file = join(dir, "secrets.yaml");
  writeFileSync(file, "pdu1: { user: admin, password: hunter2 }\n", { mode: 0o600 });
  expect(read([...cluster, "--secrets", file]).secrets).toEqual({ pdu1: { user: "admin", password: "hunter2" } });
  expect(read(cluster).secrets).toEqual({});
  chmodSync(file, 0o640);
  expect(() => read([...cluster, "--secrets", file])).toThrow(`--secrets ${file} can be read by others; chmod 600`);
  chmodSync(file, 0o600);
  writeFileSync(file, "pdu1: hunter2\n");
  expect(() => read([...cluster, "--secrets", file])).toThrow(/pdu1: keys and texts were expected$/);
  expect(() => read([...cluster, "--secrets", join(dir, "none")])).toThrow("cannot be read");
  rmSync(dir, { recursive: true });
});

test("only the variables that a cluster file may ask for are taken from the environment", () => {
  expect(read(cluster, { PDU1: "10.0.0.1:23", HOME: "/root", AWS_SECRET: "x" }).variables).toEqual({
    PDU1: "10.0.0.1:23",
  });
});

test("help is given before anything is checked", () => {
  expect(readConfig(["--help"], {}, "/")).toMatchObject({
    kind: "help",
    text: expect.stringContaining("--cluster FILE"),
  });
});

test.each([
  ["no cluster file", [], "--cluster FILE is needed"],
  ["a misspelled flag", [...cluster, "--prot", "1"], "no flag --prot; did you mean --port?"],
  ["an unknown flag", [...cluster, "--frobnicate", "1"], "no flag --frobnicate; see --help"],
  ["a bare word", [...cluster, "start"], '"start" is no flag'],
  ["a short flag", [...cluster, "-p", "1"], '"-p" is no flag'],
  ["a flag twice", [...cluster, "--port", "1", "--port", "2"], "--port is given twice"],
  ["a flag without a value", [...cluster, "--port"], "--port needs a value"],
  ["a flag followed by a flag", [...cluster, "--port", "--speed"], "--port needs a value"],
  ["a port out of range", [...cluster, "--port", "65536"], "--port: a whole number from 0"],
  ["a port that is no number", [...cluster, "--port", "http"], "--port: a whole number"],
  ["a negative port", [...cluster, "--port=-1"], "--port: a whole number"],
  ["half a port", [...cluster, "--port", "80.5"], "--port: a whole number"],
  ["no speed", [...cluster, "--speed", "0"], "--speed: a number above 0"],
  ["a speed that is no number", [...cluster, "--speed", "NaN"], "--speed: a number above 0"],
  ["an unknown way of power", [...cluster, "--power", "nuclear"], "--power: simulated, file or none"],
  ["a power map without addresses", [...cluster, "--power-map", "pdu1"], "--power-map: pdu1=host:port"],
  ["a host with a path", [...cluster, "--listen", "a/b"], "--listen: an address or a host name"],
  ["a PDU port that is none", [...cluster, "--pdu-port", "0"], "--pdu-port: a whole number from 1"],
  ["an empty node set", [...cluster, "--up="], "--up: a node set"],
  ["a beacon to a name", [...cluster, "--beacon", "example.org"], "--beacon: address:port"],
  ["an unknown log level", [...cluster, "--log-level", "chatty"], "--log-level: debug, info"],
  ["a token file that is not there", [...cluster, "--token-file", "/nowhere/token"], "/nowhere/token cannot be read"],
])("%s is told in one sentence", (_what, args, message) => {
  expect(() => readConfig(args, {}, "/")).toThrow(UsageError);
  expect(() => readConfig(args, {}, "/")).toThrow(message);
});

test("a token that is too short is refused without telling it", () => {
  expect(() => read(cluster, { BRAMBLE_TOKEN: "geheim" })).toThrow("--token-file or BRAMBLE_TOKEN: 8 to 200");
});

test("no command line gives anything but a configuration, help or a usage error", () => {
  const word = fc.oneof(fc.string(), fc.constantFrom("--port", "--up", "--speed", "--cluster", "--beacon", "--power"));
  fc.assert(
    fc.property(fc.array(word, { maxLength: 8 }), (args) => {
      try {
        readConfig(args, {}, "/");
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(UsageError);
        expect((thrown as Error).message).not.toContain("\n\n");
      }
    }),
  );
});

describe("how boards boot", () => {
  const boot = (...flags: string[]) => {
    const asked = readConfig(["--cluster", "c.yaml", ...flags], {}, "/root");
    return asked.kind === "run" ? asked.config : null;
  };

  test("is not at all unless asked for; pretended images take ports that need no rights", () => {
    expect(boot()).toMatchObject({ boot: { kind: "none" }, dhcp: "authoritative", dhcpPort: 67, tftpPort: 69 });
    expect(boot("--boot", "simulated")).toMatchObject({
      ...{ boot: { kind: "simulated", full: false }, bootListen: null },
      ...{ dhcpPort: 6767, tftpPort: 6969, bootHttpPort: 8882 },
    });
    expect(boot("--boot", "simulated:full", "--dhcp-port", "0")).toMatchObject({
      ...{ boot: { full: true }, dhcpPort: 0 },
    });
    expect(boot("--boot", "/srv/images", "--dhcp", "proxy", "--boot-listen", "10.0.0.1")).toMatchObject({
      ...{ boot: { kind: "images", dir: "/srv/images" }, dhcp: "proxy", bootListen: "10.0.0.1" },
    });
  });

  test.each([
    ["--dhcp", "maybe", /authoritative, proxy or off/],
    ["--boot-listen", "my-host", /IPv4 address/],
    ["--tftp-port", "69000", /0 \(any free port\)/],
    ["--boot-http-port", "x", /--boot-http-port/],
    ["--boot", "", /none, simulated, simulated:full or a folder/],
  ])("%s %s is refused with what was expected", (flag, value, words) => {
    expect(() => boot(flag, value)).toThrow(words);
  });
});
