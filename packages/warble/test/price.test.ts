import { expect, test } from "vitest";
import * as price from "../price.ts";

const sizes = [1, 64, 1024, 4096, 65_536, 262_144, 1_000_000, 4_000_000, 16_000_000, 2 ** 30];

test("every price grows with the size and stays a whole number far below 2^53", () => {
  const prices: readonly (readonly [string, (bits: number) => number])[] = [
    ["add", price.addPrice],
    ["multiply", (bits) => price.multiplyPrice(bits, bits)],
    ["multiply by a small one", (bits) => price.multiplyPrice(bits, 64)],
    ["divide", (bits) => price.dividePrice(2 * bits, bits)],
    ["divide by a small one", (bits) => price.dividePrice(bits, 64)],
    ["power", price.powerPrice],
    ["root", price.rootPrice],
    ["text", price.textPrice],
    ["series", (bits) => price.seriesPrice(bits, 5)],
    ["pi", price.piPrice],
  ];
  for (const [name, of] of prices) {
    let before = 0;
    for (const bits of sizes) {
      const steps = of(bits);
      expect(Number.isSafeInteger(steps), `${name} of ${bits}`).toBe(true);
      expect(steps, `${name} of ${bits}`).toBeGreaterThanOrEqual(before);
      expect(steps).toBeLessThan(2 ** 52);
      before = steps;
    }
    expect(of(1), name).toBeLessThan(400);
  }
});

test("dearer work has the higher price: text above division above product above sum", () => {
  for (const bits of sizes.slice(3)) {
    expect(price.textPrice(bits)).toBeGreaterThan(price.dividePrice(2 * bits, bits));
    expect(price.dividePrice(2 * bits, bits)).toBeGreaterThan(price.multiplyPrice(bits, bits));
    expect(price.multiplyPrice(bits, bits)).toBeGreaterThan(price.addPrice(bits));
  }
});

test("the order of a product's factors does not matter", () => {
  for (const a of sizes) for (const b of sizes) expect(price.multiplyPrice(a, b)).toBe(price.multiplyPrice(b, a));
});

test("a product costs by its longer factor, at the rate of the shorter", () => {
  expect(price.multiplyPrice(64_000, 64)).toBe(3 + 400);
  expect(price.multiplyPrice(64_000, 64_000)).toBe(3 + 8700);
  expect(price.multiplyPrice(64_000, 128_000)).toBeGreaterThan(1.9 * price.multiplyPrice(64_000, 64_000));
});

test("a quotient costs four products, or no more than a look when the divisor is longer", () => {
  expect(price.dividePrice(128_000, 64_064)).toBe(2 + 4 * price.multiplyPrice(64_000, 64_064));
  expect(price.dividePrice(64, 128_000)).toBe(price.addPrice(64));
});

test("a turn of a loop costs a step, and more for what a long body holds", () => {
  expect([0, 7, 8, 32, 40, 320].map(price.turnPrice)).toEqual([1, 1, 2, 5, 11, 81]);
});
