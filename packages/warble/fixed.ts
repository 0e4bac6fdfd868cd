import { exactBits, wholeRoot } from "./roots.ts";

/**
 * Functions on binary fixed-point numbers: a bigint `v` with `bits` means v / 2^bits. Results are right to a few units
 * in the last place, in absolute terms; callers add bits where they need relative ones.
 */

/** pi, by Chudnovsky's series with binary splitting. */
export function fixedPi(bits: number): bigint {
  const guarded = bits + 32;
  const [, q, t] = chudnovsky(0, Math.floor(guarded / 47.11) + 2);
  const root = wholeRoot(10005n << BigInt(2 * guarded));
  return ((q * 426880n * root) / t) >> 32n;
}

function chudnovsky(from: number, to: number): [bigint, bigint, bigint] {
  if (to - from === 1) {
    const k = BigInt(from);
    const p = from === 0 ? 1n : (5n - 6n * k) * (2n * k - 1n) * (6n * k - 1n);
    const q = from === 0 ? 1n : k * k * k * 10939058860032000n;
    return [p, q, p * (13591409n + 545140134n * k)];
  }
  const middle = (from + to) >> 1;
  const [p1, q1, t1] = chudnovsky(from, middle);
  const [p2, q2, t2] = chudnovsky(middle, to);
  return [p1 * p2, q1 * q2, t1 * q2 + p1 * t2];
}

/** The natural logarithms of 2 and 10, from three quick series (Gauss). */
export function fixedLogarithms(bits: number): { readonly two: bigint; readonly ten: bigint } {
  const guarded = bits + 32;
  const a = inverseTanh(31n, guarded);
  const b = inverseTanh(49n, guarded);
  const c = inverseTanh(161n, guarded);
  return { two: (14n * a + 10n * b + 6n * c) >> 32n, ten: (46n * a + 34n * b + 20n * c) >> 32n };
}

function inverseTanh(n: bigint, bits: number): bigint {
  const square = n * n;
  let power = (1n << BigInt(bits)) / n;
  let sum = power;
  for (let i = 3n; power !== 0n; i += 2n) {
    power /= square;
    sum += power / i;
  }
  return sum;
}

/** e^x for |x| below about 2. */
export function fixedExp(x: bigint, bits: number): bigint {
  const halvings = Math.round(Math.sqrt(bits) * 0.7);
  const width = bits + halvings + 16;
  const shift = BigInt(width);
  const small = (x << BigInt(width - bits)) >> BigInt(halvings);
  let term = 1n << shift;
  let sum = term;
  for (let i = 1n; term !== 0n; i++) {
    term = ((term * small) >> shift) / i;
    sum += term;
  }
  for (let i = 0; i < halvings; i++) sum = (sum * sum) >> shift;
  return sum >> BigInt(width - bits);
}

/** The natural logarithm of x, which lies between 0.1 and 10. */
export function fixedLog(x: bigint, bits: number): bigint {
  return refine(bits, (width) => {
    const at = x >> BigInt(bits - width);
    return {
      start: () => Math.log(toDouble(x, bits)),
      next: (y) => {
        const e = fixedExp(y, width);
        return y + ((at - e) << BigInt(width + 1)) / (at + e);
      },
    };
  });
}

/** Cosine and sine of x, |x| below about 1.6. For a small x the sine needs twice as many bits more as x has zeros. */
export function fixedCosSin(x: bigint, bits: number): { readonly cos: bigint; readonly sin: bigint } {
  const halvings = Math.round(Math.sqrt(bits) * 0.7);
  const width = bits + 2 * halvings + 16;
  const shift = BigInt(width);
  const one = 1n << shift;
  const small = (x << BigInt(width - bits)) >> BigInt(halvings);
  const square = (small * small) >> shift;
  let term = -square / 2n;
  let rest = term; // cos - 1, whose doubling 2r(r+2) loses nothing near 0
  for (let i = 3n; term !== 0n; i += 2n) {
    term = -((term * square) >> shift) / (i * (i + 1n));
    rest += term;
  }
  for (let i = 0; i < halvings; i++) rest = (rest * (rest + 2n * one)) >> (shift - 1n);
  const sin = wholeRoot(-rest * (rest + 2n * one));
  const back = BigInt(width - bits);
  return { cos: (one + rest) >> back, sin: (x < 0n ? -sin : sin) >> back };
}

/** The arc tangent of x, |x| at most 1. */
export function fixedAtan(x: bigint, bits: number): bigint {
  if (exactBits(x) < bits - 24) return smallAtan(x, bits); // Newton below would see no digits of it at first
  return refine(bits, (width) => {
    const at = x >> BigInt(bits - width);
    return {
      start: () => Math.atan(toDouble(x, bits)),
      next: (y) => {
        const { cos, sin } = fixedCosSin(y, width);
        const shift = BigInt(width);
        return y + ((at * cos - (sin << shift)) << shift) / ((cos << shift) + at * sin);
      },
    };
  });
}

function smallAtan(x: bigint, bits: number): bigint {
  const shift = BigInt(bits);
  const square = (x * x) >> shift;
  let power = x;
  let sum = x;
  for (let i = 3n; power !== 0n; i += 2n) {
    power = -((power * square) >> shift);
    if (power === 1n || power === -1n) break;
    sum += power / i;
  }
  return sum;
}

/** Newton's way with a step that triples the right digits: each round at the width that it can fill. */
function refine(
  bits: number,
  at: (width: number) => { readonly start: () => number; readonly next: (y: bigint) => bigint },
): bigint {
  const widths = [bits];
  while (widths[0]! > 120) widths.unshift(Math.ceil(widths[0]! / 3) + 16);
  let width = widths[0]!;
  let y = fromDouble(at(width).start(), width);
  for (const wider of widths) {
    y = at(wider).next(y << BigInt(wider - width));
    width = wider;
  }
  return y;
}

/** The first digits of x; all callers ask for more than 64 bits. */
function toDouble(x: bigint, bits: number): number {
  return Number(x >> BigInt(bits - 64)) / 2 ** 64;
}

/** All of x; the narrowest width above has 56 bits. */
function fromDouble(x: number, bits: number): bigint {
  return BigInt(Math.round(x * 4503599627370496)) << BigInt(bits - 52);
}
