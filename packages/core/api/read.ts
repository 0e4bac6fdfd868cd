import type { Static, TSchema } from "typebox";
import { Check } from "typebox/value";
import { BoardMessage, HeadMessage } from "./link.ts";

/** A text frame of the link from the head, or null when it is none that the schema knows. Never throws. */
export function readHeadMessage(text: string): HeadMessage | null {
  return read(HeadMessage, text);
}

/** A text frame of the link from a board, or null when it is none that the schema knows. Never throws. */
export function readBoardMessage(text: string): BoardMessage | null {
  return read(BoardMessage, text);
}

/** Checked by interpretation, not by generated code, so that it works where Node forbids code from strings. */
function read<T extends TSchema>(schema: T, text: string): Static<T> | null {
  try {
    const said: unknown = JSON.parse(text);
    return Check(schema, said) ? said : null;
  } catch {
    return null;
  }
}
