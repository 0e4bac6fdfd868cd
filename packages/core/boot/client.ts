/**
 * What kind of machine asks to boot, told apart by its MAC's maker, option 97, 60, 77 and 93: never by arch 0 alone, which
 * Raspberry Pis share with every x86 BIOS.
 */
export type BootClient =
  /** The mask ROM or bootcode.bin of a Raspberry Pi 2 and 3: takes the first offer that it likes, never sends a REQUEST. */
  | { readonly kind: "pi-rom"; readonly model: "3b" | "3b+"; readonly serial: string | null }
  /** The EEPROM bootloader of a Raspberry Pi 4 and 5. */
  | { readonly kind: "pi-eeprom"; readonly model: "4" | "5"; readonly serial: string | null }
  | { readonly kind: "ipxe"; readonly arch: BootArch }
  | { readonly kind: "uefi"; readonly arch: BootArch }
  | { readonly kind: "uefi-http"; readonly arch: BootArch }
  | { readonly kind: "u-boot"; readonly arch: BootArch }
  | { readonly kind: "bios" }
  /** An operating system that wants an address and nothing to boot. */
  | { readonly kind: "os" };

/** Processor of a client that says so (option 93, RFC 4578 §2.1). */
export type BootArch = "x86" | "amd64" | "arm" | "arm64" | "unknown";
