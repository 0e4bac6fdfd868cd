import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";

/*
 * On a wire of its own: our server beside a second head, beside dnsmasq, and beside somebody who took an address of the pool
 * without asking. Takes root, iproute2, dnsmasq-base and udhcpc; skipped with the reason without them.
 */

const spaces = { server: `e2e-${process.pid}-s`, other: `e2e-${process.pid}-o`, client: `e2e-${process.pid}-c` };
const running: ChildProcess[] = [];
let missing: string | null = null;

beforeAll(() => {
  for (const program of ["/usr/sbin/dnsmasq", "/usr/sbin/udhcpc"])
    if (!existsSync(program)) missing = `${program} is not installed`;
  if (missing === null) missing = layWire();
});
afterAll(async () => {
  for (const child of running) await end(child);
  cutWire();
});

test("a second head is told on both, dnsmasq by the probe, and a squatter keeps his address", async ({ skip }) => {
  if (missing !== null) return skip(missing);
  const script = new URL("./dhcp-server.child.ts", import.meta.url).pathname;
  const dnsmasq = start("other", [
    ...["dnsmasq", "--no-daemon", "--conf-file=/dev/null", "--port=0", "--user=root"],
    ...["--interface=eth0", "--bind-interfaces", "--dhcp-range=10.77.9.200,10.77.9.210,1h", "--no-ping"],
  ]);
  await says(dnsmasq, "sockets bound");
  const first = start("server", [process.execPath, script, "10.77.9.1", "10.77.9.2", "10.77.9.50"]);
  await says(first, "ready");
  const rogue = await says(first, "dhcp.rogue");
  expect(rogue).toContain("another DHCP server, 10.77.9.2");
  await end(dnsmasq);

  const second = start("other", [process.execPath, script, "10.77.9.2", "10.77.9.60"]);
  await says(second, "ready");
  // The first looks twice a minute; the second at once, and is heard by the first: it is the server that is known already.
  expect(await says(second, "dhcp.rogue")).toContain("10.77.9.1");
  await end(second);

  // 10.77.9.2 is the first of the pool, and somebody has it.
  const client = start("client", ["udhcpc", ..."-i eth0 -f -n -q -t 5 -T 3 -s /bin/true".split(" ")]);
  expect(await says(client, "lease of")).toContain("lease of 10.77.9.50 obtained from 10.77.9.1");
  const neighbours = execFileSync("ip", ["-n", spaces.server, "neigh", "show", "10.77.9.50"], { encoding: "utf8" });
  expect(neighbours).toContain("PERMANENT");
  await end(first);
  expect(execFileSync("ip", ["-n", spaces.server, "neigh"], { encoding: "utf8" })).not.toContain("PERMANENT");
}, 180_000);

function start(space: keyof typeof spaces, command: readonly string[]): ChildProcess {
  const child = spawn("ip", ["netns", "exec", spaces[space], ...command], { stdio: ["ignore", "pipe", "pipe"] });
  running.push(child);
  return child;
}

const heard = new WeakMap<ChildProcess, string>();

/** The line that holds `words`, when it comes. */
function says(child: ChildProcess, words: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const look = (text: Buffer | string): void => {
      const all = (heard.get(child) ?? "") + String(text);
      heard.set(child, all);
      const line = all.split("\n").find((each) => each.includes(words));
      if (line !== undefined) resolve(line);
    };
    if (!heard.has(child)) for (const stream of [child.stdout, child.stderr]) stream?.on("data", look);
    child.stdout?.on("data", () => look(""));
    child.once("exit", () => setImmediate(() => reject(new Error(`it ended without "${words}": ${heard.get(child)}`))));
    look("");
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  await ended;
}

/** A switch in the server's space, with two others plugged in; or why this machine does not let us. */
function layWire(): string | null {
  const ip = (...args: readonly string[]): void => void execFileSync("ip", args, { stdio: "pipe" });
  try {
    for (const space of Object.values(spaces)) {
      ip("netns", "add", space);
      ip("-n", space, "link", "set", "lo", "up");
    }
    const { server, other, client } = spaces;
    ip("-n", server, "link", "add", "br0", "type", "bridge");
    for (const [n, space] of [other, client].entries()) {
      ip("-n", server, "link", "add", `v${n}`, "type", "veth", "peer", "name", "eth0", "netns", space);
      ip("-n", server, "link", "set", `v${n}`, "master", "br0", "up");
      ip("-n", space, "link", "set", "eth0", "up");
    }
    ip("-n", server, "addr", "add", "10.77.9.1/24", "dev", "br0");
    ip("-n", server, "link", "set", "br0", "up");
    ip("-n", other, "addr", "add", "10.77.9.2/24", "dev", "eth0");
    return null;
  } catch (thrown) {
    cutWire();
    return `network namespaces cannot be made here (${String(thrown).split("\n")[0]?.slice(0, 150)})`;
  }
}

function cutWire(): void {
  for (const space of Object.values(spaces)) {
    try {
      execFileSync("ip", ["netns", "del", space], { stdio: "pipe" });
    } catch {
      // It was never made.
    }
  }
}
