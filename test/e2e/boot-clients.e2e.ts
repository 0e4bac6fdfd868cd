import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BoardBody, LaneAnswer, LeasesAnswer } from "@bramble/core/api";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { clusterOf, headAddress } from "../boot/head.ts";
import { laySegment, type Segment, whyNoSegment } from "../boot/segment.ts";
import type { Ran, Station } from "../support/netns.ts";
import { plugIn, until, whyNoPrograms } from "../support/netns.ts";
import { type NetnsHead, startNetnsHead, writeStoryImage } from "../support/netns-head.ts";

/**
 * Clients that others wrote ask a real head on a wire of their own: dhclient and udhcpc for an address, tftp-hpa, atftp and
 * curl for files. Each is a machine of its own, on a bridge where the head has its address.
 */
const whyNot =
  whyNoSegment() ??
  whyNoPrograms({
    ...{ dhclient: "isc-dhcp-client", udhcpc: "udhcpc", tftp: "tftp-hpa", atftp: "atftp", curl: "curl" },
  });

const first = "b8:27:eb:00:00:01";
const second = "b8:27:eb:00:00:02";
const third = "b8:27:eb:00:00:03";
const unknown = "b8:27:eb:ab:cd:01";
const other = "b8:27:eb:ab:cd:02";

// Where there is no root, no namespace or no Debian the clients cannot be had; the reason stands in the name.
describe.skipIf(whyNot !== null)(`clients of others${whyNot === null ? "" : `: ${whyNot}`}`, () => {
  let segment: Segment;
  let head: NetnsHead;
  let files: ReturnType<typeof writeStoryImage>;
  let script: string;
  const folder = mkdtempSync(join(tmpdir(), "bramble-clients-"));
  const stations: Station[] = [];

  beforeAll(async () => {
    const laid = laySegment(`${headAddress}/24`);
    if (typeof laid === "string") throw new Error(laid);
    segment = laid;
    files = writeStoryImage(folder);
    // What a client was given, in its own words; its own script would write the resolv.conf of this machine.
    script = join(folder, "take-address");
    writeFileSync(
      script,
      `#!/bin/sh
env > ${folder}/$(cat /sys/class/net/eth0/address).given
address=\${new_ip_address:-$ip}
[ -z "$address" ] || ip addr replace "$address/24" brd + dev eth0
`,
      { mode: 0o755 },
    );
    head = await startNetnsHead(segment.name, {
      ...{ folder: join(folder, "head"), address: headAddress, images: folder },
      cluster: clusterOf([first, second, third]),
    });
  });
  afterAll(async () => {
    for (const station of stations) await station[Symbol.asyncDispose]();
    await head?.[Symbol.asyncDispose]();
    await segment?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  /** What the script was told, once it has an address. */
  const given = (mac: string): Readonly<Record<string, string>> => {
    const said = readFileSync(join(folder, `${mac}.given`), "utf8");
    return Object.fromEntries(
      said.split("\n").map((line) => [line.split("=", 1)[0]!, line.slice(line.indexOf("=") + 1)]),
    );
  };
  const plug = (mac: string): Station => {
    const station = plugIn(segment, mac);
    stations.push(station);
    return station;
  };
  const udhcpc = async (station: Station): Promise<Readonly<Record<string, string>>> => {
    const { code, error } = await station.run("udhcpc", [
      "-i",
      "eth0",
      "-f",
      "-q",
      "-n",
      "-t",
      "5",
      "-T",
      "2",
      "-s",
      script,
    ]);
    expect(code, error).toBe(0);
    return given(station.mac);
  };
  /** A station that has its address. */
  const at = (mac: string): Station => stations.find((station) => station.mac === mac)!;
  const fetched = (name: string): Buffer => readFileSync(join(folder, name));
  const good = ({ code, out, error }: Ran): void => expect(code, `${out}${error}`).toBe(0);

  test("dhclient gets the address that the cluster file gives its MAC, at once and again at a renewal", async () => {
    const station = plug(first);
    const client = station.start("dhclient", [
      ...["-d", "-v", "-1", "-sf", script, "-lf", join(folder, "dhclient.leases"), "-pf", join(folder, "dhclient.pid")],
      "eth0",
    ]);
    await client.says(/bound to 10\.77\.0\.21/);
    expect(given(first)).toMatchObject({
      ...{ new_ip_address: "10.77.0.21", new_subnet_mask: "255.255.255.0", new_routers: "10.77.0.254" },
      ...{ new_dhcp_server_identifier: headAddress, new_host_name: "b1" },
    });
    await client[Symbol.asyncDispose]();
    const again = station.start("dhclient", [
      ...["-d", "-v", "-1", "-sf", script, "-lf", join(folder, "dhclient.leases"), "-pf", join(folder, "dhclient.pid")],
      "eth0",
    ]);
    await again.says(/bound to 10\.77\.0\.21/);
    // What it remembers it asks for without a DISCOVER (RFC 2131, section 3.2).
    expect(again.said()).not.toContain("DHCPDISCOVER");
    await again[Symbol.asyncDispose]();
  });

  test("udhcpc gets the address that the cluster file gives its MAC", async () => {
    expect(await udhcpc(plug(second))).toMatchObject({
      ...{ ip: "10.77.0.22", subnet: "255.255.255.0", router: "10.77.0.254", serverid: headAddress, hostname: "b2" },
    });
    expect(await udhcpc(plug(third))).toMatchObject({ ip: "10.77.0.23", hostname: "b3" });
  });

  test("MACs that nobody knows get an address of the pool each, and are discovered boards from then on", async () => {
    const given = await Promise.all([unknown, other].map((mac) => udhcpc(plug(mac))));
    const addresses = given.map(({ ip }) => ip!);
    expect(new Set(addresses).size).toBe(2);
    const { leases } = await head.get<LeasesAnswer>("/boot/leases");
    for (const [n, mac] of [unknown, other].entries()) {
      const name = `x-${mac.replaceAll(":", "").slice(6)}`;
      expect(await head.get<BoardBody>(`/boards/${name}`)).toMatchObject({ mac, address: addresses[n] });
      expect(leases.find((lease) => lease.mac === mac)).toMatchObject({ address: addresses[n], pinned: false });
    }
    expect(leases.find(({ mac }) => mac === second)).toMatchObject({ address: "10.77.0.22", pinned: true });
    // Whoever asks again has what it had.
    expect((await udhcpc(at(unknown))).ip).toBe(addresses[0]);
  });

  test("the kernel of the head knows for good where each board is: a Pi 3 answers no ARP while it loads", async () => {
    const wanted = { "10.77.0.21": first, "10.77.0.22": second, "10.77.0.23": third };
    const known = (): string => segment.run("ip", ["neigh", "show", "nud", "permanent"]);
    const isKnown = (): boolean =>
      Object.entries(wanted).every(([address, mac]) => known().includes(`${address} dev br0 lladdr ${mac} PERMANENT`));
    // The bridge took the MAC of each new port and forgot all neighbours with it: the head makes them again.
    await until("neighbour entries", 15_000, isKnown, known);
    segment.run("ip", ["neigh", "flush", "nud", "permanent", "dev", "br0"]);
    expect(isKnown()).toBe(false);
    await until("neighbour entries, after somebody flushed them", 15_000, isKnown, known);
  });

  test.each(["kernel8.img", "fixup.dat", "bootcode.bin", "start.elf"] as const)(
    "%s comes octet for octet by tftp-hpa, atftp and curl",
    async (name) => {
      const whole = files.get(name)!;
      const out = (client: string): string => join(folder, `${client}-${name}`);
      const [hpa, atftp, wide, curl, http] = await Promise.all([
        at(first).run("tftp", ["-m", "binary", headAddress, "-c", "get", name, out("hpa")]),
        at(second).run("atftp", ["-g", "-r", name, "-l", out("atftp"), headAddress]),
        at(second).run("atftp", [
          ...["--option", "blksize 1468", "--option", "windowsize 16", "--option", "tsize 0"],
          ...["--verbose", "--trace", "-g", "-r", name, "-l", out("wide"), headAddress],
        ]),
        at(third).run("curl", ["-sS", "--tftp-blksize", "1400", "-o", out("curl"), `tftp://${headAddress}/${name}`]),
        at(third).run("curl", ["-sS", "-f", "-o", out("http"), `http://${headAddress}:8882/${name}`]),
      ]);
      for (const ran of [hpa, atftp, wide, curl, http]) good(ran);
      for (const client of ["hpa", "atftp", "wide", "curl", "http"])
        expect(fetched(`${client}-${name}`).equals(whole), `${client} of ${name}`).toBe(true);
      // What was asked for was also agreed: every sixteenth block is acknowledged, and the last.
      if (name === "kernel8.img") {
        const acks = wide.error.match(/sent ACK/g)?.length ?? 0;
        expect(acks, wide.error.slice(0, 500)).toBeLessThanOrEqual(Math.ceil(whole.length / 1468 / 16) + 4);
        expect(acks).toBeGreaterThan(0);
      }
    },
  );

  test("a part of a file comes by HTTP, and what is not there is said", async () => {
    const url = `http://${headAddress}:8882/kernel8.img`;
    const whole = files.get("kernel8.img")!;
    const part = join(folder, "part");
    good(await at(first).run("curl", ["-sS", "-f", "-r", "1000000-1999999", "-o", part, url]));
    expect(fetched("part").equals(whole.subarray(1_000_000, 2_000_000))).toBe(true);
    // A download that broke off goes on where it was.
    writeFileSync(part, whole.subarray(0, 123_457));
    good(await at(first).run("curl", ["-sS", "-f", "-C", "-", "-o", part, url]));
    expect(fetched("part").equals(whole)).toBe(true);
    const status = async (...args: string[]): Promise<string> =>
      (await at(first).run("curl", ["-s", "-o", "/dev/null", "-w", "%{http_code} %{size_download}", ...args])).out;
    expect(await status("-I", url)).toMatch(/^200 /);
    expect(await status("-r", "0-0", url)).toBe("206 1");
    expect(await status("-r", "9000000-", url)).toMatch(/^416 /);
    expect(await status(`http://${headAddress}:8882/nothing`)).toMatch(/^404 /);
  });

  test("a missing file is an answer at once, not silence", async () => {
    const from = performance.now();
    const ran = await at(first).run("tftp", [
      "-m",
      "binary",
      headAddress,
      "-c",
      "get",
      "bootsig.bin",
      join(folder, "no"),
    ]);
    expect(`${ran.out}${ran.error}`).toMatch(/Error code 1/);
    expect(performance.now() - from).toBeLessThan(4000);
  });

  test("each board has its own cmdline.txt under one name, by TFTP and by HTTP, and sees its own boot in its lane", async () => {
    // By its serial's folder, as firmware asks: the last six digits of a Pi 3's serial are those of its MAC.
    const own = await at(first).run("curl", ["-sS", `tftp://${headAddress}/a2000001/cmdline.txt`]);
    expect(own.out).toMatch(/serial=a2000001 at=10\.77\.0\.21/);
    const lines = await Promise.all(
      [first, second, third].map(async (mac) => {
        const to = join(folder, `cmdline-${mac}`);
        good(await at(mac).run("tftp", ["-m", "binary", headAddress, "-c", "get", "cmdline.txt", to]));
        const http = await at(mac).run("curl", ["-sS", "-f", `http://${headAddress}:8882/cmdline.txt`]);
        const text = readFileSync(to, "utf8");
        expect(http.out).toBe(text);
        return text;
      }),
    );
    expect(lines.map((line) => /at=(\S+)/.exec(line)?.[1])).toEqual(["10.77.0.21", "10.77.0.22", "10.77.0.23"]);
    await until("the lane of b1 names its files", 5000, async () => {
      const { files } = await head.get<LaneAnswer>("/boot/lanes/b1");
      return files.some(({ path, outcome }) => path === "cmdline.txt" && outcome === "done");
    });
  });

  test("eight boards that nobody knows ask all at once: eight addresses", async () => {
    const macs = Array.from({ length: 8 }, (_, n) => `b8:27:eb:ee:00:1${n}`);
    const given = await Promise.all(macs.map((mac) => udhcpc(plug(mac))));
    expect(new Set(given.map(({ ip }) => ip)).size).toBe(8);
  });

  test("nothing went wrong that the head would tell of", async () => {
    // That its API listens on loopback alone is so in this story, and it says so.
    const errors = head
      .log()
      .split("\n")
      .filter((line) => /"level":(50|60)/.test(line));
    expect(errors.filter((line) => !line.includes("listens on 127.0.0.1 alone"))).toEqual([]);
    expect(await head.events("dhcp.")).toEqual([]);
    head.program.child.kill("SIGTERM");
    await until("the head ends", 20_000, () => head.program.child.exitCode !== null);
    expect(head.program.child.exitCode).toBe(0);
    // Its neighbour entries go with it.
    expect(segment.run("ip", ["neigh", "show", "nud", "permanent"])).toBe("");
  });
});
