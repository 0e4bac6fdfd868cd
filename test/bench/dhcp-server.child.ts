/**
 * The head's DHCP server as a process of its own, with its true store on a disk, for the boards of `dhcp-net.ts`.
 * `node dhcp-server.child.ts DATABASE`
 */
import type { Mac } from "@bramble/core/base";
import { seededRandom, silentLog } from "@bramble/core/base";
import { startDhcp } from "../../apps/head/src/boot/dhcp/server.ts";
import { openDatabase } from "../../apps/head/src/store/database.ts";
import { leaseMigrations, leaseStore } from "../../apps/head/src/store/leases.ts";
import { trueClock } from "./clock.ts";
import { addressOf, macOf, plan } from "./dhcp-net.ts";

const slots = new Map(Array.from({ length: plan.boards }, (_, n) => [macOf(n) as Mac, addressOf(n)]));
const names = new Map([...slots.keys()].map((mac, n) => [mac, `b${String(n + 1).padStart(4, "0")}`]));
const schedule = (run: () => void): void => void setImmediate(run);
const db = openDatabase(process.argv[2] ?? ":memory:", leaseMigrations, { log: silentLog, schedule });
let told = 0;
const server = await startDhcp({
  bind: { address: plan.server, port: 67 },
  network: { cidr: plan.cidr, gateway: null, head: plan.server, pool: [] },
  mode: "authoritative",
  place: ({ mac }) => ({ address: slots.get(mac) ?? null, name: names.get(mac) ?? null }),
  bootOf: () => ({ server: plan.server, file: "bootcode.bin", url: null }),
  leases: leaseStore(db),
  tell: () => void told++,
  seen: async () => {},
  alarm: () => {},
  clock: trueClock,
  random: seededRandom("bench"),
  log: silentLog,
  isWarmed: true,
});
process.once("SIGTERM", async () => {
  await server[Symbol.asyncDispose]();
  await db[Symbol.asyncDispose]();
  process.stderr.write(`${JSON.stringify({ ...server.counters(), told })}\n`);
  process.exit(0);
});
process.stdout.write("ready\n");
