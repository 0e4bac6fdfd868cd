import fc from "fast-check";
import { expect, test } from "vitest";
import { mac } from "../base/index.ts";
import { classify, isRaspberryPi, raspberryPiPrefixes } from "./classify.ts";
import { optionCodes, textOctets } from "./dhcp/options.ts";
import { nameOfClient } from "./dhcp/quirks.ts";
import { bareMessage, packetOf, withOptions } from "./dhcp/testing.ts";

const { arch, uuid, vendorClass, userClass, wanted } = optionCodes;

test.each([
  ["pi3b-discover", { kind: "pi-rom", model: "3b", serial: null }, "Raspberry Pi 3B"],
  ["pi3b-plus-discover", { kind: "pi-rom", model: "3b+", serial: "a2ef5644" }, "Raspberry Pi 3B+"],
  ["pi3b-plus-relayed", { kind: "pi-rom", model: "3b+", serial: "a2ef5644" }, "Raspberry Pi 3B+"],
  ["pi4-discover", { kind: "pi-eeprom", model: "4", serial: "9ffefdef" }, "Raspberry Pi 4"],
  ["pi4-request", { kind: "pi-eeprom", model: "4", serial: "9ffefdef" }, "Raspberry Pi 4"],
  ["pi4-backwards-discover", { kind: "pi-eeprom", model: "4", serial: "1c0ffee5" }, "Raspberry Pi 4"],
  ["pi4-serial-discover", { kind: "pi-eeprom", model: "4", serial: "9ffefdef" }, "Raspberry Pi 4"],
  ["pi5-discover", { kind: "pi-eeprom", model: "5", serial: "bd989ae1" }, "Raspberry Pi 5"],
  ["ipxe-bios-discover", { kind: "ipxe", arch: "x86" }, "iPXE (x86)"],
  ["ipxe-efi-discover", { kind: "ipxe", arch: "amd64" }, "iPXE (amd64)"],
  ["uefi-amd64-discover", { kind: "uefi", arch: "amd64" }, "UEFI (amd64)"],
  ["uefi-arm64-discover", { kind: "uefi", arch: "arm64" }, "UEFI (arm64)"],
  ["pi-uefi-discover", { kind: "uefi", arch: "arm64" }, "UEFI (arm64)"],
  ["uefi-http-discover", { kind: "uefi-http", arch: "amd64" }, "UEFI HTTP (amd64)"],
  ["uboot-arm64-discover", { kind: "u-boot", arch: "arm64" }, "U-Boot (arm64)"],
  ["pc-bios-discover", { kind: "bios" }, "PC BIOS"],
  ["pi-linux-discover", { kind: "os" }, "an operating system"],
  ["dhclient-request", { kind: "os" }, "an operating system"],
])("%s is told for what it is", (name, client, words) => {
  expect(classify(packetOf(name))).toEqual(client);
  expect(nameOfClient(classify(packetOf(name)))).toBe(words);
});

const threeB = packetOf("pi3b-discover");
const plus = packetOf("pi3b-plus-discover");
const four = packetOf("pi4-serial-discover");
const repeated = (...word: number[]) => Uint8Array.from([0, ...word, ...word, ...word, ...word]);

test.each([
  [
    "a 3B whose list has 14 options and whose option 97 is its serial",
    withOptions(threeB, { [uuid]: plus.options.get(uuid)! }),
    { kind: "pi-rom", model: "3b+", serial: "a2ef5644" },
  ],
  [
    "a Pi 3 without option 97 and with the short list",
    withOptions(threeB, { [uuid]: null }),
    { kind: "pi-rom", model: "3b", serial: null },
  ],
  [
    "a Pi 3 without option 97 and with the long list",
    withOptions(plus, { [uuid]: null }),
    { kind: "pi-rom", model: "3b+", serial: null },
  ],
  [
    "a Pi 3 without option 97 and without a list",
    withOptions(plus, { [uuid]: null, [wanted]: null }),
    { kind: "pi-rom", model: "3b", serial: null },
  ],
  [
    "a Pi 3 whose option 97 is of another kind",
    withOptions(plus, { [uuid]: repeated(1, 2, 3, 4).fill(1, 0, 1) }),
    { kind: "pi-rom", model: "3b+", serial: null },
  ],
  [
    "a Pi 3 without option 93",
    withOptions(plus, { [arch]: null }),
    { kind: "pi-rom", model: "3b+", serial: "a2ef5644" },
  ],
  [
    "a Pi 3 that repeats zeros",
    withOptions(plus, { [uuid]: repeated(0, 0, 0, 0) }),
    { kind: "pi-rom", model: "3b+", serial: null },
  ],
  [
    "a Pi 3 that repeats ones",
    withOptions(plus, { [uuid]: repeated(255, 255, 255, 255) }),
    { kind: "pi-rom", model: "3b+", serial: null },
  ],
  ["a Pi 3's Linux that sends the board's option 97", withOptions(plus, { [vendorClass]: null }), { kind: "os" }],
  ["a Pi 4 without option 97", withOptions(four, { [uuid]: null }), { kind: "pi-eeprom", model: "4", serial: null }],
  [
    "a Pi 4 set to its serial, in its REQUEST",
    withOptions(four, { [vendorClass]: null }),
    { kind: "pi-eeprom", model: "4", serial: "9ffefdef" },
  ],
  ["a Pi 4's Linux without a class", withOptions(four, { [vendorClass]: null, [uuid]: null }), { kind: "os" }],
  [
    "a Pi 5 that writes its name backwards",
    withOptions(packetOf("pi5-discover"), {
      [uuid]: Uint8Array.from([0, ...textOctets("5iPR"), 0, 0, 0, 0, 0, 0, 0, 0, 4, 3, 2, 1]),
    }),
    { kind: "pi-eeprom", model: "5", serial: "01020304" },
  ],
  [
    "a 3B's packet from a made-up MAC",
    { ...threeB, chaddr: mac("02:00:00:00:00:01") },
    { kind: "pi-rom", model: "3b", serial: null },
  ],
  ["a serial four times from a PC", { ...plus, chaddr: mac("00:1b:21:3c:4d:5e") }, { kind: "bios" }],
  ["a PC that says no arch", withOptions(packetOf("pc-bios-discover"), { [arch]: null }), { kind: "bios" }],
  [
    "a PC that says its arch only in its class",
    bareMessage({
      chaddr: mac("00:1b:21:3c:4d:5e"),
      options: new Map([[vendorClass, textOctets("PXEClient:Arch:00006:UNDI:003001")]]),
    }),
    { kind: "uefi", arch: "x86" },
  ],
  [
    "a PXE client without any arch",
    bareMessage({ chaddr: mac("00:1b:21:3c:4d:5e"), options: new Map([[vendorClass, textOctets("PXEClient")]]) }),
    { kind: "bios" },
  ],
  [
    "an arch that nobody knows",
    withOptions(packetOf("uefi-amd64-discover"), { [arch]: Uint8Array.of(0, 99) }),
    { kind: "uefi", arch: "unknown" },
  ],
  [
    "iPXE with a length before its user class",
    withOptions(packetOf("ipxe-efi-discover"), { [userClass]: Uint8Array.of(4, ...textOctets("iPXE")) }),
    { kind: "ipxe", arch: "amd64" },
  ],
  [
    "U-Boot on 32 bits",
    withOptions(packetOf("uboot-arm64-discover"), { [vendorClass]: textOctets("U-boot.armv7.highbank") }),
    { kind: "u-boot", arch: "arm" },
  ],
  [
    "U-Boot on a PC",
    withOptions(packetOf("uboot-arm64-discover"), { [vendorClass]: textOctets("U-Boot.x86_64") }),
    { kind: "u-boot", arch: "amd64" },
  ],
  [
    "U-Boot that names no processor",
    withOptions(packetOf("uboot-arm64-discover"), { [vendorClass]: textOctets("U-Boot") }),
    { kind: "u-boot", arch: "arm64" },
  ],
  [
    "U-Boot by its arch alone",
    withOptions(packetOf("uboot-arm64-discover"), { [vendorClass]: null }),
    { kind: "u-boot", arch: "arm64" },
  ],
])("%s", (_, message, client) => {
  expect(classify(message)).toEqual(client);
});

test("boards are known by the makers' prefixes", () => {
  for (const prefix of Object.keys(raspberryPiPrefixes)) expect(isRaspberryPi(mac(`${prefix}:01:02:03`))).toBe(true);
  expect(isRaspberryPi(mac("52:54:00:12:34:56"))).toBe(false);
});

test("whatever stands in its options, a message is of some kind", () => {
  const codes = fc.constantFrom(arch, uuid, vendorClass, userClass, wanted);
  const values = fc.oneof(fc.uint8Array({ maxLength: 20 }), fc.uint8Array({ minLength: 17, maxLength: 17 }));
  fc.assert(
    fc.property(
      fc.array(fc.tuple(codes, values)),
      fc.constantFrom(...Object.keys(raspberryPiPrefixes), "02:00:00"),
      (pairs, prefix) => {
        const message = bareMessage({ chaddr: mac(`${prefix}:00:00:01`), options: new Map(pairs) });
        expect(nameOfClient(classify(message))).not.toBe("");
      },
    ),
  );
});
