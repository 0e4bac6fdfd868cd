import { readFileSync, realpathSync, statSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import { messageOf } from "@bramble/core/base";
import type { ParseOptions } from "@bramble/core/cluster";

/** The files beside a cluster file, which its roles name: seen as the head will see them. */
export function filesBeside(clusterFile: string): {
  readonly look: NonNullable<ParseOptions["beside"]>;
  readonly read: (from: string) => Uint8Array;
} {
  const folder = dirname(clusterFile);
  return {
    look(from) {
      try {
        const home = realpathSync(folder);
        const path = realpathSync(join(home, from));
        if (!path.startsWith(home.endsWith(sep) ? home : home + sep))
          return { kind: "none", why: "it leads out of the folder" };
        const found = statSync(path);
        return found.isFile() ? { kind: "file", bytes: found.size } : { kind: "none", why: "it is no file" };
      } catch (thrown) {
        const isMissing = (thrown as NodeJS.ErrnoException).code === "ENOENT";
        return { kind: "none", why: isMissing ? "there is no such file" : messageOf(thrown) };
      }
    },
    read: (from) => readFileSync(join(folder, from)),
  };
}
