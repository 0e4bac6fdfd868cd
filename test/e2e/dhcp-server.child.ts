/** A DHCP server alone on a wire. `node dhcp-server.child.ts ADDRESS POOL…` writes each alarm as a line of JSON, and `ready`. */
import { seededRandom, silentLog } from "@bramble/core/base";
import { startDhcp } from "../../apps/head/src/boot/dhcp/server.ts";
import { openDatabase } from "../../apps/head/src/store/database.ts";
import { leaseMigrations, leaseStore } from "../../apps/head/src/store/leases.ts";
import { trueClock } from "../bench/clock.ts";

const [address = "", ...pool] = process.argv.slice(2);
const say = (what: unknown): void => void process.stdout.write(`${JSON.stringify(what)}\n`);
const schedule = (run: () => void): void => void setImmediate(run);
const db = openDatabase(":memory:", leaseMigrations, { log: silentLog, schedule });
const server = await startDhcp({
  bind: { address, port: 67 },
  network: { cidr: "10.77.9.0/24", gateway: null, head: address, pool },
  mode: "authoritative",
  place: () => ({ address: null, name: null }),
  bootOf: () => null,
  leases: leaseStore(db),
  tell: () => {},
  seen: async () => {},
  alarm: say,
  clock: trueClock,
  random: seededRandom(address),
  log: silentLog,
});
process.once("SIGTERM", async () => {
  await server[Symbol.asyncDispose]();
  process.exit(0);
});
say("ready");
