import { mac } from "../base/index.ts";
import type { ImageManifest } from "./plan.ts";
import type { BoardFacts } from "./render.ts";

const file = (bytes: number) => ({ bytes, sha256: "0".repeat(64) });

/** The manifest of a small image for Raspberry Pis, for tests. */
export const testManifest: ImageManifest = {
  bramble: 1,
  name: "trixie-arm64",
  arch: "arm64",
  builtAt: "2026-10-01T12:00:00Z",
  tree: "tree",
  kernel: "vmlinuz",
  piKernel: "kernel8.img",
  plans: {
    live: {
      initrd: "tree/initrd.img",
      cmdline: `console=ttyS1 bramble.name=\${name} bramble.root=\${root} bramble.nfs=\${nfs} bramble.plan=\${plan}`,
      root: { kind: "http", file: "root.squashfs" },
    },
    discovery: { initrd: "discovery.img", cmdline: `bramble.boot=\${boot} mac=\${mac}`, root: { kind: "none" } },
    rescue: {
      initrd: "discovery.img",
      cmdline: `rescue serial=\${serial} at=\${address} head=\${head}`,
      root: { kind: "none" },
    },
  },
  files: {
    vmlinuz: file(8_000_000),
    "root.squashfs": file(100_000_000),
    "discovery.img": file(3_000_000),
    "tree/bootcode.bin": file(52_476),
    "tree/start.elf": file(2_979_264),
    "tree/fixup.dat": file(7314),
    "tree/kernel8.img": file(8_000_000),
    "tree/initrd.img": file(12_000_000),
    "tree/bcm2837-rpi-3-b-plus.dtb": file(30_000),
  },
};

/** Facts of one board, for tests. */
export const testFacts: BoardFacts = {
  name: "b0412",
  mac: mac("b8:27:eb:ef:56:44"),
  serial: "a2ef5644",
  address: "172.20.20.13",
  head: "https://172.20.0.10:8880",
  boot: "http://172.20.0.10:8882",
};
