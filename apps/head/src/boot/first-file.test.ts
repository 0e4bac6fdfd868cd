import { mac } from "@bramble/core/base";
import type { BootClient } from "@bramble/core/boot";
import { expect, test } from "vitest";
import { archOf, firstFile } from "./first-file.ts";

const board = mac("52:54:00:00:00:01");
const boot = "http://10.0.0.1:8882";
const all = ["undionly.kpxe", "ipxe.efi", "snponly.efi", "grubnetaa64.efi.signed"];

test.each<readonly [BootClient, { file: string | null; url: string | null }, string]>([
  [{ kind: "pi-rom", model: "3b", serial: null }, { file: "bootcode.bin", url: null }, "arm64"],
  [{ kind: "pi-eeprom", model: "4", serial: null }, { file: "start4.elf", url: null }, "arm64"],
  [{ kind: "bios" }, { file: "undionly.kpxe", url: null }, "amd64"],
  [
    { kind: "ipxe", arch: "x86" },
    { file: "52-54-00-00-00-01/boot.ipxe", url: `${boot}/ipxe/52-54-00-00-00-01` },
    "amd64",
  ],
  [{ kind: "uefi", arch: "amd64" }, { file: "snponly.efi", url: null }, "amd64"],
  [{ kind: "uefi", arch: "arm64" }, { file: "grubnetaa64.efi.signed", url: null }, "arm64"],
  [{ kind: "uefi", arch: "arm" }, { file: null, url: null }, "arm"],
  [{ kind: "uefi-http", arch: "amd64" }, { file: null, url: `${boot}/boot/snponly.efi` }, "amd64"],
  [{ kind: "uefi-http", arch: "arm" }, { file: null, url: null }, "arm"],
  [{ kind: "u-boot", arch: "arm64" }, { file: "52-54-00-00-00-01/boot.scr.uimg", url: null }, "arm64"],
  [{ kind: "os" }, { file: null, url: null }, "unknown"],
])("%j boots first what suits it", (client, first, arch) => {
  expect(firstFile(client, board, all, boot)).toEqual(first);
  expect(archOf(client)).toBe(arch);
});

test("without loaders other machines are told of none, and who has not asked may boot anything", () => {
  expect(firstFile({ kind: "bios" }, board, [], boot)).toEqual({ file: null, url: null });
  expect(firstFile({ kind: "uefi", arch: "amd64" }, board, [], boot)).toEqual({ file: null, url: null });
  expect(archOf(null)).toBe("unknown");
});
