import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Running } from "./process.ts";
import { pause, start } from "./process.ts";

/** A TFTP server in a process of its own that serves a folder. */
export type TftpContender = AsyncDisposable & {
  readonly name: string;
  readonly port: number;
  /** CPU seconds so far, with all threads; null where it works in children that nobody counts. */
  cpuSeconds(): number | null;
};

/** Our own, as the head runs it: in a thread, with its tree behind a port for messages. */
export async function startOurs(folder: string): Promise<TftpContender> {
  const script = new URL("./tftp-server.child.ts", import.meta.url).pathname;
  const running = await start(process.execPath, [script, folder], /listening (\d+)/);
  return contender("bramble", Number(running.ready), running);
}

/**
 * The peers from Debian that this machine has or can fetch, and why others are missing. What is not installed is fetched as
 * a package and unpacked in a folder, not installed: two of them exclude each other, and none shall start as a service.
 */
export async function startPeers(folder: string): Promise<{ peers: TftpContender[]; missing: string[] }> {
  const peers: TftpContender[] = [];
  const missing: string[] = [];
  const user = process.getuid?.() === 0 ? "root" : "nobody";
  const attempts: readonly (readonly [name: string, start: () => Promise<TftpContender>])[] = [
    [
      "dnsmasq",
      async () => {
        const program = programOf("dnsmasq-base", "usr/sbin/dnsmasq");
        // It serves port 69 and no other.
        const args = ["--no-daemon", "--conf-file=/dev/null", "--port=0", "--enable-tftp", `--tftp-root=${folder}`];
        const more = [
          "--tftp-max=3000",
          "--listen-address=127.0.0.1",
          "--bind-interfaces",
          `--user=${user}`,
          "--quiet-tftp",
        ];
        return contender("dnsmasq", 69, await start(program, [...args, ...more], /TFTP root is/, environment()));
      },
    ],
    [
      "tftpd-hpa",
      async () => {
        const program = programOf("tftpd-hpa", "usr/sbin/in.tftpd");
        return silent("tftpd-hpa", 6971, program, ["-L", "--address", "127.0.0.1:6971", "-u", user, "-s", folder]);
      },
    ],
    [
      "atftpd",
      async () => {
        const program = programOf("atftpd", "usr/sbin/atftpd");
        const bind = ["--port", "6972", "--bind-address", "127.0.0.1", "--user", `${user}.${user}`];
        const args = ["--daemon", "--no-fork", "--maxthread", "3000", "--verbose=0", "--logfile", "/dev/null"];
        return silent("atftpd", 6972, program, [...args, ...bind, folder]);
      },
    ],
  ];
  for (const [name, begin] of attempts) {
    try {
      peers.push(await begin());
    } catch (thrown) {
      missing.push(`${name}: ${String(thrown).slice(0, 120)}`);
    }
  }
  return { peers, missing };
}

const unpacker = "dpkg-deb";
const unpacked = ".bramble/peers";

/** The program of a Debian package: the installed one, else the one that is unpacked. */
function programOf(debianPackage: string, path: string): string {
  if (existsSync(`/${path}`)) return `/${path}`;
  const program = join(unpacked, path);
  if (existsSync(program)) return program;
  mkdirSync(unpacked, { recursive: true });
  // libwrap0 is what both tftpds need and few machines have.
  execFileSync("apt-get", ["download", debianPackage, "libwrap0"], { cwd: unpacked, stdio: "ignore" });
  for (const file of readdirSync(unpacked).filter((name) => name.endsWith(".deb"))) {
    execFileSync(unpacker, ["-x", file, "."], { cwd: unpacked });
  }
  return program;
}

function environment(): NodeJS.ProcessEnv {
  const found = ["usr/lib", "lib"].flatMap((folder) => {
    const root = join(unpacked, folder);
    return existsSync(root) ? [root, ...readdirSync(root).map((name) => join(root, name))] : [];
  });
  return { ...process.env, LD_LIBRARY_PATH: found.join(":") };
}

/** A server that says nothing when it is ready: a shell says it, then becomes the server. */
async function silent(name: string, port: number, program: string, args: readonly string[]): Promise<TftpContender> {
  const running = await start(
    "/bin/sh",
    ["-c", 'echo ready; exec "$@"', "sh", program, ...args],
    /(ready)/,
    environment(),
  );
  await pause(500);
  if (!existsSync(`/proc/${running.pid}`)) throw new Error("it ended at once");
  return contender(name, port, running);
}

function contender(name: string, port: number, running: Running): TftpContender {
  return {
    name,
    port,
    cpuSeconds() {
      if (name === "tftpd-hpa") return null;
      const fields = readFileSync(`/proc/${running.pid}/stat`, "utf8").split(") ")[1]!.split(" ");
      // User and system time in hundredths of a second.
      return (Number(fields[11]) + Number(fields[12])) / 100;
    },
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
  };
}
