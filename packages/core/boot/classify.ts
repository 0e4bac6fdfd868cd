import type { Mac } from "../base/index.ts";
import type { BootArch, BootClient } from "./client.ts";
import type { DhcpMessage } from "./dhcp/message.ts";
import { hexOf } from "./dhcp/octets.ts";
import { optionCodes, textOf, u16Of } from "./dhcp/options.ts";

/** The makers' prefixes of Raspberry Pis, with the boards that were first seen with them. */
export const raspberryPiPrefixes: Readonly<Record<string, string>> = {
  "b8:27:eb": "Raspberry Pi 1 to 3",
  "dc:a6:32": "Raspberry Pi 4",
  "e4:5f:01": "Raspberry Pi 4, 400 and Compute Module 4",
  "28:cd:c1": "Raspberry Pi",
  "d8:3a:dd": "Raspberry Pi 4 and 5",
  "2c:cf:67": "Raspberry Pi 5",
  "88:a2:9e": "Raspberry Pi 5",
};

/** Whether a MAC is one that Raspberry Pi gives to its boards. */
export function isRaspberryPi(mac: Mac): boolean {
  return Object.hasOwn(raspberryPiPrefixes, mac.slice(0, 8));
}

/**
 * What asks, from one message of it.
 *
 * Raspberry Pis say that they are an x86 BIOS (option 93 is 0), so they are known by option 97, else by the maker of
 * their MAC. A Pi that runs iPXE, UEFI, U-Boot or Linux is what it runs. A Pi 4 whose option 97 is its serial four times
 * (DHCP_OPTION97=0) cannot be told from a Pi 5 that is set so; it is taken for a 4, their boots are the same.
 */
export function classify(message: DhcpMessage): BootClient {
  const vendorClass = textOf(message, optionCodes.vendorClass) ?? "";
  const code = u16Of(message, optionCodes.arch) ?? archInClass(vendorClass);
  const arch = (code === null ? undefined : archs[code]) ?? "unknown";
  if (isIpxe(message)) return { kind: "ipxe", arch: code === 0 ? "x86" : arch };
  if (vendorClass.startsWith("HTTPClient")) return { kind: "uefi-http", arch };
  if (/^\s*u-boot/i.test(vendorClass)) return { kind: "u-boot", arch: archOfUboot(vendorClass) ?? arch };
  const pi = code === null || code === 0 ? piOf(message, vendorClass) : null;
  if (pi !== null) return pi;
  if (code !== null && ubootArchs.has(code)) return { kind: "u-boot", arch };
  if (!vendorClass.startsWith("PXEClient")) return { kind: "os" };
  return code === null || code === 0 ? { kind: "bios" } : { kind: "uefi", arch };
}

function isIpxe(message: DhcpMessage): boolean {
  const userClass = textOf(message, optionCodes.userClass);
  // Bare as iPXE sends it, or with a length before it (RFC 3004 §4).
  return userClass === "iPXE" || userClass === "\u0004iPXE";
}

function piOf(message: DhcpMessage, vendorClass: string): BootClient | null {
  const { chaddr, options } = message;
  const uuid = options.get(optionCodes.uuid);
  const isPxe = vendorClass.startsWith("PXEClient");
  if (uuid?.length === 17 && uuid[0] === 0) {
    const model = modelIn(uuid);
    if (model !== null) return { kind: "pi-eeprom", model, serial: serialAt(uuid, 13) };
    if (isPxe && repeats(uuid) && serialAt(uuid, 1) === "44444444")
      return { kind: "pi-rom", model: "3b", serial: null };
    if (isRaspberryPi(chaddr) && isSerialFourTimes(uuid)) {
      const serial = serialAt(uuid, 1);
      // Its REQUEST has no option 60 (raspberrypi/rpi-eeprom issues 82 and 87).
      if (!chaddr.startsWith(prefixOfThree)) return { kind: "pi-eeprom", model: "4", serial };
      if (isPxe) return { kind: "pi-rom", model: "3b+", serial };
    }
  }
  if (!isPxe || !isRaspberryPi(chaddr)) return null;
  if (!chaddr.startsWith(prefixOfThree)) return { kind: "pi-eeprom", model: "4", serial: null };
  // Of a Pi 3 without a usable option 97 the list of options tells: a 3B+ also asks for 1 and 3.
  const isLonger = options.get(optionCodes.wanted)?.includes(optionCodes.subnetMask) === true;
  return { kind: "pi-rom", model: isLonger ? "3b+" : "3b", serial: null };
}

/** `RPi4` or `RPi5`, in either order of octets: builds of early 2020 wrote it backwards (raspberrypi/rpi-eeprom issue 103). */
function modelIn(uuid: Uint8Array): "4" | "5" | null {
  const isForward = uuid[1] === 0x52 && uuid[2] === 0x50 && uuid[3] === 0x69;
  const isBackward = uuid[4] === 0x52 && uuid[3] === 0x50 && uuid[2] === 0x69;
  const digit = isForward ? uuid[4] : isBackward ? uuid[1] : 0;
  return digit === 0x34 ? "4" : digit === 0x35 ? "5" : null;
}

function isSerialFourTimes(uuid: Uint8Array): boolean {
  const first = serialAt(uuid, 1);
  return first !== "00000000" && first !== "ffffffff" && repeats(uuid);
}

/** Whether four octets stand there four times. */
function repeats(uuid: Uint8Array): boolean {
  for (let at = 5; at < 17; at++) if (uuid[at] !== uuid[at - 4]) return false;
  return true;
}

/** 32 bits, little-endian, as the eight digits that its firmware asks files by. */
function serialAt(uuid: Uint8Array, at: number): string {
  return hexOf[uuid[at + 3]!]! + hexOf[uuid[at + 2]!]! + hexOf[uuid[at + 1]!]! + hexOf[uuid[at]!]!;
}

/** `PXEClient:Arch:00007:UNDI:003016` (RFC 4578 §2, Preboot Execution Environment specification 2.1). */
function archInClass(vendorClass: string): number | null {
  const digits = /^(?:PXE|HTTP)Client:Arch:(\d{5})/.exec(vendorClass)?.[1];
  return digits === undefined ? null : Number(digits);
}

/** `U-Boot.armv8`, `U-Boot.armv7.highbank`. */
function archOfUboot(vendorClass: string): BootArch | null {
  if (/armv8|arm64|aarch64/i.test(vendorClass)) return "arm64";
  if (/arm/i.test(vendorClass)) return "arm";
  return /x86_64/i.test(vendorClass) ? "amd64" : null;
}

const prefixOfThree = "b8:27:eb";

/** IANA, "Processor Architecture Types" of DHCPv6 parameters, which option 93 shares. */
const archs: Readonly<Record<number, BootArch>> = {
  0: "x86",
  6: "x86",
  7: "amd64",
  9: "amd64",
  10: "arm",
  11: "arm64",
  15: "x86",
  16: "amd64",
  18: "arm",
  19: "arm64",
  21: "arm",
  22: "arm64",
  23: "arm",
  24: "arm64",
};
/** U-Boot without a vendor class of its own. */
const ubootArchs: ReadonlySet<number> = new Set([0x15, 0x16, 0x17, 0x18]);
