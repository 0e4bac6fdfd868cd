import { expect, test } from "vitest";
import { chunkBytesFor } from "./http-send.ts";

test("a few boards are sent large pieces, a thousand small ones, so that memory is bounded", () => {
  expect([1, 42, 128, 1050, 4096].map(chunkBytesFor)).toEqual([262_144, 262_144, 262_144, 31_956, 16_384]);
  for (let streams = 1; streams <= 4096; streams++)
    expect(streams * chunkBytesFor(streams)).toBeLessThanOrEqual(64 << 20);
});
