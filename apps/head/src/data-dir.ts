import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { ClusterError, messageOf } from "@bramble/core/base";

/** Where a head keeps what it knows, readable by its user alone. */
export type DataDir = { readonly database: string };

/**
 * Make the directory when it is not there.
 *
 * @throws ClusterError `store.unavailable` naming the flag; `store.corrupt` when a head lived here and its database is
 * gone: SQLite would begin an empty one, and delete a write-ahead log that may still hold everything.
 */
export function openDataDir(dir: string): DataDir {
  const database = join(dir, "bramble.db");
  let isLost: boolean;
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    isLost = readName(dir) !== null && (!existsSync(database) || statSync(database).size === 0);
  } catch (thrown) {
    throw unusable(dir, thrown);
  }
  if (isLost) {
    throw new ClusterError(
      "store.corrupt",
      `${database} is gone or empty, though a head has worked here: put a copy back, or remove ${idFile(dir)} to begin anew`,
    );
  }
  return { database };
}

/** What names this head across restarts. To be asked only once its database stands: from then on it may not vanish. */
export function nameHead(dir: string): string {
  try {
    const known = readName(dir);
    if (known !== null) return known;
    const name = crypto.randomUUID();
    // Whole or not at all, also when we are killed here.
    writeFileSync(`${idFile(dir)}.new`, `${name}\n`, { flush: true });
    renameSync(`${idFile(dir)}.new`, idFile(dir));
    return name;
  } catch (thrown) {
    throw unusable(dir, thrown);
  }
}

function idFile(dir: string): string {
  return join(dir, "head-id");
}

function readName(dir: string): string | null {
  if (!existsSync(idFile(dir))) return null;
  return readFileSync(idFile(dir), "utf8").trim().slice(0, 64) || null;
}

function unusable(dir: string, thrown: unknown): ClusterError {
  return new ClusterError("store.unavailable", `--data ${dir} cannot be used: ${whyNot(dir) ?? messageOf(thrown)}`, {
    cause: thrown,
  });
}

/** What forbids writing there: of a read-only disk, making a folder says only that there is none (ENOENT). */
function whyNot(dir: string): string | null {
  let nearest = dir;
  while (!existsSync(nearest) && dirname(nearest) !== nearest) nearest = dirname(nearest);
  try {
    accessSync(nearest, constants.W_OK);
    return null;
  } catch (denied) {
    return messageOf(denied);
  }
}
