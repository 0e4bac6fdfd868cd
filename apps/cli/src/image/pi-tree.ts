import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { CommandError } from "../problem.ts";
import { kernelVersion } from "./initrd.ts";

/**
 * Writes the folder that the firmware of a Raspberry Pi 3, 4 and 5 reads. config.txt and cmdline.txt are not in it: the head
 * writes those for each board.
 */
export function buildPiTree(parts: string, tree: string): void {
  mkdirSync(join(tree, "overlays"), { recursive: true });
  const firmware = join(parts, "firmware/usr/lib/raspi-firmware");
  if (!existsSync(firmware)) throw new CommandError("the package raspi-firmware has no firmware");
  for (const name of readdirSync(firmware)) {
    if (/^(bootcode\.bin|start4?(cd|_cd)?\.elf|fixup4?(cd|_cd)?\.dat)$/.test(name))
      copyFileSync(join(firmware, name), join(tree, name));
  }
  for (const name of readdirSync(join(firmware, "overlays"), { withFileTypes: true }))
    if (name.name.endsWith(".dtbo"))
      copyFileSync(join(firmware, "overlays", name.name), join(tree, "overlays", name.name));

  const version = kernelVersion(parts);
  const trees = join(parts, "kernel/usr/lib", `linux-image-${version}`, "broadcom");
  // By Linux's own names. The firmware asks for those when config.txt says `upstream_kernel=1`, as Debian's does.
  for (const name of readdirSync(trees).filter((each) => /^bcm2(837|711|712)-rpi-.*\.dtb$/.test(each)))
    copyFileSync(join(trees, name), join(tree, name));
  // The firmware unpacks gzip itself: a third of the size, and on a Pi 3 a third of the half minute that TFTP takes.
  writeFileSync(
    join(tree, "kernel8.img"),
    gzipSync(readFileSync(join(parts, "kernel/boot", `vmlinuz-${version}`)), { level: 9 }),
  );
}
