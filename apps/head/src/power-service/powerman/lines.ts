/** What arrived: one line without its end, or notice of one that is longer than anybody sends. */
export type LineEvent = { readonly kind: "line"; readonly text: string } | { readonly kind: "too-long" };

/** Puts lines together from pieces of a stream, however it was cut. What is too long is dropped up to its end, and told once. */
export type LineReader = { feed(bytes: Uint8Array): LineEvent[] };

/** A reader of lines that end in LF or CR LF, each of at most `most` octets. Octets beyond ASCII become `?`: no name has any. */
export function createLineReader(most: number): LineReader {
  let held = "";
  let isDropping = false;
  return {
    feed(bytes) {
      const events: LineEvent[] = [];
      let from = 0;
      while (from < bytes.length) {
        const end = bytes.indexOf(lineFeed, from);
        const to = end < 0 ? bytes.length : end;
        if (!isDropping && held.length + to - from > most) {
          isDropping = true;
          held = "";
          events.push({ kind: "too-long" });
        }
        if (!isDropping) held += asciiOf(bytes.subarray(from, to));
        if (end < 0) break;
        if (!isDropping) events.push({ kind: "line", text: held.endsWith("\r") ? held.slice(0, -1) : held });
        held = "";
        isDropping = false;
        from = end + 1;
      }
      return events;
    },
  };
}

const lineFeed = 10;

function asciiOf(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += byte < 128 ? String.fromCharCode(byte) : "?";
  return text;
}
