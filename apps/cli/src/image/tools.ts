import { accessSync, constants, existsSync, readFileSync, statfsSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { CommandError } from "../problem.ts";
import type { Environment, Execute } from "./execute.ts";
import type { ImageArch } from "./request.ts";

/** A program that a build calls, and the Debian package that has it. */
type Tool = { readonly program: string; readonly debian: string };

const tools: readonly Tool[] = [
  { program: "mmdebstrap", debian: "mmdebstrap" },
  { program: "sqfstar", debian: "squashfs-tools" },
  { program: "depmod", debian: "kmod" },
  { program: "xz", debian: "xz-utils" },
  { program: "tar", debian: "tar" },
  { program: "dpkg-deb", debian: "dpkg" },
];
// For the other processor: what runs its programs, and what mmdebstrap asks whether they run.
const emulation: readonly Tool[] = [
  { program: "qemu-aarch64-static", debian: "qemu-user-static" },
  { program: "arch-test", debian: "arch-test" },
];

/** What a build takes from this machine. */
export type Machine = { readonly arch: ImageArch; readonly isRoot: boolean };

/** This machine, as far as a build cares. @throws CommandError where no image can be built: not Linux, or another processor. */
export function thisMachine(): Machine {
  const arch = process.arch === "x64" ? "amd64" : process.arch === "arm64" ? "arm64" : null;
  if (process.platform !== "linux" || arch === null)
    throw new CommandError(
      `images are built on Linux, on amd64 or arm64; this is ${process.platform} on ${process.arch}`,
    );
  return { arch, isRoot: process.getuid?.() === 0 };
}

/**
 * Sees to it that all programs of a build are there: installs their packages when root.
 *
 * @throws CommandError that names the packages and the line that installs them.
 */
export async function ensureTools(
  arch: ImageArch,
  machine: Machine,
  execute: Execute,
  { env: environment, note }: { readonly env: Environment; readonly note: (line: string) => void },
): Promise<void> {
  const isInstalled = (program: string): boolean => isIn(environment, program);
  const missing = [...tools, ...(arch === machine.arch ? [] : emulation)].filter(
    ({ program }) => !isInstalled(program),
  );
  const packages = missing.map(({ debian }) => debian);
  if (packages.length > 0 && machine.isRoot && isInstalled("apt-get")) {
    note(`installing ${packages.join(", ")}`);
    const env = { DEBIAN_FRONTEND: "noninteractive" };
    await execute.run("installing packages", "apt-get", ["-qq", "update"], { env }).catch(() => {});
    await execute.run(
      "installing packages",
      "apt-get",
      ["-qq", "install", "-y", "--no-install-recommends", ...packages],
      { env },
    );
  } else if (packages.length > 0)
    throw new CommandError(`${missing.map(({ program }) => program).join(", ")}: not on this machine`, {
      hint: `On Debian: sudo apt-get install ${packages.join(" ")}`,
    });
  if (!machine.isRoot) checkNamespaces(environment);
  if (arch !== machine.arch) await ensureEmulation(machine, execute, note);
}

/** @throws CommandError when `folder` has less room than a build takes. */
export function checkSpace(folder: string, neededMb = 2500): void {
  const { bavail, bsize } = statfsSync(folder);
  const freeMb = Math.floor((bavail * bsize) / 1_000_000);
  if (freeMb < neededMb)
    throw new CommandError(`${folder} has ${freeMb} MB free; building an image takes ${neededMb} MB`);
}

// Without root mmdebstrap works in a user namespace, which needs a range of user ids.
function checkNamespaces(environment: Environment): void {
  const user = environment.USER ?? environment.LOGNAME ?? String(process.getuid?.());
  const has = (file: string): boolean =>
    existsSync(file) &&
    readFileSync(file, "utf8")
      .split("\n")
      .some((line) => line.startsWith(`${user}:`));
  if (!isIn(environment, "newuidmap") || !has("/etc/subuid") || !has("/etc/subgid"))
    throw new CommandError(
      `building an image takes root, or a range of user ids for ${user} in /etc/subuid and /etc/subgid and the package uidmap`,
      { hint: "Easiest: sudo npx bramble image build …" },
    );
}

const binfmt = "/proc/sys/fs/binfmt_misc";

// Programs of the other processor run by the kernel's binfmt_misc, through QEMU, inside the new root too (flag F).
async function ensureEmulation(machine: Machine, execute: Execute, note: (line: string) => void): Promise<void> {
  const works = (): boolean => {
    const file = join(binfmt, "qemu-aarch64");
    return existsSync(file) && /^flags: .*F/m.test(readFileSync(file, "utf8"));
  };
  if (works()) return;
  if (!machine.isRoot)
    throw new CommandError("this kernel does not run arm64 programs through QEMU yet, and only root can tell it to", {
      hint: "On Debian: sudo apt-get install qemu-user-static arch-test binfmt-support",
    });
  note("telling the kernel to run arm64 programs through QEMU (binfmt_misc)");
  if (!existsSync(join(binfmt, "register")))
    await execute.run("mounting binfmt_misc", "mount", ["-t", "binfmt_misc", "binfmt_misc", binfmt]);
  const old = join(binfmt, "qemu-aarch64");
  if (existsSync(old)) writeFileSync(old, "-1");
  writeFileSync(join(binfmt, "register"), arm64Line);
  if (!works()) throw new CommandError("the kernel did not take QEMU for arm64 programs (binfmt_misc)");
}

// ELF, 64 bits, little-endian, EM_AARCH64, as qemu's scripts/qemu-binfmt-conf.sh has it; F: opened now, so that it is there in a root of its own.
const arm64Line =
  ":qemu-aarch64:M::\\x7fELF\\x02\\x01\\x01\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x02\\x00\\xb7\\x00:" +
  "\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\x00\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xfe\\xff\\xff\\xff:/usr/bin/qemu-aarch64-static:OCF";

function isIn({ PATH }: Environment, program: string): boolean {
  const folders = [...(PATH ?? "").split(delimiter), "/usr/sbin", "/sbin"];
  return folders.some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return folder !== "";
    } catch {
      return false;
    }
  });
}
