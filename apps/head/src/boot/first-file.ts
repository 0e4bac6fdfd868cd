import type { Mac } from "@bramble/core/base";
import { unreachable } from "@bramble/core/base";
import type { BootArch, BootClient } from "@bramble/core/boot";

/** The first thing that a client is told to fetch, by TFTP and by HTTP; null where it cannot be had that way. */
export type FirstFile = { readonly file: string | null; readonly url: string | null };

/**
 * What a client boots first: a loader of its processor out of those that are there; iPXE its script; a Raspberry Pi knows by
 * itself.
 *
 * @param names loaders that the head has. @param boot URL of the HTTP boot server, without a slash at its end.
 */
export function firstFile(client: BootClient, board: Mac, names: readonly string[], boot: string): FirstFile {
  const folder = board.replaceAll(":", "-");
  const loader = (arch: BootArch): string | null => loaders[arch].find((name) => names.includes(name)) ?? null;
  switch (client.kind) {
    case "pi-rom":
      return { file: "bootcode.bin", url: null };
    case "pi-eeprom":
      return { file: "start4.elf", url: null };
    case "ipxe":
      return { file: `${folder}/boot.ipxe`, url: `${boot}/ipxe/${folder}` };
    case "bios": {
      const file = names.includes("undionly.kpxe") ? "undionly.kpxe" : null;
      return { file, url: null };
    }
    case "uefi":
      return { file: loader(client.arch), url: null };
    case "uefi-http": {
      const file = loader(client.arch);
      return { file: null, url: file === null ? null : `${boot}/boot/${file}` };
    }
    case "u-boot":
      return { file: `${folder}/boot.scr.uimg`, url: null };
    case "os":
      return { file: null, url: null };
    default:
      return unreachable(client);
  }
}

/** Files of Debian's packages ipxe and grub-efi-*-signed, the better first. */
const loaders: Readonly<Record<BootArch, readonly string[]>> = {
  amd64: ["snponly.efi", "ipxe.efi", "grubnetx64.efi.signed", "grubnetx64.efi"],
  arm64: ["snponly-arm64.efi", "ipxe-arm64.efi", "grubnetaa64.efi.signed", "grubnetaa64.efi"],
  x86: ["snponly-i386.efi", "ipxe-i386.efi"],
  arm: [],
  unknown: ["snponly.efi", "ipxe.efi"],
};

/** The processor that an image must suit. */
export function archOf(client: BootClient | null): BootArch {
  if (client === null || client.kind === "os") return "unknown";
  if (client.kind === "pi-rom" || client.kind === "pi-eeprom") return "arm64";
  if (client.kind === "bios") return "amd64";
  return client.arch === "x86" ? "amd64" : client.arch;
}
