import {
  chmodSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { constants, zstdCompressSync } from "node:zlib";
import { CommandError } from "../problem.ts";
import type { CpioEntry } from "./cpio.ts";
import { encodeCpio } from "./cpio.ts";
import type { Execute } from "./execute.ts";
import { moduleClosure, parseWanted } from "./modules.ts";
import type { ImageRequest } from "./request.ts";

/** What the RAM disk is made of. */
export type InitrdParts = {
  readonly request: ImageRequest;
  readonly data: string;
  /** The folder `.bramble` of the root: kernel, busybox. */
  readonly parts: string;
  /** An empty folder to work in. */
  readonly work: string;
  readonly atSeconds: number;
};

/** Builds the RAM disk that all plans share: busybox, our scripts, the drivers for network and root. */
export async function buildInitrd(from: InitrdParts, out: string, execute: Execute): Promise<void> {
  const { request, data, parts, work } = from;
  const version = kernelVersion(parts);
  const source = join(parts, "kernel/usr/lib/modules", version);
  const target = join(work, "lib/modules", version);
  mkdirSync(target, { recursive: true });
  for (const name of ["modules.builtin", "modules.builtin.modinfo", "modules.order"])
    copyFileSync(join(source, name), join(target, name));
  const { paths, missing } = moduleClosure(
    parseWanted(readFileSync(join(data, "initrd/modules"), "utf8"), request.arch),
    readFileSync(join(parts, "modules.dep"), "utf8"),
    readFileSync(join(source, "modules.builtin"), "utf8"),
  );
  if (missing.length > 0)
    throw new CommandError(`the kernel ${version} has no ${missing.join(", ")}: boards could not reach their root`);
  for (const path of paths) {
    mkdirSync(dirname(join(target, path)), { recursive: true });
    copyFileSync(join(source, path), join(target, path));
  }
  // Compressed once, with all the rest: smaller, and busybox need not unpack them one by one.
  const packed = paths.filter((path) => path.endsWith(".xz")).map((path) => join(target, path));
  if (packed.length > 0) await execute.run("unpacking modules", "xz", ["-d", ...packed]);
  await execute.run("dependencies of modules", "depmod", ["-b", work, version]);

  mkdirSync(join(work, "bin"));
  const busybox = ["bin/busybox", "usr/bin/busybox"].map((each) => join(parts, "busybox", each)).find(exists);
  if (busybox === undefined) throw new CommandError("the package busybox-static has no busybox");
  copyFileSync(busybox, join(work, "bin/busybox"));
  mkdirSync(join(work, "bramble"));
  for (const name of ["words", "network", "report", "live", "discovery", "lease"])
    copyFileSync(join(data, "initrd", name), join(work, "bramble", name));
  cpSync(join(data, "initrd/init"), join(work, "init"));
  chmodSync(join(work, "bramble/lease"), 0o755);
  if (request.boardToken !== null) writeFileSync(join(work, "bramble/board.token"), `${request.boardToken}\n`);
  const entries: CpioEntry[] = [
    ...entriesOf(work),
    { path: "bin/sh", kind: "link", to: "busybox" },
    { path: "dev", kind: "folder" },
    // The kernel opens it before anything is mounted.
    { path: "dev/console", kind: "device", major: 5, minor: 1 },
    ...["proc", "sys", "run", "newroot"].map((path): CpioEntry => ({ path, kind: "folder" })),
  ];
  const archive = encodeCpio(entries, from.atSeconds);
  writeFileSync(out, zstdCompressSync(archive, { params: { [constants.ZSTD_c_compressionLevel]: 19 } }));
}

/** The version of the one kernel among the parts. */
export function kernelVersion(parts: string): string {
  const [version] = readdirSync(join(parts, "kernel/usr/lib/modules"));
  if (version === undefined) throw new CommandError("the kernel's package has no modules");
  return version;
}

/** Everything below a folder, in an order that is always the same. */
function entriesOf(folder: string, below = ""): CpioEntry[] {
  return readdirSync(join(folder, below))
    .sort()
    .flatMap((name): CpioEntry[] => {
      const path = below === "" ? name : `${below}/${name}`;
      const file = join(folder, path);
      const { mode } = statSync(file);
      if (statSync(file).isDirectory()) return [{ path, kind: "folder" }, ...entriesOf(folder, path)];
      return [{ path, kind: "file", bytes: readFileSync(file), isExecutable: (mode & 0o100) !== 0 }];
    });
}

function exists(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isFile() === true;
}
