import { ClusterError, messageOf } from "../base/index.ts";
import type { ParseOptions } from "./parse.ts";
import { roleLimits } from "./role-rules.ts";

/** What `filesBeside` asks of a disk, by the names of node:fs. */
export type Disk = {
  realpathSync(path: string): string;
  statSync(path: string): { isFile(): boolean; readonly size: number };
  readFileSync(path: string): Uint8Array;
};

/** Files in the folder of the cluster file or below, which its roles name. */
export type BesideFiles = {
  /** For `parseCluster`. */
  readonly look: NonNullable<ParseOptions["beside"]>;
  /** @throws ClusterError `role.file` for one that is gone, too large, or led out of the folder by a link. */
  read(from: string): Uint8Array;
};

/** The files beside a cluster file in `folder`. */
export function filesBeside(disk: Disk, folder: string): BesideFiles {
  const find = (from: string): { readonly path: string; readonly bytes: number } => {
    const home = disk.realpathSync(folder);
    const path = disk.realpathSync(`${home}/${from}`);
    const isInside = path.startsWith(home) && (/[\\/]$/.test(home) || /^[\\/]/.test(path.slice(home.length)));
    if (!isInside) throw new Error("it leads out of the folder");
    const found = disk.statSync(path);
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
        return disk.readFileSync(path);
      } catch (thrown) {
        throw new ClusterError("role.file", `${from} cannot be read: ${whyNot(thrown)}`, { cause: thrown });
      }
    },
  };
}

function whyNot(thrown: unknown): string {
  const isMissing = thrown instanceof Error && "code" in thrown && thrown.code === "ENOENT";
  return isMissing ? "there is no such file" : messageOf(thrown);
}
