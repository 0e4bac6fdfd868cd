import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Cable } from "./dhcp-net.ts";
import { addressOf, macOf, plan } from "./dhcp-net.ts";
import { pause } from "./process.ts";

/** One DHCP server that can be started afresh, with all 1050 boards pinned and nothing remembered. */
export type Contender = {
  readonly name: "bramble" | "dnsmasq" | "kea";
  start(cable: Cable, flags?: readonly string[]): Promise<Started>;
};

/** A server that runs. */
export type Started = AsyncDisposable & { readonly pid: number };

/** Ours and those of the peers that are installed; for each that is not, a sentence. */
export function contenders(): { readonly all: readonly Contender[]; readonly missing: readonly string[] } {
  const all = [ours];
  const missing: string[] = [];
  const add = (contender: Contender, program: string, debian: string): void => {
    if (existsSync(program)) all.push(contender);
    else missing.push(`no ${contender.name}: ${program} is not installed (Debian: apt-get install ${debian})`);
  };
  add(dnsmasq, dnsmasqProgram, "dnsmasq-base");
  add(kea, keaProgram, "kea-dhcp4-server");
  return { all, missing };
}

const dnsmasqProgram = "/usr/sbin/dnsmasq";
const keaProgram = "/usr/sbin/kea-dhcp4";
const boards = Array.from({ length: plan.boards }, (_, n) => ({ mac: macOf(n), address: addressOf(n) }));

const ours: Contender = {
  name: "bramble",
  start: (cable, flags = []) =>
    run(
      cable,
      (folder) => {
        const script = new URL("./dhcp-server.child.ts", import.meta.url).pathname;
        return [process.execPath, ...flags, script, join(folder, "head.db")];
      },
      true,
    ),
};

const dnsmasq: Contender = {
  name: "dnsmasq",
  start: (cable) =>
    run(cable, (folder) => {
      const hosts = join(folder, "hosts");
      writeFileSync(hosts, boards.map(({ mac, address }) => `${mac},${address},12h\n`).join(""));
      return [
        ...[dnsmasqProgram, "--no-daemon", "--conf-file=/dev/null", "--port=0", "--user=root", "--no-ping"],
        ...["--quiet-dhcp", "--log-facility=/dev/null", "--dhcp-authoritative", `--interface=${cable.device}`],
        ...["--bind-interfaces", "--dhcp-range=10.84.0.0,static,255.255.0.0,12h", `--dhcp-hostsfile=${hosts}`],
        ...[`--dhcp-leasefile=${join(folder, "leases")}`, "--dhcp-lease-max=5000"],
      ];
    }),
};

const kea: Contender = {
  name: "kea",
  start: (cable) =>
    run(cable, (folder) => {
      const config = join(folder, "kea.json");
      const database = { type: "memfile", persist: true, name: join(folder, "leases.csv"), "lfc-interval": 3600 };
      const subnet = {
        ...{ subnet: plan.cidr, "reservations-out-of-pool": true, "reservations-in-subnet": true },
        reservations: boards.map(({ mac, address }) => ({ "hw-address": mac, "ip-address": address })),
      };
      const settings = {
        "interfaces-config": { interfaces: [cable.device], "dhcp-socket-type": "udp" },
        "lease-database": database,
        "valid-lifetime": 43_200,
        "multi-threading": { "enable-multi-threading": false },
        "host-reservation-identifiers": ["hw-address"],
        subnet4: [subnet],
        loggers: [{ name: "kea-dhcp4", severity: "ERROR", output_options: [{ output: "/dev/null" }] }],
      };
      writeFileSync(config, JSON.stringify({ Dhcp4: settings }));
      return ["env", `KEA_PIDFILE_DIR=${folder}`, `KEA_LOCKFILE_DIR=${folder}`, keaProgram, "-c", config];
    }),
};

async function run(cable: Cable, command: (folder: string) => readonly string[], isOurs = false): Promise<Started> {
  const folder = mkdtempSync(join(tmpdir(), "bramble-bench-dhcp-"));
  const [program, ...args] = cable.on("server", command(folder));
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  // Ours says when it is ready. The peers do not; they are after a second.
  const ready = new Promise<void>((resolve) => child.stdout.on("data", () => resolve()));
  child.stderr.on("data", (text) => {
    said = `${said}${text}`.slice(-2000);
  });
  await Promise.race([Promise.all([pause(1500), isOurs ? ready : null]), once(child, "exit")]);
  if (child.exitCode !== null) throw new Error(`${program} ended: ${said}`);
  return {
    pid: child.pid!,
    async [Symbol.asyncDispose]() {
      const ended = child.exitCode === null ? once(child, "exit") : null;
      child.kill("SIGTERM");
      const slow = setTimeout(() => child.kill("SIGKILL"), 5000);
      await ended;
      clearTimeout(slow);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
