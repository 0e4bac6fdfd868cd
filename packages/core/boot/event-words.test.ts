import { expect, test } from "vitest";
import type { BootClient } from "./client.ts";
import { clientInWords, eventInWords } from "./event-words.ts";
import type { BootEvent } from "./events.ts";

const file = { kind: "file", path: "a/kernel8.img", by: "tftp" } as const;
const cases: readonly (readonly [BootEvent, string])[] = [
  [{ kind: "power", on: true }, "power on"],
  [{ kind: "power", on: false }, "power off"],
  [{ kind: "discover", client: { kind: "bios" } }, "DISCOVER of a PC's BIOS"],
  [{ kind: "offer", address: "10.0.0.5", isBoot: true }, "OFFER of 10.0.0.5"],
  [{ kind: "offer", address: "10.0.0.5", isBoot: false }, "OFFER of 10.0.0.5, nothing to boot"],
  [{ kind: "request" }, "REQUEST"],
  [{ kind: "ack", address: "10.0.0.5" }, "ACK of 10.0.0.5"],
  [{ kind: "nak", why: "not yours" }, "NAK: not yours"],
  [{ kind: "decline", address: "10.0.0.5" }, "DECLINE of 10.0.0.5: somebody else has it"],
  [{ ...file, news: "begun", sizeBytes: 9 }, "TFTP a/kernel8.img: asked for, 9 octets"],
  [{ ...file, news: "moving", sentBytes: 4, sizeBytes: 9 }, "TFTP a/kernel8.img: 4 of 9 octets"],
  [{ ...file, news: "done", sentBytes: 9, resends: 0, tookMs: 1.2 }, "TFTP a/kernel8.img: 9 octets in 1 ms"],
  [
    { ...file, news: "done", sentBytes: 9, resends: 2, tookMs: 5 },
    "TFTP a/kernel8.img: 9 octets in 5 ms, 2 sent again",
  ],
  [{ ...file, news: "missing" }, "TFTP a/kernel8.img: there is none"],
  [{ ...file, news: "probed" }, "TFTP a/kernel8.img: only looked for"],
  [{ ...file, news: "failed", sentBytes: 4, why: "silent" }, "TFTP a/kernel8.img: failed after 4 octets: silent"],
  [{ kind: "told", step: "root", failed: null }, "says: at root"],
  [{ kind: "told", step: "root", failed: "no space" }, "says: stopped at root, no space"],
  [{ kind: "registered" }, "its agent is registered"],
];

test.each(cases)("%j is told as a line", (event, words) => {
  expect(eventInWords(event)).toBe(words);
});

test.each<readonly [BootClient, string]>([
  [{ kind: "pi-rom", model: "3b+", serial: null }, "Raspberry Pi 3b+ (ROM)"],
  [{ kind: "pi-eeprom", model: "4", serial: null }, "Raspberry Pi 4 (EEPROM)"],
  [{ kind: "ipxe", arch: "amd64" }, "iPXE, amd64"],
  [{ kind: "uefi", arch: "arm64" }, "UEFI, arm64"],
  [{ kind: "uefi-http", arch: "arm64" }, "UEFI by HTTP, arm64"],
  [{ kind: "u-boot", arch: "arm" }, "U-Boot, arm"],
  [{ kind: "os" }, "an operating system"],
])("%j is told in words", (client, words) => {
  expect(clientInWords(client)).toBe(words);
});
