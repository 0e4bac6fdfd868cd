import { unreachable } from "../../base/index.ts";
import type { BootClient } from "../client.ts";

/** One known fault or habit of a firmware, and what Bramble does about it. */
export type Quirk = {
  /** Which part of Bramble follows the rule; `operator`: nobody can, a person must know it. */
  readonly where: "reply" | "delivery" | "leases" | "neighbours" | "tftp" | "operator";
  readonly applies: (client: BootClient) => boolean;
  /** What the client does, and what we do. */
  readonly what: string;
  readonly source: string;
};

/** Every rule by its name; whoever follows one asks `follows`, so that this table is all there is to know. */
export const quirks = {
  "bind-at-offer": {
    where: "leases",
    applies: isRom,
    what: "Takes its address from the first usable OFFER and never sends a REQUEST. An offer holds its address as firmly as a lease.",
    source: "Raspberry Pi documentation, boot-net; raspberrypi/firmware issues 986, 1120, 1699",
  },
  "same-xid": {
    where: "leases",
    applies: isRom,
    what: "Every board at every boot uses the transaction id 0x26f30339. Boards are told apart by their MAC, never by xid.",
    source: "raspberrypi/firmware issues 764, 862, 1362, 1605",
  },
  "boot-words-with-spaces": {
    where: "reply",
    applies: isRom,
    what: "Counts the length of option 43 wrong: `Raspberry Pi Boot` is followed by three spaces.",
    source: "Raspberry Pi documentation, boot-net, known problems; raspberrypi/firmware issue 941",
  },
  "boot-words": {
    where: "reply",
    applies: isEeprom,
    what: "Skips an OFFER whose option 43 lacks the words of PXE_OPTION43, `Raspberry Pi Boot`.",
    source: "Raspberry Pi documentation, bootloader configuration; raspberrypi/rpi-eeprom issue 687",
  },
  "server-in-digits-last": {
    where: "reply",
    applies: isPi,
    what: "Has no resolver, and of options 43 (take the sender) and 66 the last one counts, which behind a relay must be 66. Option 66 is the boot server's address in digits, after 43; siaddr is filled in too.",
    source: "openSUSE/netboot-rpi3b README; raspberrypi/firmware issues 670, 801, 1101",
  },
  "no-file-name": {
    where: "reply",
    applies: isPi,
    what: "Ignores the boot file's name (file, option 67): it always asks for its own files.",
    source: "raspberrypi/firmware issue 1850; raspberrypi/rpi-eeprom issue 69",
  },
  "no-pad": {
    where: "reply",
    applies: isEeprom,
    what: "Builds before 2020-02 ignore a reply with PAD before END. All filling comes after END.",
    source: "raspberrypi/rpi-eeprom issue 82",
  },
  "no-hops": {
    where: "reply",
    applies: isThreeB,
    what: "Rejects replies whose hops field is not 0. Ours always is; a relay that counts replies still breaks a 3B.",
    source: "Raspberry Pi documentation, boot-net, known problems",
  },
  "late-reply": {
    where: "delivery",
    applies: isThreeB,
    what: "Does not act on an OFFER as it comes but at the next frame after its own timeout of a second; an OFFER within two seconds may lock it up. The reply waits, and small frames before and after it keep the ROM listening.",
    source: "openSUSE/netboot-rpi3b README; raspberrypi/firmware issues 764, 862, 934",
  },
  "no-request-class": {
    where: "reply",
    applies: isEeprom,
    what: "Its REQUEST has no option 60 though its DISCOVER has. It is known by option 97.",
    source: "raspberrypi/rpi-eeprom issues 82, 87",
  },
  "short-server-address": {
    where: "operator",
    applies: isEeprom,
    what: "The build of 2019-12-03 adds digits to an option 66 whose last number has fewer than three. Update the bootloader, or give the head an address that ends in three digits.",
    source: "raspberrypi/rpi-eeprom issue 72",
  },
  "no-arp": {
    where: "neighbours",
    applies: isThreeB,
    what: "Answers no ARP once TFTP has begun. The head keeps a permanent neighbour entry for each pinned board.",
    source: "Raspberry Pi documentation, boot-net, known problems; raspberrypi/firmware issue 1078",
  },
  "no-options-in-rom": {
    where: "tftp",
    applies: isRom,
    what: "Asks for bootcode.bin and bootsig.bin without options and wants no OACK. bootsig.bin must be answered with ERROR 1 at once.",
    source: "raspberrypi/firmware issues 745, 937, 1041",
  },
  "tsize-or-nothing": {
    where: "tftp",
    applies: isPi,
    what: "Firmware since 2020-04 takes a file for missing when tsize was asked and no OACK tells it.",
    source: "raspberrypi/firmware issue 1913",
  },
  "early-terminate": {
    where: "tftp",
    applies: isPi,
    what: "Probes whether a file exists: asks, ends with ERROR 0 `Early terminate`, asks again. That is no failure.",
    source: "Raspberry Pi documentation, boot-net; raspberrypi/firmware issue 1700",
  },
  "one-oack": {
    where: "tftp",
    applies: isRom,
    what: "A second OACK right after the request loses the file. OACK is repeated only after a second of silence.",
    source: "raspberrypi/firmware issue 1041",
  },
  "small-block-numbers": {
    where: "operator",
    applies: isEeprom,
    what: "Builds before 2025-09-23 do not wrap the block number: no file may be larger than 65535 blocks, 64 MB at 1024 octets.",
    source: "raspberrypi/rpi-eeprom issues 375, 720",
  },
  "no-boot-menu": {
    where: "reply",
    applies: (client) => ["bios", "uefi", "ipxe"].includes(client.kind),
    what: "Says arch 0 as a Raspberry Pi does, but takes the boot menu that suits a Pi for its own and finds nothing to boot. It never gets the words for a Pi in option 43.",
    source: "ltsp/ltsp pull request 417; raspberrypi/rpi-eeprom issues 60, 182",
  },
  "http-class": {
    where: "reply",
    applies: (client) => client.kind === "uefi-http",
    what: "Takes only an OFFER whose option 60 is `HTTPClient`; the boot file's name is a URL.",
    source: "UEFI specification 2.10, section 24.7.2",
  },
  "no-proxy-wait": {
    where: "reply",
    applies: (client) => client.kind === "ipxe",
    what: "Waits for a ProxyDHCP server after each OFFER, unless option 175.176 says that there is none.",
    source: "iPXE documentation, setting no-pxedhcp",
  },
} as const satisfies Record<string, Quirk>;

/** The name of a rule. */
export type QuirkId = keyof typeof quirks;

/** Whether a rule holds for this client. */
export function follows(id: QuirkId, client: BootClient): boolean {
  const quirk: Quirk = quirks[id];
  return quirk.applies(client);
}

/** What a client is, in a few words: `Raspberry Pi 3B+`, `iPXE (amd64)`. */
export function nameOfClient(client: BootClient): string {
  switch (client.kind) {
    case "pi-rom":
    case "pi-eeprom":
      return `Raspberry Pi ${client.model.toUpperCase()}`;
    case "ipxe":
      return `iPXE (${client.arch})`;
    case "uefi":
      return `UEFI (${client.arch})`;
    case "uefi-http":
      return `UEFI HTTP (${client.arch})`;
    case "u-boot":
      return `U-Boot (${client.arch})`;
    case "bios":
      return "PC BIOS";
    case "os":
      return "an operating system";
    default:
      return unreachable(client);
  }
}

function isRom(client: BootClient): boolean {
  return client.kind === "pi-rom";
}

function isThreeB(client: BootClient): boolean {
  return client.kind === "pi-rom" && client.model === "3b";
}

function isEeprom(client: BootClient): boolean {
  return client.kind === "pi-eeprom";
}

function isPi(client: BootClient): boolean {
  return isRom(client) || isEeprom(client);
}
