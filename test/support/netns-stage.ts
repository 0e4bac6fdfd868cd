import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { clusterOf, headAddress } from "../boot/head.ts";
import { laySegment, type Segment, whyNoSegment } from "../boot/segment.ts";
import { type Program, plugIn, type Station, whyNoPrograms } from "./netns.ts";
import { type NetnsHead, startNetnsHead, writeStoryImage } from "./netns-head.ts";

/** Boards that the stories' cluster file knows: b1 and b2. */
export const knownMacs = ["b8:27:eb:00:00:01", "b8:27:eb:00:00:02"] as const;

/** MACs of Raspberry Pis that nobody knows. */
export function strangers(count: number): string[] {
  return Array.from({ length: count }, (_, n) => `b8:27:eb:ab:cd:${n.toString(16).padStart(2, "0")}`);
}

/** How a head of a story differs from the usual. */
type HeadChanges = { readonly address?: string; readonly flags?: readonly string[]; readonly data?: string };

/** A wire with an image and whatever a story puts on it; all of it goes with the stage, the last first. */
export type Stage = AsyncDisposable & {
  readonly segment: Segment;
  readonly folder: string;
  /** The folder of images; `story` in it is a good one. */
  readonly images: string;
  keep(thing: AsyncDisposable): void;
  head(netns: string, name?: string, changes?: HeadChanges): Promise<NetnsHead>;
  plug(mac: string, address?: string): Station;
  /** udhcpc asks, and lives at what it gets, alone; null when it gets nothing. */
  asks(station: Station, tries?: number): Promise<string | null>;
  /** A client of netns-client.child.ts; gives what it tells. */
  played<T>(station: Station, ...args: string[]): Promise<T>;
  /** A file by TFTP, as text. */
  gets(station: Station, file: string): Promise<string>;
  dnsmasq(station: Station, range: string): Promise<Program>;
};

/** Why no such wire can be had, or null. */
export function whyNoStage(): string | null {
  const packages = { udhcpc: "udhcpc", atftp: "atftp", curl: "curl", dnsmasq: "dnsmasq-base" };
  return whyNoSegment() ?? whyNoPrograms(packages);
}

/** Lay the wire. */
export function openStage(): Stage {
  const folder = mkdtempSync(join(tmpdir(), "bramble-stage-"));
  const laid = laySegment(`${headAddress}/24`);
  if (typeof laid === "string") throw new Error(laid);
  const segment = laid;
  const images = join(folder, "images");
  writeStoryImage(images);
  const script = join(folder, "take-address");
  const take = 'ip addr flush dev eth0; ip addr add "$ip/24" brd + dev eth0';
  writeFileSync(script, `#!/bin/sh\n[ -z "$ip" ] || { ${take}; }\n`, { mode: 0o755 });
  const opened: AsyncDisposable[] = [];
  const keep = <T extends AsyncDisposable>(thing: T): T => {
    opened.push(thing);
    return thing;
  };
  return {
    ...{ segment, folder, images, keep },
    async head(netns, name = "head", changes = {}) {
      const parts = { folder: join(folder, name), address: headAddress, cluster: clusterOf(knownMacs), images };
      return keep(await startNetnsHead(netns, { ...parts, ...changes }));
    },
    plug: (mac, address) => keep(plugIn(segment, mac, address)),
    async asks(station, tries = 4) {
      const args = ["-i", "eth0", "-f", "-q", "-n", "-t", `${tries}`, "-T", "2", "-s", script];
      return /lease of (\S+) obtained/.exec((await station.run("udhcpc", args)).error)?.[1] ?? null;
    },
    async played<T>(station: Station, ...args: string[]) {
      const ran = await station.run(process.execPath, [clientProgram, ...args], 300_000);
      if (ran.code !== 0) throw new Error(`${args.join(" ").slice(0, 200)}: ${ran.error}`);
      return JSON.parse(ran.out) as T;
    },
    gets: async (station, file) => (await station.run("curl", ["-sS", `tftp://${headAddress}/${file}`])).out,
    async dnsmasq(station, range) {
      const server = station.start("dnsmasq", [
        ...["--no-daemon", "--conf-file=/dev/null", "--port=0", "--user=root", "--no-ping", "--log-dhcp"],
        ...["--interface=eth0", "--bind-interfaces", `--dhcp-range=${range},255.255.255.0,12h`],
        `--dhcp-leasefile=${join(folder, `dnsmasq-${station.name}`)}`,
      ]);
      await server.says(/DHCP, IP range/);
      return server;
    },
    async [Symbol.asyncDispose]() {
      for (const each of opened.reverse()) await each[Symbol.asyncDispose]();
      await segment[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const clientProgram = join(import.meta.dirname, "netns-client.child.ts");
