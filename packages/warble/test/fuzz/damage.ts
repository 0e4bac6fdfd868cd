import type { Chance } from "./chance.ts";

// What phones, editors and web pages put in, what means something to the reader, and what means nothing to anyone.
const strange =
  "“ ” „ « » ‘ ’ ′ ´ ` \\ − – ‐ ‑ — ― × ✕ · ÷ ∕ ≤ ≥ ≠ ² ⁻ ¹ ⁰ √ π ∑ Σ ∏ ！ ＃ ｛ ｝ （ １ Ａ \u00a0 \u200b \u200d \u00ad \ufeff \ufe0f \u3000 \u2028 \u0085 \r \n \t \u0000 \u001b \u007f &lt; &gt; &amp; &quot; &#39; &amp;lt; 🥧 👩‍🚀 é e\u0301 ﬁ İ ß \ud83e \udd67 \u{e0100} ʹ ٣ Ⅷ ª 𝑥 #pi #PI{ {} } { ( ) [ ] ; , . ? : ! = < > & | ^ % / // ++ -- += \" ' 0 9 e E _ $ @ ~".split(
    " ",
  );

/** The post with one to five pieces cut, doubled, swapped, replaced or put in, as by a thumb, a filter or a bad line. */
export function damage(post: string, others: readonly string[], chance: Chance): string {
  let text = post;
  for (let i = chance.below(5); i >= 0; i--) text = damageOnce(text, others, chance);
  return text;
}

/** A post of octets that mean nothing, or of pieces that mean something each. */
export function noise(chance: Chance): string {
  const length = chance.below(chance.pick([8, 60, 280]));
  if (chance.in(50))
    return `${chance.pick(["", "{", "#pi{"])}${chance.some(length, length, () => chance.pick(strange)).join("")}`;
  const octets = Uint8Array.from({ length }, () => chance.below(chance.pick([128, 256])));
  return `${chance.pick(["", "{", "#pi{"])}${new TextDecoder(chance.pick(["utf-8", "utf-16le", "latin1"])).decode(octets)}`;
}

function damageOnce(text: string, others: readonly string[], chance: Chance): string {
  const at = chance.below(text.length + 1);
  const to = Math.min(text.length, at + 1 + chance.below(chance.pick([2, 10, 60])));
  const piece = text.slice(at, to);
  switch (chance.below(9)) {
    case 0:
      return text.slice(0, at) + text.slice(to);
    case 1:
      return text.slice(0, to) + piece + text.slice(to);
    case 2:
      return text.slice(0, at);
    case 3: {
      const other = chance.pick(others);
      return text.slice(0, at) + other.slice(chance.below(other.length + 1));
    }
    case 4:
      return text.slice(0, at) + chance.pick(strange) + text.slice(at);
    case 5:
      return text.slice(0, at) + chance.pick(strange) + text.slice(to);
    case 6:
      return text.replace(/\d+/g, (digits) =>
        chance.in(30) ? chance.pick(["0", "1", "2147483648", "1e308", "2^53", "65536"]) : digits,
      );
    case 7:
      return chance.in(50) ? text.toLowerCase() : text.normalize("NFD");
    default: {
      const from = chance.below(text.length + 1);
      return text.slice(0, at) + text.slice(from, from + 20) + text.slice(to);
    }
  }
}
