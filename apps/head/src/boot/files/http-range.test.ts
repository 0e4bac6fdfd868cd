import fc from "fast-check";
import { expect, test } from "vitest";
import { readRange } from "./http-range.ts";

test.each([
  [undefined, "whole"],
  ["bytes=0-9", { first: 0, last: 9 }],
  ["bytes=90-", { first: 90, last: 99 }],
  ["bytes=90-400", { first: 90, last: 99 }],
  ["bytes=-10", { first: 90, last: 99 }],
  ["bytes=-400", { first: 0, last: 99 }],
  ["bytes= 5 - 6 ", { first: 5, last: 6 }],
  ["bytes=100-", "none"],
  ["bytes=-0", "none"],
  ["bytes=9-5", "whole"],
  ["bytes=-", "whole"],
  ["bytes=0-1,5-6", "whole"],
  ["octets=0-1", "whole"],
  ["bytes=999999999999999999999-", "whole"],
  ["bytes=1e3-", "whole"],
])("%s of 100 octets (RFC 9110 §14.1.2)", (header, range) => {
  expect(readRange(header, 100)).toEqual(range);
});

test("an empty file has no parts", () => {
  expect([readRange("bytes=0-", 0), readRange("bytes=-1", 0)]).toEqual(["none", "none"]);
});

test("whatever is asked, a range lies inside the file", () => {
  fc.assert(
    fc.property(fc.string(), fc.nat(1e6), fc.nat(1e6), fc.nat(1e6), (junk, from, to, size) => {
      for (const header of [junk, `bytes=${from}-${to}`, `bytes=-${to}`, `bytes=${from}-`]) {
        const range = readRange(header, size);
        if (typeof range === "string") continue;
        expect(range.first).toBeGreaterThanOrEqual(0);
        expect(range.last).toBeGreaterThanOrEqual(range.first);
        expect(range.last).toBeLessThan(size);
      }
    }),
  );
});
