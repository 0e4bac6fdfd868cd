/** A post has at most this many code points, as the language counts them: the whole post, decoded and trimmed. */
export const postLength = 280;

/** What will be sent for what was typed. */
export type Composed = {
  readonly text: string;
  /** Code points of `text`. */
  readonly length: number;
  /** Position in the typed text of the post's first code point, in code points; negative when we put `#pi{` before it. */
  readonly start: number;
  readonly isWrapped: boolean;
};

/** The post for a typed program: as it is when it is a post already, else inside `#pi{…}`. Exactly this is sent and shown. */
export function compose(typed: string): Composed {
  const text = typed.trim();
  if (text === "" || /^[{｛]/.test(text) || /[#＃]\s*pi\s*[{｛]/i.test(text)) {
    const before = typed.length - typed.trimStart().length;
    return { text, length: count(text), start: count(typed.slice(0, before)), isWrapped: false };
  }
  const wrapped = `#pi{${text}}`;
  const before = typed.length - typed.trimStart().length;
  return {
    text: wrapped,
    length: count(wrapped),
    start: count(typed.slice(0, before)) - "#pi{".length,
    isWrapped: true,
  };
}

/**
 * Where an error's position lies in the typed text.
 *
 * @param pos 1-based code point of the post.
 * @returns a UTF-16 offset within the typed text.
 */
export function offsetOf(typed: string, composed: Composed, pos: number): number {
  const points = [...typed];
  const at = Math.max(0, Math.min(points.length, pos - 1 + composed.start));
  return points.slice(0, at).join("").length;
}

function count(text: string): number {
  return [...text].length;
}
