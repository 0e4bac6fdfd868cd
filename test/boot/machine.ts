import { existsSync, readFileSync } from "node:fs";
import type { Segment } from "./segment.ts";

/** A machine that QEMU plays, in plain software emulation, with nothing but a network card. */
export type Machine = {
  readonly mac: string;
  /** What it wrote to its serial port so far, without control sequences. */
  serial(): string;
  /** Waits until its serial port has shown `what`. @throws with the end of what it wrote. */
  shows(what: RegExp, withinMs: number): Promise<number>;
  /** Pulls its plug. */
  stop(): void;
};

/** How a machine is made. */
export type MachineKind = {
  readonly arch: "amd64" | "arm64";
  readonly mac: string;
  readonly memoryMb: number;
  /** File that the serial port is written to. */
  readonly serialFile: string;
  /** More words for QEMU. */
  readonly more?: readonly string[];
};

const programs = { amd64: "qemu-system-x86_64", arm64: "qemu-system-aarch64" } as const;

const ubootFile = "/usr/lib/u-boot/qemu_arm64/u-boot.bin";

/** Why no machine of this kind can be played here, or null. */
export function whyNoMachine(arch: MachineKind["arch"]): string | null {
  if (!existsSync(`/usr/bin/${programs[arch]}`)) return `${programs[arch]} is not installed`;
  if (arch === "arm64" && !existsSync(ubootFile)) return "u-boot-qemu is not installed";
  if (arch === "amd64" && !existsSync("/usr/lib/ipxe/qemu/efi-virtio.rom")) return "ipxe-qemu is not installed";
  return null;
}

/** Switches one on. */
export function powerOn(segment: Segment, { arch, mac, memoryMb, serialFile, more = [] }: MachineKind): Machine {
  const tap = segment.tap();
  const platform =
    arch === "amd64"
      ? ["-machine", "graphics=off", "-boot", "n"]
      : ["-machine", "virt", "-cpu", "cortex-a57", "-bios", ubootFile];
  const child = segment.start(
    programs[arch],
    [
      ...["-accel", "tcg,thread=multi", "-m", String(memoryMb), "-smp", "1", "-display", "none", "-monitor", "none"],
      ...[
        "-netdev",
        `tap,id=net0,ifname=${tap},script=no,downscript=no`,
        "-device",
        `virtio-net-pci,netdev=net0,mac=${mac}`,
      ],
      ...["-serial", `file:${serialFile}`, ...platform, ...more],
    ],
    `${serialFile}.qemu`,
  );
  const serial = (): string => {
    const said = existsSync(serialFile) ? readFileSync(serialFile, "latin1") : "";
    // biome-ignore lint/suspicious/noControlCharactersInRegex: terminals are steered by them.
    return said.replace(/\u001b\[[0-9;?!]*[A-Za-z]|\r/g, "");
  };
  return {
    mac,
    serial,
    async shows(what, withinMs) {
      const from = performance.now();
      for (;;) {
        const said = serial();
        if (what.test(said)) return performance.now() - from;
        if (performance.now() - from > withinMs)
          throw new Error(`${mac} has not shown ${what} within ${withinMs} ms:\n${said.slice(-3000)}`);
        if (child.exitCode !== null)
          throw new Error(`QEMU ended with ${child.exitCode}: ${readFileSync(`${serialFile}.qemu`, "utf8")}`);
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    },
    stop: () => void child.kill("SIGKILL"),
  };
}
