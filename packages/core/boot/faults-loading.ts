import type { Fault } from "./faults.ts";
import type { Lane } from "./lane.ts";
import type { LaneFile } from "./lane-files.ts";

/** From the first file to the kernel: what the firmware asks for by TFTP. */
export const faultsOfLoading: readonly Fault[] = [
  {
    id: "arp-lost",
    when: "stopped",
    steps: ["bootcode"],
    test: (lane) => {
      const bootcode = fileOf(lane, /bootcode\.bin$/i);
      return bootcode !== null && !bootcode.isRead && bootcode.outcome !== "missing";
    },
    cause: () =>
      "It asked for bootcode.bin and the answer did not reach it: in its ROM a Pi 3 no longer says where it is once it loads (ARP).",
    advice: () =>
      "The head needs the right to keep its neighbour entries (CAP_NET_ADMIN): `ip neigh show nud permanent` lists them. Then cycle the board's power.",
    source: "raspberrypi/firmware issues 745, 859, 1078",
  },
  {
    id: "bootcode-missing",
    when: "stopped",
    steps: ["bootcode"],
    test: (lane) => isMissing(lane, /bootcode\.bin$/i),
    cause: () => "Its ROM asked for bootcode.bin, and its image has none.",
    advice: () => "Build the image anew with `bramble image build`, for arm64; a Pi 3 cannot start without that file.",
    source: "Raspberry Pi documentation, network booting",
  },
  {
    id: "bootsig-stuck",
    when: "stopped",
    steps: ["bootcode"],
    test: (lane) => isRead(lane, /bootcode\.bin$/i),
    cause: () =>
      "It has bootcode.bin and asked for nothing more: it hangs between the ROM and bootcode.bin (bootsig.bin).",
    advice: () =>
      "Cycle its power; when many are powered within half a second this is common. If it is always the same board: cable, port, supply.",
    source: "raspberrypi/firmware issues 764, 937, 1124",
  },
  {
    id: "loader-stopped",
    when: "stopped",
    steps: ["bootcode"],
    test: () => true,
    cause: (lane) => `It went no further than its loader${lastFile(lane)}.`,
    advice: () => "Look at its screen: a loader that gives up says why. Then cycle its power.",
    source: "what the servers saw",
  },
  {
    id: "start-missing",
    when: "stopped",
    steps: ["start"],
    test: (lane) =>
      isMissing(lane, /start\w*\.elf$/i) &&
      !lane.files.some(({ path, outcome }) => isStart(path) && outcome !== "missing"),
    cause: () => "It found no start.elf, neither in the folder of its serial number nor beside it.",
    advice: () => "Its image has no firmware for this model: `bramble boot show BOARD` names the files; build it anew.",
    source: "Raspberry Pi documentation, network booting",
  },
  {
    id: "fixup-lost",
    when: "stopped",
    steps: ["start"],
    test: (lane) => isRead(lane, /start\w*\.elf$/i) && !isRead(lane, /fixup\w*\.dat$/i),
    cause: () =>
      "It has start.elf and not the fixup.dat that belongs to it: a rainbow on its screen, or half of its memory missing.",
    advice: () =>
      "Both must be of one release: build the image anew rather than copying one of them. Then cycle its power.",
    source: "raspberrypi/firmware issue 1041",
  },
  {
    id: "rainbow",
    when: "stopped",
    steps: ["start"],
    test: (lane) => isRead(lane, /start\w*\.elf$/i),
    cause: () =>
      "It has start.elf and fixup.dat and asked for nothing more. Its screen shows a rainbow: the firmware was loaded and does not run.",
    advice: () =>
      "Are start.elf and fixup.dat of one release, and new enough for this model? When many are powered at once it also happens by chance: cycle its power once.",
    source: "raspberrypi/firmware issues 764, 1041",
  },
  {
    id: "start-broken",
    when: "stopped",
    steps: ["start"],
    test: () => true,
    cause: (lane) => `It came as far as start.elf and did not get it whole${lastFile(lane)}.`,
    advice: advise,
    source: "what the servers saw",
  },
  {
    id: "config-missing",
    when: "stopped",
    steps: ["config"],
    test: (lane) => isMissing(lane, /(bcm27\w*-rpi-[\w-]+\.dtb|cmdline\.txt|\.ipxe|grub\.cfg)$/i),
    cause: (lane) => `A file that it cannot do without is not in its image: ${missingName(lane)}.`,
    advice: () => "Build the image anew, for this model; `bramble boot show BOARD` lists what it asked for.",
    source: "Raspberry Pi documentation, config.txt",
  },
  {
    id: "config-stopped",
    when: "stopped",
    steps: ["config"],
    test: () => true,
    cause: (lane) => `It stopped while it read its settings${lastFile(lane)}.`,
    advice: advise,
    source: "what the servers saw",
  },
  {
    id: "kernel-missing",
    when: "stopped",
    steps: ["kernel"],
    test: (lane) => !lane.files.some(({ step, outcome }) => step === "kernel" && outcome !== "missing"),
    cause: () => "It found no kernel under any of the names that it knows.",
    advice: () =>
      "The image has a kernel for another processor, or config.txt names none: `bramble boot show BOARD` lists the names that it asked for.",
    source: "raspberrypi/firmware issue 1362",
  },
  {
    id: "kernel-probed",
    when: "stopped",
    steps: ["kernel"],
    test: ({ files }) =>
      files.every(({ step, outcome }) => step !== "kernel" || outcome === "probed" || outcome === "missing"),
    cause: () => "It looked whether the kernel is there and then did not ask for it.",
    advice: () => "Cycle its power. If it happens again, its bootcode.bin is old: build the image anew.",
    source: "raspberrypi/firmware issues 1362, 1700",
  },
  {
    id: "kernel-cut",
    when: "stopped",
    steps: ["kernel"],
    test: ({ steps }) => steps.kernel.percent !== null && steps.kernel.percent < 100,
    cause: ({ steps }) =>
      `It has ${steps.kernel.percent} % of the kernel${resent(steps.kernel.resends)}; then it stopped taking blocks.`,
    advice: advise,
    source: "RFC 1350, section 2; raspberrypi/firmware issue 1041",
  },
  {
    id: "kernel-dead",
    when: "stopped",
    steps: ["kernel"],
    test: () => true,
    cause: () => "It has the whole kernel and asked for nothing more: no initial RAM disk, and no sign of the kernel.",
    advice: () =>
      "Does config.txt name the RAM disk (`initramfs`), and is the kernel for this processor? A serial console shows what the kernel says.",
    source: "Raspberry Pi documentation, config.txt",
  },
];

/** What helps when blocks are lost on the way. */
function advise({ steps, at }: Lane): string {
  const { resends } = steps[at ?? "discover"];
  return resends > 0
    ? "Blocks are lost on the way: change its cable, then its port, and see that the port runs at 100 Mbit/s full duplex or more."
    : "Cycle its power. If it stops there again: another cable, another port of the switch, another board in its place, in this order.";
}

function resent(resends: number): string {
  return resends === 0 ? "" : `, and ${resends} blocks had to be sent again`;
}

function fileOf({ files }: Lane, name: RegExp): LaneFile | null {
  return files.findLast(({ path }) => name.test(path)) ?? null;
}

function isMissing(lane: Lane, name: RegExp): boolean {
  return lane.files.some(({ path, outcome }) => outcome === "missing" && name.test(path)) && !isRead(lane, name);
}

function isRead({ files }: Lane, name: RegExp): boolean {
  return files.some(({ path, isRead }) => isRead && name.test(path));
}

function isStart(path: string): boolean {
  return /start\w*\.elf$/i.test(path);
}

function missingName({ files }: Lane): string {
  return files.findLast(({ outcome, step }) => outcome === "missing" && step === "config")?.path ?? "";
}

/** `; the last file was config.txt, of which 300 of 512 octets came`. */
function lastFile({ files }: Lane): string {
  const last = files.at(-1);
  if (last === undefined) return "";
  const why = last.why === null ? "" : `: ${last.why}`;
  return `; it asked last for ${last.path} (${words[last.outcome]}${why})`;
}

const words: Readonly<Record<LaneFile["outcome"], string>> = {
  moving: "not received whole",
  done: "received",
  missing: "not there",
  probed: "only looked for",
  failed: "failed",
};
