/** The number of bits of `n` without its sign, exactly; 0 for 0. */
export function exactBits(n: bigint): number {
  if (n === 0n) return 0;
  const hex = (n < 0n ? -n : n).toString(16);
  return hex.length * 4 - (Math.clz32(Number.parseInt(hex.charAt(0), 16)) - 28);
}

/** The whole square root of `n` >= 0, rounded down (the method of CPython's `math.isqrt`: one division a doubling). */
export function wholeRoot(n: bigint): bigint {
  if (n < 4503599627370496n) return BigInt(Math.floor(Math.sqrt(Number(n))));
  const half = (exactBits(n) - 1) >> 1;
  let root = 1n;
  let done = 0;
  for (let s = 31 - Math.clz32(half); s >= 0; s--) {
    const before = done;
    done = half >> s;
    root = (root << BigInt(done - before - 1)) + (n >> BigInt(2 * half - before - done + 1)) / root;
  }
  return root * root > n ? root - 1n : root;
}
