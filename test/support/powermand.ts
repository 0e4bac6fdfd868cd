import { type ChildProcess, execFile, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A running powermand, Debian's own. */
export type RealPowermand = AsyncDisposable & {
  readonly address: string;
  /** Debian's `powerman` with these arguments; its output, both streams. */
  powerman(...given: readonly string[]): Promise<string>;
};

/** Where Debian keeps daemons that are not in everybody's PATH. */
const daemons = "/usr/sbin";

/** Why there is no powermand here, or null; `mayInstall`: as root, apt-get is asked first. */
export function whyNoPowermand(mayInstall: boolean): string | null {
  return whyNoTools({ powerman: [`${daemons}/powermand`, "-V"], snmp: ["snmpget", "-V"] }, mayInstall);
}

function whyNoTools(
  tools: Readonly<Record<string, readonly [string, ...string[]]>>,
  mayInstall: boolean,
): string | null {
  const absent = (): string[] =>
    Object.entries(tools).flatMap(([name, [tool, ...given]]) => (spawnSync(tool, given).error ? [name] : []));
  const missing = absent();
  if (missing.length === 0) return null;
  if (!mayInstall || process.getuid?.() !== 0) return `not installed: Debian's ${missing.join(", ")}`;
  spawnSync("apt-get", ["install", "-y", "--no-install-recommends", ...missing]);
  const still = absent();
  return still.length === 0 ? null : `not installed, and apt-get does not bring them: ${still.join(", ")}`;
}

/** What a program says on both streams, whatever its code; our own devices answer meanwhile. */
export function outputOf(program: string, ...given: readonly string[]): Promise<string> {
  return new Promise((resolve) => execFile(program, given, (_, out, err) => resolve(out + err)));
}

/** Start powermand with this configuration, to which the door is added, and wait until it serves. */
export async function startPowermand(configuration: string): Promise<RealPowermand> {
  const folder = mkdtempSync(join(tmpdir(), "powermand-"));
  const file = join(folder, "powerman.conf");
  const port = await freePort();
  writeFileSync(file, `listen "127.0.0.1:${port}"\n${configuration}`);
  const log = join(folder, "log");
  const child = spawn("sh", ["-c", `exec ${daemons}/powermand -f -c "$0" > "$1" 2>&1`, file, log], { stdio: "ignore" });
  for (let times = 0; !(await isOpen(port)); times++) {
    if (child.exitCode !== null || times > 100)
      throw new Error(`powermand does not serve: ${readFileSync(log, "utf8")}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    address: `127.0.0.1:${port}`,
    powerman: (...given) => outputOf("powerman", "-h", `127.0.0.1:${port}`, ...given),
    async [Symbol.asyncDispose]() {
      await ended(child);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/**
 * Powerman's own description of a netBooter with eight outlets: what it sends and what it waits for. Five rows are a
 * page, then the table waits for Enter.
 */
export function netBooterDevice(address: string): string {
  const row = (outlet: number): string =>
    `expect " ${outlet} [|][^|]*[|] (ON|OFF)"\n setplugstate "${outlet}" $1 on="ON" off="OFF"`;
  return `
specification "netbooter" {
  timeout 5.0
  plug name { "1" "2" "3" "4" "5" "6" "7" "8" }
  script login { send "\\r\\n" expect "\\r\\n>" }
  script on { send "pset %s 1\\r\\n" expect "\\r\\n>" }
  script off { send "pset %s 0\\r\\n" expect "\\r\\n>" }
  script status_all {
    send "pshow\\r\\n"
    ${[1, 2, 3, 4, 5].map(row).join("\n")}
    expect "continue"
    send "\\r\\n"
    ${[6, 7, 8].map(row).join("\n")}
    expect "\\r\\n>"
  }
}
device "pdu" "netbooter" "${address}"
node "b[1-8]" "pdu"
`;
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill();
  await once(child, "exit");
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("error", () => resolve(false));
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
  });
}
