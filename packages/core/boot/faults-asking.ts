import type { Fault } from "./faults.ts";

/** From power to the first file: the board asks, or does not, and takes the answer, or does not. */
export const faultsOfAsking: readonly Fault[] = [
  {
    id: "group-dark",
    when: "stopped",
    steps: ["power"],
    test: (_, { neighbours }) => neighbours.powered >= 2 && neighbours.asked === 0,
    cause: (_, { neighbours }) =>
      `It has power and never asked to boot; nor did any of the ${neighbours.powered} beside it.`,
    advice: () =>
      "Look at what they share: has the switch power and its uplink, is it on the head's network (VLAN), does it let DHCP through (DHCP snooping), does the supply give 5 V?",
    source: "what is shared fails together",
  },
  {
    id: "no-otp-bit",
    when: "stopped",
    steps: ["power"],
    test: (_, { model }) => /^pi-?(2b|3b)$/i.test(model ?? ""),
    cause: () =>
      "It has power and never asked to boot. A Raspberry Pi 2B or 3B asks only once its netboot bit (OTP) is set; and a card or stick in it comes first.",
    advice: () =>
      "Take out the SD card and USB stick. If it stays silent, set the bit: start it once from a card with program_usb_boot_mode=1 in config.txt; `vcgencmd otp_dump` then shows 17:3020000a. Then cable and port.",
    source: "Raspberry Pi documentation, network booting",
  },
  {
    id: "never-asked",
    when: "stopped",
    steps: ["power"],
    test: () => true,
    cause: ({ previous }) =>
      `It has power and never asked to boot${previous?.outcome === "up" ? ", although it did before" : ""}: it starts from something else, or its network cable does nothing.`,
    advice: () =>
      "Take out the SD card and USB stick: they come first. Do the lights of its network port come on some five seconds after power? If not: cable, then the port of the switch, then the board. A Pi 4 or 5 needs network in its BOOT_ORDER.",
    source: "Raspberry Pi documentation, boot sequence",
  },
  {
    id: "own-disk",
    when: "stopped",
    steps: ["discover", "offer"],
    test: ({ client, isBoot }) => client?.kind === "os" && isBoot !== false,
    cause: () => "An operating system asked for an address, no firmware did: it started from an SD card or USB stick.",
    advice: () =>
      "Take out the card or stick and cycle its power. If it is meant to start from its own disk, say so: `bramble boot set BOARD local`.",
    source: "Raspberry Pi documentation, boot sequence",
  },
  {
    id: "local-silent",
    when: "stopped",
    steps: ["discover", "offer"],
    test: ({ isBoot }) => isBoot === false,
    cause: () => "Its plan says that it boots from its own disk; it took its address, and no agent came.",
    advice: () =>
      "Is there a disk with a system and the agent in it? `bramble boot set BOARD live` boots it over the network.",
    source: "its boot plan",
  },
  {
    id: "unanswered",
    when: "stopped",
    steps: ["discover"],
    test: ({ offers }) => offers === 0,
    cause: ({ steps }) => `It asked to boot ${times(steps.discover.asks)} and got no answer from this head.`,
    advice: () =>
      "See the alarms of `bramble boot`: no address left in the pool, a disk that cannot be written, or --dhcp off. Then cycle its power: the ROM does not ask again.",
    source: "RFC 2131, section 4.3.1",
  },
  {
    id: "rogue-dhcp",
    when: "stopped",
    steps: ["discover", "offer"],
    test: (_, { rogue }) => rogue !== null,
    cause: (_, { rogue }) =>
      `It was answered and asked for no file; another DHCP server (${rogue}) answers on this network too.`,
    advice: () =>
      "Switch the other one off, or let it give the addresses and start this head with --dhcp proxy. Then cycle the board's power.",
    source: "RFC 2131, section 3.1; Intel PXE 2.1, section 2.2",
  },
  {
    id: "rom-gave-up",
    when: "stopped",
    steps: ["discover", "offer"],
    test: ({ client, steps }) => client?.kind === "pi-rom" && steps.discover.asks >= 5,
    cause: ({ steps }) =>
      `Its ROM asked ${times(steps.discover.asks)}, took none of our answers and has given up: it does not ask again.`,
    advice: () =>
      "Only cycling its power helps now. If it happens again, answers are lost on their way: cable, port, a switch that holds back ports for spanning tree (set its port to edge or portfast).",
    source: "raspberrypi/firmware issues 825, 975, 1081",
  },
  {
    id: "deaf-3b",
    when: "stopped",
    steps: ["discover", "offer"],
    test: ({ client }) => client?.kind === "pi-rom" && client.model === "3b",
    cause: () =>
      "It was answered and asked for no file. The ROM of a 3B misses an answer that comes before its own one-second timer, unless some other frame follows.",
    advice: () => "Cycle its power. The head delays its answers to a 3B for this; a busy switch may undo that.",
    source: "openSUSE/netboot-rpi3b; raspberrypi/firmware issues 764, 934",
  },
  {
    id: "eeprom-skips",
    when: "stopped",
    steps: ["discover", "offer"],
    test: ({ client }) => client?.kind === "pi-eeprom",
    cause: () =>
      "It was answered and asked for no file: its EEPROM skips offers without its words in option 43, or asks elsewhere.",
    advice: () =>
      "Look at the EEPROM's settings with `rpi-eeprom-config`: TFTP_IP must be unset or this head, PXE_OPTION43 unset, BOOT_ORDER with a 2 in it; then update the EEPROM.",
    source: "Raspberry Pi documentation, EEPROM bootloader",
  },
  {
    id: "offer-not-taken",
    when: "stopped",
    steps: ["discover", "offer"],
    test: () => true,
    cause: ({ offers }) =>
      `It was answered ${times(offers)} and asked for no file: the answer was lost, or was not to its liking.`,
    advice: () =>
      "Cycle its power. If it happens again: is TFTP (UDP 69) let through by the firewall of the head, is there another DHCP server?",
    source: "raspberrypi/firmware issues 670, 764",
  },
];

function times(count: number): string {
  return count === 1 ? "once" : count === 2 ? "twice" : `${count} times`;
}
