import type { BoardFacts, BootPlanKind, BootWork } from "@bramble/core/boot";
import {
  cmdlineTxt,
  configTxt,
  encodeUbootScript,
  grubCfg,
  ipxeLocal,
  ipxeMenu,
  ipxeScript,
  loaderFiles,
  piFiles,
  pxelinuxCfg,
  rootFile,
  ubootScript,
} from "@bramble/core/boot";
import type { Image, ImageFile } from "./images.ts";

/** What one board is to boot, as it stands now. */
export type BoardBoot = {
  readonly plan: BootPlanKind;
  /** Null when there is none that suits the board. */
  readonly image: Image | null;
  /** `172.20.0.10:/srv/root` where its root comes by NFS. */
  readonly nfs: string | null;
  /** A board without a slot is asked at its screen, where it has one. */
  readonly isStranger: boolean;
  readonly facts: BoardFacts;
};

/** One board's boot: plan and image as they were when it began, and everything that was made for it, made once. */
export type BootSession = {
  /** A file of the board's folder; null when it is not there. */
  readonly file: (rest: string) => ImageFile | null;
};

/**
 * Begin a boot.
 *
 * @param facts asked when the first file is made: the serial is often learned only by that request.
 */
export function beginSession(boot: BoardBoot, facts: () => BoardFacts): BootSession {
  const made = new Map<string, ImageFile | null>();
  return {
    file(rest) {
      // A signed bootcode.bin was never released: the mask ROM of a Pi 3 asks for it each time, and waits for a no.
      if (rest === "bootsig.bin") return null;
      const key = madeFiles.find(([pattern]) => pattern.test(rest))?.[1];
      if (key === undefined) return boot.plan === "local" || boot.image === null ? null : imageFile(boot, rest);
      const kept = made.get(key);
      if (kept !== undefined) return kept;
      const text = render(key, boot, facts());
      const file: ImageFile | null = text === null ? null : { kind: "bytes", bytes: text };
      made.set(key, file);
      return file;
    },
  };
}

type Made = "config" | "cmdline" | "ipxe" | "uboot" | "pxelinux" | "grub";

/** Names of files that no image holds. U-Boot and GRUB try several, down to a default: each means the board that asks. */
const madeFiles: readonly (readonly [RegExp, Made])[] = [
  [/^config\.txt$/, "config"],
  [/^cmdline\.txt$/, "cmdline"],
  [/^(autoexec|boot)\.ipxe$/, "ipxe"],
  [/^boot\.scr(\.uimg)?$/, "uboot"],
  [/^pxelinux\.cfg\/[^/]+$/, "pxelinux"],
  [/^(.*\/)?grub\.cfg(-[0-9a-fA-F-]+)?$/, "grub"],
];

function render(what: Made, boot: BoardBoot, facts: BoardFacts): Uint8Array | null {
  const { plan, image, nfs, isStranger } = boot;
  const text = new TextEncoder();
  if (plan === "local" || image === null) return what === "ipxe" ? text.encode(ipxeLocal()) : null;
  const { manifest, settings } = image;
  const work: BootWork = { manifest, plan, nfs, settings };
  switch (what) {
    case "config": {
      const made = configTxt(work, facts);
      return made === null ? null : text.encode(made);
    }
    case "cmdline":
      return manifest.tree === null ? null : text.encode(cmdlineTxt(work, facts));
    case "ipxe":
      return text.encode(isStranger && plan === "discovery" ? ipxeMenu(work, facts) : ipxeScript(work, facts));
    case "pxelinux":
      return text.encode(pxelinuxCfg(work, facts));
    case "grub":
      return text.encode(grubCfg(work, facts));
    case "uboot":
      if (manifest.arch !== "arm" && manifest.arch !== "arm64") return null;
      return encodeUbootScript(ubootScript(work, facts), "bramble", manifest.arch);
  }
}

function imageFile({ plan, image }: BoardBoot, rest: string): ImageFile | null {
  if (image === null || plan === "local") return null;
  const { manifest } = image;
  if (rest === loaderFiles({ plan }).kernel) return image.file(manifest.kernel);
  // A menu offers plans other than the board's own, so each has its RAM disk in the folder.
  for (const each of ["live", "discovery", "rescue"] as const)
    if (rest === loaderFiles({ plan: each }).initrd) return image.file(manifest.plans[each].initrd);
  const { root } = manifest.plans[plan];
  if (rest === rootFile) return root.kind === "http" ? image.file(root.file) : null;
  const pi = piFiles(manifest, manifest.plans[plan]);
  if (pi !== null && rest === pi.initrd) return image.file(pi.initrdFile);
  const inTree = manifest.tree === null ? null : image.file(`${manifest.tree}/${rest}`);
  // The pair that a Pi 4 or 5 fetches by HTTP: a FAT image of the whole tree, and its signature.
  return inTree ?? (rest === "boot.img" || rest === "boot.sig" ? image.file(rest) : null);
}
