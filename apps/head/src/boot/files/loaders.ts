import { readdir, realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import type { ImageFile } from "./images.ts";

/** Boot programs that are not part of any image: iPXE and GRUB, by their file's name. */
export type Loaders = {
  readonly names: () => readonly string[];
  readonly file: (name: string) => ImageFile | null;
};

/**
 * The boot programs in these folders, of two with one name that of the earlier folder. A folder that is not there gives none:
 * Debian's `ipxe` puts its own into `/usr/lib/ipxe`, links into `/boot` among them, so links are followed.
 */
export async function openLoaders(folders: readonly string[]): Promise<Loaders> {
  const files = new Map<string, ImageFile>();
  for (const folder of folders)
    for (const name of (await readdir(folder).catch(() => [])).sort()) {
      if (!/^[A-Za-z0-9][A-Za-z0-9._-]*\.(k{1,2}pxe|pxe|efi|efi\.signed|0|lkrn)$/.test(name) || files.has(name))
        continue;
      const path = await realpath(join(folder, name)).catch(() => null);
      const about = path === null ? null : await stat(path).catch(() => null);
      if (path !== null && about?.isFile() === true) files.set(name, { kind: "file", path, sizeBytes: about.size });
    }
  return { names: () => [...files.keys()], file: (name) => files.get(name) ?? null };
}

/** No loaders, for boards that are pretended. */
export const noLoaders: Loaders = { names: () => [], file: () => null };
