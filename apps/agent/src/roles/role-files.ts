import { constants } from "node:fs";
import { chmod, lstat, mkdir, open, readFile, rename, rmdir, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { foldersOfRole } from "@bramble/core/cluster";

/** Writes and removes files below `root`, and follows no link on the way. */
export type RoleFiles = {
  /**
   * Whole or not at all; and not at all when the file is so already, for each write costs the board memory.
   *
   * @returns whether something was written. @throws when something that is no folder, or no file, is in the way.
   */
  write(path: string, bytes: Uint8Array, mode: number): Promise<boolean>;
  /** Nothing when it is not there. */
  remove(path: string): Promise<void>;
  /** Null when there is none. */
  read(path: string): Promise<Uint8Array | null>;
  exists(path: string): Promise<boolean>;
  /** The empty folders of a role, from the innermost. */
  tidy(id: string, paths: readonly string[]): Promise<void>;
};

/** Files below `root`: `/` on a board. */
export function roleFiles(root: string): RoleFiles {
  const place = (path: string): string => join(root, path);

  /** Every folder on the way is a folder: a link could lead anywhere, and the agent may be root. */
  const enter = async (folder: string, make: boolean): Promise<boolean> => {
    const steps = folder.split("/").filter((step) => step !== "");
    for (let count = 1; count <= steps.length; count++) {
      const path = steps.slice(0, count).join("/");
      let found = await kindOf(place(path));
      if (found === "none") {
        if (!make) return false;
        await mkdir(place(path));
        // The agent's unit has UMask=0077, and the user bramble must get to its programs.
        await chmod(place(path), 0o755);
        found = "folder";
      }
      if (found !== "folder") throw new Error(`/${path} is ${found === "link" ? "a link" : "no folder"}`);
    }
    return true;
  };

  return {
    async write(path, bytes, mode) {
      await enter(dirname(path), true);
      const target = place(path);
      const found = await kindOf(target);
      if (found === "folder" || found === "other") throw new Error(`${path} is there and no file`);
      if (found === "file" && (await isSo(target, bytes, mode))) return false;
      const fresh = join(dirname(target), `.bramble-${basename(target)}`);
      await unlink(fresh).catch(ignoreMissing);
      const file = await open(fresh, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
      try {
        await file.writeFile(bytes);
        await file.chmod(mode);
        await file.close();
        await rename(fresh, target);
      } catch (thrown) {
        await file.close().catch(() => {});
        await unlink(fresh).catch(() => {});
        throw thrown;
      }
      return true;
    },
    async remove(path) {
      if (!(await enter(dirname(path), false))) return;
      if ((await kindOf(place(path))) !== "none") await unlink(place(path));
    },
    async read(path) {
      if (!(await enter(dirname(path), false))) return null;
      const found = await kindOf(place(path));
      return found === "file" ? await readFile(place(path)) : null;
    },
    exists: async (path) => (await kindOf(place(path))) !== "none",
    async tidy(id, paths) {
      const own = foldersOfRole(id).map((folder) => folder.slice(0, -1));
      const folders = new Set<string>();
      for (const path of paths) {
        for (
          let folder = dirname(path);
          own.some((each) => `${folder}/`.startsWith(`${each}/`));
          folder = dirname(folder)
        )
          folders.add(folder);
      }
      for (const folder of [...folders].sort((a, b) => b.length - a.length)) {
        if (await enter(dirname(folder), false)) await rmdir(place(folder)).catch(() => {});
      }
    },
  };
}

type Kind = "none" | "folder" | "file" | "link" | "other";

async function kindOf(path: string): Promise<Kind> {
  try {
    const found = await lstat(path);
    if (found.isSymbolicLink()) return "link";
    if (found.isDirectory()) return "folder";
    return found.isFile() ? "file" : "other";
  } catch (thrown) {
    ignoreMissing(thrown);
    return "none";
  }
}

async function isSo(path: string, bytes: Uint8Array, mode: number): Promise<boolean> {
  const found = await lstat(path);
  if (found.size !== bytes.length || (found.mode & 0o7777) !== mode) return false;
  return (await readFile(path)).equals(bytes);
}

function ignoreMissing(thrown: unknown): void {
  if ((thrown as NodeJS.ErrnoException).code !== "ENOENT") throw thrown;
}
