import type { Mac } from "../base/index.ts";
import type { BootPlanKind, ImageManifest, ImagePlan } from "./plan.ts";

/** What is filled in for one board. */
export type BoardFacts = {
  readonly name: string;
  readonly mac: Mac;
  /** Hex digits, null while unknown. */
  readonly serial: string | null;
  readonly address: string | null;
  /** URL of the head's API, without a slash at its end. */
  readonly head: string;
  /** URL of the HTTP boot server, without a slash at its end. */
  readonly boot: string;
};

/** What one board boots. */
export type BootWork = {
  readonly manifest: ImageManifest;
  readonly plan: Exclude<BootPlanKind, "local">;
  /** `172.20.0.10:/srv/bramble/root` where the root comes by NFS, else null: then by HTTP, if at all. */
  readonly nfs: string | null;
  /** Lines that the image adds to config.txt: its own `config.txt`, in `tree`. */
  readonly settings: string;
};

/** The folder of a board in the boot tree that never changes: its MAC with dashes. */
export function folderOf(board: Mac): string {
  return board.replaceAll(":", "-");
}

/**
 * A board's kernel command line: one line, the plan's own with its variables filled in.
 *
 * What a variable brings can add no word and no line: anything but plain characters in it becomes `_`.
 */
export function cmdlineFor({ manifest, plan, nfs }: BootWork, facts: BoardFacts): string {
  const { cmdline, root } = manifest.plans[plan];
  const values: Record<(typeof variables)[number], string> = {
    name: facts.name,
    mac: facts.mac,
    serial: facts.serial ?? "",
    address: facts.address ?? "",
    head: facts.head,
    boot: facts.boot,
    root: nfs === null && root.kind !== "none" ? `${facts.boot}/boot/${folderOf(facts.mac)}/${rootFile}` : "",
    nfs: root.kind === "none" ? "" : (nfs ?? ""),
    plan,
  };
  const filled = cmdline.replace(VARIABLE, (_, name: string) => plain(values[name as keyof typeof values] ?? ""));
  return filled.replace(/\s+/g, " ").trim();
}

/** The root's name in a board's folder, whatever it is called in the image. */
export const rootFile = "root.squashfs";

/** Variables of a command line that mean nothing. */
export function unknownVariables(cmdline: string): string[] {
  const known: ReadonlySet<string> = new Set(variables);
  return [...cmdline.matchAll(VARIABLE)].map((match) => match[1] ?? "").filter((name) => !known.has(name));
}

/** `cmdline.txt` of a Raspberry Pi: the kernel's command line and a line's end. */
export function cmdlineTxt(work: BootWork, facts: BoardFacts): string {
  return `${cmdlineFor(work, facts)}\n`;
}

/**
 * `config.txt` of a Raspberry Pi; null where the image is for no Pi.
 *
 * The firmware reads 98 characters of a line and no more. It reads the file up to seven times in one boot, so what this
 * gives must be kept for as long as the boot lasts. `gpu_mem=16` is left out on purpose: with it the firmware wants
 * start_cd.elf instead of start.elf.
 */
export function configTxt(work: BootWork, facts: BoardFacts): string | null {
  const { manifest, plan, settings } = work;
  const files = piFiles(manifest, manifest.plans[plan]);
  if (files === null) return null;
  const lines = [
    `# ${plain(facts.name)} (${facts.mac}): plan ${plan}, image ${manifest.name}. Made by Bramble.`,
    ...(manifest.arch === "arm64" ? ["arm_64bit=1"] : []),
    // Without it the serial console of a Pi 3 runs at a speed that follows the core's clock.
    "enable_uart=1",
    "disable_splash=1",
    // Debian's kernels name the device trees of the Pi 3 as upstream does; the firmware must be told to look for those.
    ...(hasUpstreamTrees(manifest) ? ["upstream_kernel=1"] : []),
    `kernel=${files.kernel}`,
    `initramfs ${files.initrd} followkernel`,
    ...imageLines(settings),
  ];
  return `${lines.map((line) => line.slice(0, maxLine)).join("\n")}\n`;
}

/**
 * The kernel and the initial RAM disk as a Raspberry Pi asks for them, relative to its own folder, and where they stand in
 * the image. Null without a tree.
 */
export function piFiles(
  manifest: ImageManifest,
  plan: ImagePlan,
): { readonly kernel: string; readonly initrd: string; readonly initrdFile: string } | null {
  const { tree, piKernel } = manifest;
  if (tree === null || piKernel === null) return null;
  const isInside = plan.initrd.startsWith(`${tree}/`);
  const initrd = isInside ? plan.initrd.slice(tree.length + 1) : baseName(plan.initrd);
  return { kernel: piKernel, initrd, initrdFile: plan.initrd };
}

/** The last part of a path. */
function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

const variables = ["name", "mac", "serial", "address", "head", "boot", "root", "nfs", "plan"] as const;
const VARIABLE = /\$\{([^}]*)\}/g;
const maxLine = 98;

/** What stands in an image's own config.txt and is not decided here. */
function imageLines(settings: string): string[] {
  const lines = settings
    .split(/\r?\n/)
    .filter((line) => !/^\s*(kernel|initramfs|ramfsfile|cmdline|os_prefix|#|$)/.test(line));
  return lines.length === 0 ? [] : ["# From the image's own config.txt:", ...lines];
}

function hasUpstreamTrees({ tree, files }: ImageManifest): boolean {
  const has = (name: string): boolean => Object.hasOwn(files, `${tree}/${name}`);
  return has("bcm2837-rpi-3-b-plus.dtb") && !has("bcm2710-rpi-3-b-plus.dtb");
}

/** Only what cannot end a word, a line or a quotation, whoever reads it. */
export function plain(value: string): string {
  return value.slice(0, 300).replace(/[^A-Za-z0-9._:/@+,=[\]-]/g, "_");
}
