import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LaneAnswer } from "@bramble/core/api";
import { afterAll, expect, test } from "vitest";
import { describeImage, writeManifest } from "../../apps/cli/src/image/manifest.ts";
import { clusterOf, headAddress, startHeadInside } from "./head.ts";
import { powerOn, whyNoMachine } from "./machine.ts";
import { laySegment, whyNoSegment } from "./segment.ts";

const folder = mkdtempSync(join(tmpdir(), "bramble-card-"));
afterAll(() => rmSync(folder, { recursive: true }));
const mac = "52:54:00:00:00:01";

/** An image whose kernel is a script of iPXE: it starts in no time, and shows that it was loaded and started. */
async function quickImage(): Promise<string> {
  const image = join(folder, "images", "quick");
  mkdirSync(image, { recursive: true });
  // biome-ignore lint/suspicious/noTemplateCurlyInString: iPXE fills it in.
  writeFileSync(join(image, "vmlinuz"), "#!ipxe\necho started with ${net0/ip}\nshell\n");
  writeFileSync(join(image, "initrd.img"), new Uint8Array(300_000).fill(7));
  writeFileSync(join(image, "root.squashfs"), "nobody asks for it");
  const what = { name: "quick", arch: "amd64", builtAt: "2026-01-01T00:00:00.000Z" } as const;
  writeManifest(image, await describeImage(image, what));
  return join(folder, "images");
}

const whyNot = whyNoSegment() ?? whyNoMachine("amd64");
// Where QEMU, root or a tap is not to be had nothing can boot; the reason stands in the name.
test.skipIf(whyNot !== null)(
  `the boot program of a real network card comes through our DHCP and HTTP to its kernel${whyNot === null ? "" : `: ${whyNot}`}`,
  { timeout: 120_000 },
  async () => {
    const laid = laySegment(`${headAddress}/24`);
    if (typeof laid === "string") throw new Error(laid);
    await using segment = laid;
    await using head = await startHeadInside(segment, { cluster: clusterOf([mac]), images: await quickImage() });
    const machine = powerOn(segment, { arch: "amd64", mac, memoryMb: 64, serialFile: join(folder, "serial") });
    await machine.shows(/started with 10\.77\.0\.21/, 90_000);
    const lane = head.get<LaneAnswer>("/boot/lanes/b1")!;
    expect(lane).toMatchObject({ mac, address: "10.77.0.21", state: "booting" });
    for (const [path, bytes] of [
      [/kernel$/, null],
      [/initrd-live$/, 300_000],
    ] as const) {
      const file = lane.files.find((each) => path.test(each.path));
      expect(file).toMatchObject({ by: "http", outcome: "done", ...(bytes === null ? {} : { bytes }) });
    }
    machine.stop();
  },
);
