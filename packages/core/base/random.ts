/** Chance, passed in, so that a run can be repeated from its seed. */
export type Random = {
  /** A number in [0, 1). */
  next(): number;
  /** A whole number in [0, below). */
  whole(below: number): number;
  /** True with probability `p`. */
  chance(p: number): boolean;
  /** Another stream, independent of this one and fixed by `label`. */
  fork(label: string): Random;
};

/** A repeatable stream (sfc32) from a seed. Not for secrets. */
export function seededRandom(seed: number | string): Random {
  let [a, b, c, counter] = spread(String(seed));
  const next = (): number => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 4294967296;
  };
  for (let warm = 0; warm < 12; warm++) next();
  return {
    next,
    whole: (below) => Math.floor(next() * below),
    chance: (p) => next() < p,
    fork: (label) => seededRandom(`${seed}/${label}`),
  };
}

/** Four 32-bit words from a text (cyrb128). */
function spread(text: string): [number, number, number, number] {
  let h1 = 1779033703;
  let h2 = 3144134277;
  let h3 = 1013904242;
  let h4 = 2773480762;
  for (let i = 0; i < text.length; i++) {
    const k = text.charCodeAt(i);
    h1 = h2 ^ Math.imul(h1 ^ k, 597399067);
    h2 = h3 ^ Math.imul(h2 ^ k, 2869860233);
    h3 = h4 ^ Math.imul(h3 ^ k, 951274213);
    h4 = h1 ^ Math.imul(h4 ^ k, 2716044179);
  }
  return [h1 ^ h2 ^ h3 ^ h4, h2 ^ h1, h3 ^ h1, h4 ^ h1];
}
