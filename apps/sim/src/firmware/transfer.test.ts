import { seededRandom } from "@bramble/core/base";
import type { PiModel } from "@bramble/core/boot";
import { expect, test } from "vitest";
import { labMac, labSerial } from "./lab.ts";
import { noQuirks, type Self } from "./script.ts";
import { type Fetched, transfer } from "./transfer.ts";

/** One file of `blocks` empty blocks and a last short one, fed straight to the firmware's side of the transfer. */
function fetchBlocks(model: PiModel, blocks: number): Fetched | null {
  const self: Self = {
    facts: { model, mac: labMac, serial: labSerial },
    random: seededRandom(1),
    quirks: noQuirks,
    stopAt: null,
    tftpPort: 69,
    say: () => {},
    freshPort: () => 49_152,
  };
  const ask = {
    server: "10.0.0.1",
    path: "kernel8.img",
    options: { tsize: true, blockSize: null },
    isProbe: false,
    isCut: false,
  };
  const script = transfer(self, ask);
  script.next();
  const from = { address: "10.0.0.1", port: 1_000 };
  const feed = (bytes: Uint8Array) => script.next({ kind: "tftp", port: 49_152, from, bytes });
  feed(Uint8Array.of(0, 6, ...new TextEncoder().encode(`tsize\0${blocks * 512 + 1}\0`)));
  const data = new Uint8Array(516);
  data[1] = 3;
  for (let block = 1; block <= blocks + 1; block++) {
    data[2] = block >> 8;
    data[3] = block;
    const got = feed(block > blocks ? data.subarray(0, 5) : data);
    if (got.done) return got.value;
  }
  return null;
}

test("a Pi 4 or 5 counts no further than 65535 blocks", () => {
  for (const model of ["4", "5"] as const) {
    expect(fetchBlocks(model, 65_534)).toMatchObject({ kind: "read", bytes: 65_534 * 512 + 1 });
    expect(fetchBlocks(model, 65_535)).toEqual({ kind: "broken", why: "more than 65535 blocks" });
  }
});

test("a Pi 3 counts on from 0", () => {
  expect(fetchBlocks("3b+", 70_000)).toMatchObject({ kind: "read", bytes: 70_000 * 512 + 1 });
});
