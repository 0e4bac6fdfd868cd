/**
 * A number in [0, 1) that depends on nothing but its four keys, so that a board's day needs no memory:
 * the same seed, board, purpose and moment give the same number in every run.
 */
export function chanceAt(seed: number, board: number, purpose: number, moment: number): number {
  let hash = mix(seed ^ 0x9e3779b9);
  hash = mix(hash ^ Math.imul(board + 1, 0x85ebca6b));
  hash = mix(hash ^ Math.imul(purpose + 1, 0xc2b2ae35));
  hash = mix(hash ^ (moment >>> 0));
  return hash / 4294967296;
}

/** A seed of 32 bits from a text (FNV-1a). */
export function seedOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}

/** The finalizer of MurmurHash3. */
function mix(value: number): number {
  let hash = value | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
