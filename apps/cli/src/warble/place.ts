import type { Terminal } from "../terminal.ts";

/** What was found at a place of a post: an error or a warning of the language. */
export type Finding = { readonly pos: number; readonly message: string; readonly class?: string };

/** The line of `text` that holds the 1-based position `pos`, and a caret under it; long lines are cut around it. */
export function lineWithCaret(text: string, pos: number, columns: number): string {
  const characters = [...text];
  const at = Math.min(pos - 1, characters.length);
  const first = characters.lastIndexOf("\n", at - 1) + 1;
  const end = characters.indexOf("\n", at);
  const line = characters.slice(first, end < 0 ? undefined : end).map(visible);
  const room = Math.max(20, columns - 4);
  const from = line.length <= room ? 0 : Math.max(0, Math.min(at - first - (room >> 1), line.length - room));
  const cutBefore = from > 0 ? "…" : "";
  const cutAfter = from + room < line.length ? "…" : "";
  const before = line.slice(from, at - first);
  const width = before.reduce((sum, character) => sum + widthOf(character), 0) + cutBefore.length;
  return `  ${cutBefore}${line.slice(from, from + room).join("")}${cutAfter}\n  ${" ".repeat(width)}^`;
}

/** Tell a finding with its line: `error SYNTAX @10: …` and the caret below. */
export function tell(terminal: Terminal, text: string, finding: Finding): void {
  const level = finding.class === undefined ? "warning" : `error ${finding.class}`;
  terminal.note(`${level} @${finding.pos}: ${finding.message}`);
  if (text !== "") terminal.note(lineWithCaret(text, finding.pos, terminal.columns));
}

/** `1234567` as `1,234,567`. */
export function grouped(n: number): string {
  return n.toLocaleString("en-GB");
}

/** A character that a terminal shows in one place: nothing of a post moves the cursor or rings a bell. */
function visible(character: string): string {
  return /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(character) ? " " : character;
}

/** How many columns a terminal gives a character. */
function widthOf(character: string): number {
  if (/\p{M}/u.test(character)) return 0;
  return /\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/u.test(
    character,
  )
    ? 2
    : 1;
}
