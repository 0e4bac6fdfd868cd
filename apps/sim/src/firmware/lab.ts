import type { Millis, Random } from "@bramble/core/base";
import { mac, seededRandom } from "@bramble/core/base";
import {
  type BootStep,
  type DhcpMessage,
  decodeDhcp,
  decodeTftp,
  encodeDhcp,
  type PiModel,
  typeOf,
} from "@bramble/core/boot";
import { answerDhcp, type Change, fakeTftp } from "./fake-servers.ts";
import { createFirmware } from "./firmware.ts";
import { type FirmwareAct, type FirmwareEvent, noQuirks, type Quirks, type Verdict } from "./script.ts";

/** A network in a test tube, for tests: one board, servers made of the codecs, virtual time, and whatever goes wrong between. */
export type Lab = {
  readonly model: PiModel;
  readonly quirks?: Partial<Quirks>;
  readonly stopAt?: BootStep | null;
  readonly seed?: number;
  /** Files by path; a path that is not here is answered with ERROR 1. */
  readonly files?: ReadonlyMap<string, Uint8Array>;
  /** How many octets the root has. */
  readonly rootBytes?: number;
  /** Milliseconds that a packet takes. */
  readonly flight?: (random: Random) => Millis;
  readonly loss?: number;
  readonly twice?: number;
  readonly offerAfterMs?: Millis;
  /** Changes an answer of the DHCP server before it is sent; null keeps it back. */
  readonly dhcp?: (reply: DhcpMessage, asked: DhcpMessage) => DhcpMessage | Uint8Array | null;
  /** Takes the place of the TFTP server's answers. */
  readonly tftp?: Change;
  /** A frame for everybody each so many milliseconds. */
  readonly chatterMs?: Millis;
};

/** What a run showed. */
export type LabRun = {
  readonly verdict: Verdict | null;
  readonly tookMs: Millis;
  /** `DISCOVER`, `RRQ path tsize blksize=1024`, `early path`, `GET 0-511`, in order. */
  readonly said: readonly string[];
  readonly steps: readonly BootStep[];
  readonly dhcp: readonly Uint8Array[];
  readonly ports: readonly number[];
};

/** Every quirk on, of the kind that a correct server copes with. */
export const allQuirks: Quirks = {
  holdsOffers: true,
  hasteLocks: 1,
  doubleOackLosesFile: true,
  padHidesReply: true,
};

/** Eight hex digits, as a board asks for its files. */
export const labSerial = "a2ef5644";
/** The MAC that goes with it. */
export const labMac = mac("b8:27:eb:ef:56:44");

/** The files of a board below its prefix, some of them small, some of several blocks. */
export function labFiles(model: PiModel, prefix = `${labSerial}/`): Map<string, Uint8Array> {
  const text = (said: string): Uint8Array => new TextEncoder().encode(said);
  const octets = (count: number): Uint8Array => Uint8Array.from({ length: count }, (_, at) => (at * 7 + count) & 0xff);
  const config = "[all]\nkernel=vmlinuz\ninitramfs initrd.img followkernel\ndtoverlay=disable-bt\n";
  const cmdline = `console=tty1 root=http://127.0.0.1:8882/boot/${labSerial}/root.squashfs ro\n`;
  const files = new Map([
    ["config.txt", text(config)],
    ["cmdline.txt", text(cmdline)],
    ["vmlinuz", octets(8_000)],
    ["initrd.img", octets(4_096)],
    ["overlays/disable-bt.dtbo", octets(100)],
  ]);
  if (model === "4") files.set("start4.elf", octets(5_000)).set("fixup4.dat", octets(512));
  if (model.startsWith("3")) files.set("start.elf", octets(5_000)).set("fixup.dat", octets(512));
  for (const dtb of ["bcm2710-rpi-3-b", "bcm2710-rpi-3-b-plus", "bcm2711-rpi-4-b", "bcm2712-rpi-5-b"])
    files.set(`${dtb}.dtb`, octets(700));
  const placed = new Map([...files].map(([name, bytes]) => [prefix + name, bytes]));
  return model.startsWith("3") ? placed.set("bootcode.bin", octets(1_500)) : placed;
}

/** Power a board on and let time pass until it ends, or nothing happens any more, or an hour is over. */
export function runLab(lab: Lab): LabRun {
  const { model, files = labFiles(model), rootBytes = 100_000, loss = 0, twice = 0 } = lab;
  const random = seededRandom(lab.seed ?? 1);
  const flight = lab.flight ?? (() => 1);
  const said: string[] = [];
  const steps: BootStep[] = [];
  const dhcp: Uint8Array[] = [];
  const ports: number[] = [];
  let now = 0;
  let verdict: Verdict | null = null;
  type Due = { at: Millis; nth: number; run: () => void };
  const queue: Due[] = [];
  let nth = 0;
  const after = (ms: Millis, run: () => void): Due => {
    const due = { at: now + ms, nth: nth++, run };
    queue.push(due);
    return due;
  };
  const carry = (run: () => void, extra = 0): void => {
    if (random.chance(loss)) return;
    after(flight(random) + extra, run);
    if (random.chance(twice)) after(flight(random) + extra, run);
  };
  const firmware = createFirmware({
    facts: { model, mac: labMac, serial: labSerial },
    random: random.fork("board"),
    quirks: { ...noQuirks, ...lab.quirks },
    stopAt: lab.stopAt ?? null,
    tftpPort: 69,
    inspect: (path, offset, bytes) => {
      const whole = files.get(path);
      if (whole === undefined || lab.tftp !== undefined) return true;
      return Buffer.compare(bytes, whole.subarray(offset, offset + bytes.length)) === 0;
    },
  });
  let timer: Due | null = null;
  const feed = (event: FirmwareEvent): void => {
    for (const act of firmware.feed(event)) perform(act);
  };
  const server = fakeTftp(files, after, (to, from, bytes) =>
    carry(() => feed({ kind: "tftp", port: to, from: { address: "10.0.0.1", port: from }, bytes })),
  );

  function perform(act: FirmwareAct): void {
    switch (act.kind) {
      case "timer":
        if (timer !== null) timer.run = () => {};
        timer = after(act.ms, () => feed({ kind: "time" }));
        return;
      case "dhcp": {
        dhcp.push(act.bytes);
        const asked = decodeDhcp(act.bytes);
        said.push(String(typeOf(asked)).toUpperCase());
        carry(() => {
          const reply = answerDhcp(asked, "10.0.0.1");
          const changed = lab.dhcp === undefined ? reply : lab.dhcp(reply, asked);
          if (changed === null) return;
          const bytes = changed instanceof Uint8Array ? changed : encodeDhcp(changed);
          carry(() => feed({ kind: "dhcp", bytes, from: "10.0.0.1" }), lab.offerAfterMs ?? 0);
        });
        return;
      }
      case "tftp": {
        const packet = decodeTftp(act.bytes);
        if (packet.kind === "read") {
          ports.push(act.port);
          const options = [...packet.options].map(([name, value]) => (name === "tsize" ? name : `${name}=${value}`));
          said.push(["RRQ", packet.path, ...options].join(" "));
        }
        if (packet.kind === "error") said.push(`ERROR ${packet.code} ${packet.message}`);
        carry(() => server.hear(act.port, act.to.port, packet, lab.tftp));
        return;
      }
      case "get": {
        said.push(`GET ${act.path} ${act.first}-${act.last}`);
        const last = Math.min(act.last, rootBytes - 1);
        // TCP: late or not at all, but never twice.
        if (!random.chance(loss))
          after(flight(random), () =>
            feed({ kind: "http", status: 206, bytes: last - act.first + 1, total: rootBytes, text: "" }),
          );
        return;
      }
      case "step":
        steps.push(act.step);
        return;
      case "end":
        verdict = act.verdict;
        return;
      default:
        return;
    }
  }

  const chatter = (): void => {
    feed({ kind: "frame" });
    after(lab.chatterMs!, chatter);
  };
  if (lab.chatterMs !== undefined) after(lab.chatterMs, chatter);
  feed({ kind: "power" });
  while (verdict === null && queue.length > 0 && now < 3_600_000) {
    let next = 0;
    for (let at = 1; at < queue.length; at++) {
      const [one, best] = [queue[at]!, queue[next]!];
      if (one.at < best.at || (one.at === best.at && one.nth < best.nth)) next = at;
    }
    const [due] = queue.splice(next, 1);
    now = due!.at;
    due!.run();
  }
  return { verdict, tookMs: now, said, steps, dhcp, ports };
}
