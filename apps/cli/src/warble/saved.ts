import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { messageOf } from "@bramble/core/base";
import { CommandError } from "../problem.ts";

/** What SAVE and SETDATA left behind for one user, in the language's own text form. */
export type Kept = {
  readonly saved: Readonly<Record<string, string>>;
  readonly data: Readonly<Record<string, string>>;
};

/** The values of `user` in the folder `store`; nothing without a folder or before the first save. */
export function readSaved(store: string | undefined, user: string): Kept {
  if (store === undefined) return { saved: {}, data: {} };
  const file = fileOf(store, user);
  try {
    const { saved, data } = JSON.parse(readFileSync(file, "utf8")) as Kept;
    return { saved, data };
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === "ENOENT") return { saved: {}, data: {} };
    throw new CommandError(`${file}: ${messageOf(thrown)}`);
  }
}

/** Replaces them as a whole: a reader never sees half a file. */
export function writeSaved(store: string | undefined, user: string, kept: Kept): void {
  if (store === undefined) return;
  const file = fileOf(store, user);
  mkdirSync(store, { recursive: true });
  writeFileSync(`${file}.new`, JSON.stringify(kept));
  renameSync(`${file}.new`, file);
}

// A user's name is a stranger's text: it never becomes a path.
function fileOf(store: string, user: string): string {
  return join(store, `${createHash("sha256").update(user).digest("hex").slice(0, 32)}.json`);
}
