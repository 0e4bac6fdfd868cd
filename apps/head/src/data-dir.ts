import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ClusterError, messageOf } from "@bramble/core/base";

/** Where a head keeps what it knows, readable by its user alone. */
export type DataDir = {
  readonly database: string;
  /** Names this head across restarts. */
  readonly headId: string;
};

/** Make the directory when it is not there. @throws ClusterError `store.unavailable` naming the flag. */
export function openDataDir(dir: string): DataDir {
  const file = join(dir, "head-id");
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    if (!existsSync(file)) writeFileSync(file, `${crypto.randomUUID()}\n`);
    return { database: join(dir, "bramble.db"), headId: readFileSync(file, "utf8").trim().slice(0, 64) };
  } catch (thrown) {
    throw new ClusterError("store.unavailable", `--data ${dir} cannot be used: ${messageOf(thrown)}`);
  }
}
