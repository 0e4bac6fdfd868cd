import type { BootStep } from "./steps.ts";

/** Models whose way of asking is known. */
export type PiModel = "3b" | "3b+" | "4" | "5";

/** One request of a Raspberry Pi's firmware. Small files show up twice or more in the list, as they do on the wire. */
export type FirmwareFile = {
  /** `bootcode.bin`, `<serial>/start.elf`: see `pathFor`. */
  readonly path: string;
  /** No image has it: the firmware wants ERROR 1, at once, and goes on. */
  readonly isExpectedMissing: boolean;
  /**
   * `read`: asked once and read to its end. `probe`: asked and ended with ERROR 0 "Early terminate" once it is known to
   * exist. `probe-then-read`: a probe, then asked again from a new port and read.
   */
  readonly asks: "read" | "probe" | "probe-then-read";
  /** What the RRQ carries: nothing (mask ROM), `tsize 0`, or `tsize 0` and a `blksize`. Never a window size. */
  readonly options: { readonly tsize: boolean; readonly blockSize: 1024 | 1468 | null };
  readonly step: BootStep;
  /** What it typically has in a real image, in octets; 0 where it is missing. */
  readonly sizeBytes: number;
  /** What a pretend image gives instead, so that a thousand boards boot in a minute. */
  readonly smallBytes: number;
};

/** The files of an image that the firmware is told of by config.txt, relative to the board's folder. */
export type FirmwareNames = {
  readonly kernel: string;
  readonly initrd: string;
  /** Each `dtoverlay=` of config.txt; none by default. */
  readonly overlays?: readonly string[];
};

/** The names that a pretend image gives its kernel and RAM disk. Real ones stand in the config.txt that a board reads. */
export const pretendNames: FirmwareNames = { kernel: "kernel8.img", initrd: "initrd.img" };

/**
 * What the firmware of `model` asks for over TFTP, in its order.
 *
 * Pi 3 from tftpd-hpa logs (raspberrypi/firmware issues 1012, 1041, 1362, 1700) and the documentation's boot-net page; Pi 4
 * and 5 from raspberrypi/rpi-eeprom issues 74, 87, 375, 720. Where the first file below `<serial>/` is answered with
 * ERROR, all later ones are asked without the prefix.
 */
export function filesAskedBy(model: PiModel, names: FirmwareNames): readonly FirmwareFile[] {
  if (model === "4") return [...eepromFour, ...startStage("bcm2711-rpi-4-b.dtb", names, four)];
  if (model === "5") return [...eepromFive, ...kernelStage(names, five)];
  const dtb = model === "3b" ? "bcm2710-rpi-3-b.dtb" : "bcm2710-rpi-3-b-plus.dtb";
  return [...romThree, ...startStage(dtb, names, three)];
}

/** `path` of a firmware file with the board's prefix put in: eight hex digits of the serial, or the MAC with dashes. */
export function pathFor(path: string, prefix: string): string {
  return path.startsWith(prefixed) ? prefix + path.slice(prefixed.length - 1) : path;
}

/**
 * The step that a request for `path` belongs to, whatever its prefix; null for a file of no step.
 *
 * @param hasStarted false while fixup.dat (which start.elf comes with) has not been read: a Pi 3 or 4 then reads config.txt
 * on behalf of its loader, and still stands before `start`.
 */
export function stepOfFile(path: string, hasStarted = true): BootStep | null {
  const name = path.slice(path.lastIndexOf("/") + 1).toLowerCase();
  if (!hasStarted && name === "config.txt") return "start";
  if (/(^|\/)(overlays|pxelinux\.cfg|ipxe)\/[^/]+$/i.test(path)) return "config";
  for (const [pattern, step] of steps) if (pattern.test(name)) return step;
  return null;
}

const prefixed = "<serial>/";

// By the last part of the name. The loader of another machine (iPXE, GRUB, U-Boot) stands where bootcode.bin stands.
const steps: readonly (readonly [RegExp, BootStep])[] = [
  [/^(bootcode\.bin|bootsig\.bin|undionly\.kpxe|(snponly|ipxe|grub(net)?(aa64|x64)?)\.efi|u-boot\.bin)$/, "bootcode"],
  [
    /^(start.*\.elf|fixup.*\.dat|autoboot\.txt|recovery\.elf|recover4\.elf|pieeprom\.(sig|upd|bin)|vl805\..*|boot\.sig)$/,
    "start",
  ],
  [
    /^(config\.txt|cmdline\.txt|dt-blob\.bin|bootcfg\.txt|.*\.dtbo?|(boot|autoexec)\.ipxe|boot\.scr(\.uimg)?|grub\.cfg)$/,
    "config",
  ],
  [/^(kernel.*|vmlinu[xz].*|recovery[0-9-]*\.img|armstub.*\.bin|image(\.gz)?|boot\.img)$/, "kernel"],
  [/^(initrd|initramfs).*$/, "initrd"],
  [/\.squashfs$/, "root"],
];

type Options = FirmwareFile["options"];
const rom: Options = { tsize: false, blockSize: null };
const three: Options = { tsize: true, blockSize: null };
const four: Options = { tsize: true, blockSize: 1024 };
const five: Options = { tsize: true, blockSize: 1468 };

// Asked before start.elf runs: by the mask ROM, then by bootcode.bin. bootcode.bin looks for start.elf twice before it
// reads it: that is how it learns whether the prefix holds.
const romThree: readonly FirmwareFile[] = [
  has("bootcode.bin", "read", rom, "bootcode", 52_476, 1024),
  lacks("bootsig.bin", rom, "bootcode"),
  has("<serial>/start.elf", "probe", three, "start", 2_979_264, 8192),
  has("<serial>/start.elf", "probe", three, "start", 2_979_264, 8192),
  lacks("<serial>/autoboot.txt", three, "start"),
  has("<serial>/config.txt", "read", three, "start", 300, 300),
  lacks("<serial>/recovery.elf", three, "start"),
  has("<serial>/start.elf", "read", three, "start", 2_979_264, 8192),
  has("<serial>/fixup.dat", "read", three, "start", 7314, 512),
];

// Asked by the EEPROM's bootloader, which has no bootcode.bin to fetch.
const eepromFour: readonly FirmwareFile[] = [
  has("<serial>/start4.elf", "probe", four, "start", 2_256_896, 8192),
  has("<serial>/config.txt", "read", four, "start", 300, 300),
  lacks("<serial>/recover4.elf", four, "start"),
  lacks("<serial>/recovery.elf", four, "start"),
  lacks("<serial>/pieeprom.sig", four, "start"),
  has("<serial>/start4.elf", "read", four, "start", 2_256_896, 8192),
  has("<serial>/fixup4.dat", "read", four, "start", 5430, 512),
];

// The Pi 5 has its firmware in the EEPROM: nothing but settings, device tree, kernel and RAM disk come over the wire.
const eepromFive: readonly FirmwareFile[] = [
  has("<serial>/config.txt", "probe-then-read", five, "config", 300, 300),
  lacks("<serial>/pieeprom.sig", five, "config"),
  has("<serial>/config.txt", "read", five, "config", 300, 300),
  has("<serial>/bcm2712-rpi-5-b.dtb", "read", five, "config", 78_000, 1024),
  lacks("<serial>/overlays/overlay_map.dtb", five, "config"),
  has("<serial>/cmdline.txt", "read", five, "config", 300, 300),
];

// Asked by start.elf once it runs.
function startStage(dtb: string, names: FirmwareNames, options: Options): FirmwareFile[] {
  const config = has("<serial>/config.txt", "probe-then-read", options, "config", 300, 300);
  const recovery = lacks("<serial>/recovery.elf", options, "config");
  const map = lacks("<serial>/overlays/overlay_map.dtb", options, "config");
  const overlays = names.overlays ?? [];
  return [
    recovery,
    config,
    lacks("<serial>/dt-blob.bin", options, "config"),
    recovery,
    config,
    lacks("<serial>/bootcfg.txt", options, "config"),
    has(`<serial>/${dtb}`, "probe-then-read", options, "config", 33_000, 1024),
    map,
    map,
    config,
    ...overlays.map((name) => has(`<serial>/overlays/${name}.dtbo`, "probe-then-read", options, "config", 1500, 256)),
    has("<serial>/cmdline.txt", "probe-then-read", options, "config", 300, 300),
    ...["recovery8.img", "recovery8-32.img", "recovery7.img", "recovery.img", "kernel8-32.img"].map((name) =>
      lacks(`<serial>/${name}`, options, "kernel"),
    ),
    ...kernelStage(names, options),
  ];
}

function kernelStage(names: FirmwareNames, options: Options): FirmwareFile[] {
  const kernel = `<serial>/${names.kernel}`;
  return [
    has(kernel, "probe", options, "kernel", 8_150_000, 12_288),
    lacks("<serial>/armstub8.bin", options, "kernel"),
    has(kernel, "read", options, "kernel", 8_150_000, 12_288),
    has(`<serial>/${names.initrd}`, "read", options, "initrd", 12_000_000, 8192),
  ];
}

function has(
  path: string,
  asks: FirmwareFile["asks"],
  options: Options,
  step: BootStep,
  sizeBytes: number,
  smallBytes: number,
): FirmwareFile {
  return { path, isExpectedMissing: false, asks, options, step, sizeBytes, smallBytes };
}

function lacks(path: string, options: Options, step: BootStep): FirmwareFile {
  return { path, isExpectedMissing: true, asks: "read", options, step, sizeBytes: 0, smallBytes: 0 };
}
