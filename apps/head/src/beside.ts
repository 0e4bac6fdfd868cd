import { readFileSync, realpathSync, statSync } from "node:fs";
import { join, sep } from "node:path";
import { ClusterError, messageOf } from "@bramble/core/base";
import { type ParseOptions, roleLimits } from "@bramble/core/cluster";

/** Files in the folder of the cluster file or below, which its roles name. */
export type BesideFiles = {
  /** For `parseCluster`. */
  readonly look: NonNullable<ParseOptions["beside"]>;
  /** @throws ClusterError `role.file` for one that is gone, too large, or led out of the folder by a link. */
  read(from: string): Uint8Array;
};

/** The files beside a cluster file in `folder`. */
export function filesBeside(folder: string): BesideFiles {
  const find = (from: string): { readonly path: string; readonly bytes: number } => {
    const home = realpathSync(folder);
    const path = realpathSync(join(home, from));
    if (!path.startsWith(home.endsWith(sep) ? home : home + sep)) throw new Error("it leads out of the folder");
    const found = statSync(path);
    if (!found.isFile()) throw new Error("it is no file");
    return { path, bytes: found.size };
  };
  return {
    look(from) {
      try {
        return { kind: "file", bytes: find(from).bytes };
      } catch (thrown) {
        return { kind: "none", why: whyNot(thrown) };
      }
    },
    read(from) {
      try {
        const { path, bytes } = find(from);
        if (bytes > roleLimits.fileBytes) throw new Error(`it has ${bytes} octets`);
        return readFileSync(path);
      } catch (thrown) {
        throw new ClusterError("role.file", `${from} cannot be read: ${whyNot(thrown)}`, { cause: thrown });
      }
    },
  };
}

function whyNot(thrown: unknown): string {
  return (thrown as NodeJS.ErrnoException).code === "ENOENT" ? "there is no such file" : messageOf(thrown);
}
