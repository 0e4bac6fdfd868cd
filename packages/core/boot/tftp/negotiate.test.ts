import fc from "fast-check";
import { expect, test } from "vitest";
import { blocksOf, negotiateTftp } from "./negotiate.ts";

const limits = { maxBlockBytes: 1468, maxWindow: 64 };

test.each([
  ["nothing asked: no OACK", {}, {}, 512, 1],
  ["the size, as start.elf of a Pi 3 asks", { tsize: "0" }, { tsize: "9000" }, 512, 1],
  ["a Pi 4's bootloader", { tsize: "0", blksize: "1024" }, { tsize: "9000", blksize: "1024" }, 1024, 1],
  ["a block that no frame holds is made smaller", { blksize: "65464" }, { blksize: "1468" }, 1468, 1],
  ["the smallest block", { blksize: "8" }, { blksize: "8" }, 8, 1],
  ["a block too small is passed over", { blksize: "7" }, {}, 512, 1],
  ["a block too large for TFTP is passed over", { blksize: "65465" }, {}, 512, 1],
  ["no number is passed over", { blksize: "big", windowsize: "-1", timeout: "1.5" }, {}, 512, 1],
  ["a window (RFC 7440)", { windowsize: "16" }, { windowsize: "16" }, 512, 16],
  ["a window too large is made smaller", { windowsize: "65535" }, { windowsize: "64" }, 512, 64],
  ["no window of none", { windowsize: "0" }, {}, 512, 1],
  ["what nobody knows is passed over", { multicast: "", rollover: "0", tsize: "0" }, { tsize: "9000" }, 512, 1],
] as const)("%s", (_, asked, accepted, blockBytes, window) => {
  const agreed = negotiateTftp(new Map(Object.entries(asked)), 9000, limits);
  expect(agreed).toEqual({ blockBytes, window, timeoutMs: null, accepted: new Map(Object.entries(accepted)) });
});

test("a timeout is taken as asked, from 1 to 255 seconds", () => {
  const timeoutOf = (value: string) => negotiateTftp(new Map([["timeout", value]]), 1, limits).timeoutMs;
  expect(["0", "1", "255", "256"].map(timeoutOf)).toEqual([null, 1000, 255_000, null]);
});

test("whatever is asked, what is agreed is within the limits and nothing is accepted that was not asked", () => {
  const name = fc.oneof(fc.constantFrom("tsize", "blksize", "windowsize", "timeout"), fc.string());
  const value = fc.oneof(fc.integer().map(String), fc.string());
  fc.assert(
    fc.property(fc.array(fc.tuple(name, value)), fc.nat(), (pairs, sizeBytes) => {
      const asked = new Map(pairs);
      const agreed = negotiateTftp(asked, sizeBytes, limits);
      expect(agreed.blockBytes).toBeGreaterThanOrEqual(8);
      expect(agreed.blockBytes).toBeLessThanOrEqual(limits.maxBlockBytes);
      expect(agreed.window).toBeGreaterThanOrEqual(1);
      expect(agreed.window).toBeLessThanOrEqual(limits.maxWindow);
      expect([...agreed.accepted.keys()].filter((key) => !asked.has(key))).toEqual([]);
    }),
  );
});

test("a file that fills its blocks ends with an empty one", () => {
  expect([0, 1, 511, 512, 513, 1024].map((size) => blocksOf(size, 512))).toEqual([1, 1, 1, 2, 2, 3]);
});
