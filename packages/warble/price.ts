/**
 * What work on big operands costs, in steps. One step is about 50 ns of a modest machine, so that ten million of them
 * end within a second. The rates were measured with V8's own big numbers (`npm run bench` shows price against time):
 * steps per 64-bit word of the longer factor, by the binary logarithm of the length of the shorter one. Divisions take
 * four times as long as products and conversions to text eight times. All formulas stay far below 2^53 for any length
 * that a bigint can have, so that prices themselves never overflow.
 */
const rates = [
  0.4, 0.4, 0.5, 0.6, 0.9, 1.3, 2.1, 3.3, 5, 7.7, 8.7, 9.6, 12, 14, 17, 19, 21, 23, 25, 27, 29, 31, 33, 35, 37, 39,
] as const;

/** Bits to words, never less than one. */
function words(bits: number): number {
  return bits > 64 ? Math.ceil(bits / 64) : 1;
}

function rateOf(wordCount: number): number {
  return rates[Math.min(rates.length - 1, Math.ceil(Math.log2(wordCount)))]!;
}

/** A turn of a loop or fold, or a call, whose body has `nodes` nodes: one step, and more for long bodies. */
export function turnPrice(nodes: number): number {
  return 1 + (nodes >> 3) + (nodes > 32 ? nodes >> 3 : 0);
}

/** Numbers of more words are made on fresh pages of memory, which may take longer than what is done with them. */
function pagesPrice(wordCount: number): number {
  return Math.floor(Math.max(0, wordCount - 4096) * 1.25);
}

/** Adding, comparing, shifting, bit operations and copies of a number of `bits` bits. */
export function addPrice(bits: number): number {
  const count = words(bits);
  return 2 + Math.floor(count / 4) + pagesPrice(count);
}

/** A product. */
export function multiplyPrice(bitsA: number, bitsB: number): number {
  const a = words(bitsA);
  const b = words(bitsB);
  return 3 + Math.floor(Math.max(a, b) * rateOf(Math.min(a, b))) + pagesPrice(a + b);
}

/** A quotient or remainder of a number of `bitsA` bits by one of `bitsB`. */
export function dividePrice(bitsA: number, bitsB: number): number {
  if (bitsA < bitsB) return addPrice(bitsA);
  return 2 + 4 * multiplyPrice(bitsA - bitsB + 64, bitsB);
}

/** A power whose result has `bits` bits. */
export function powerPrice(bits: number): number {
  return 2 + 3 * multiplyPrice(bits / 2, bits / 2);
}

/** A whole square root. */
export function rootPrice(bits: number): number {
  return 8 + 2 * dividePrice(bits, bits / 2);
}

/** A whole number to or from decimal digits. */
export function textPrice(bits: number): number {
  return 2 + 8 * multiplyPrice(bits, bits);
}

/** Cutting a decimal to the `places` that a result has: nothing worth counting but for one that is much longer. */
export function longPrice(digits: number, places: number): number {
  return digits > places + 64 ? addPrice(digits * 27) : 0;
}

/** Work on `length` characters: joining, comparing, counting, writing. */
export function charactersPrice(length: number): number {
  return 1 + (length >> 4);
}

/** A power series with argument halving on numbers of `bits` bits (EXP, SIN, …), or `times` as much. */
export function seriesPrice(bits: number, times: number): number {
  return Math.ceil(20 + times * Math.sqrt(bits) * (multiplyPrice(bits, bits) + addPrice(bits)));
}

/** The digits of pi by binary splitting, to `bits` bits. */
export function piPrice(bits: number): number {
  return Math.ceil(100 + 2 * Math.log2(bits + 2) * multiplyPrice(bits, bits));
}
