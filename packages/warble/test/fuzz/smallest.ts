/**
 * The shortest text that deleting pieces of `post` leads to while `isBad` stays true. Halves first, single characters
 * last; at most `tries` texts are asked about.
 */
export function smallest(post: string, isBad: (post: string) => boolean, tries = 3000): string {
  let best = [...post];
  let left = tries;
  for (let size = Math.ceil(best.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < best.length; ) {
      if (left-- <= 0) return best.join("");
      const shorter = [...best.slice(0, at), ...best.slice(at + size)];
      if (isBad(shorter.join(""))) best = shorter;
      else at += size;
    }
  }
  return best.join("");
}
