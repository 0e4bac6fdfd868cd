import { execFileSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmdirSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A disk of its own, small enough to be filled. */
export type SmallDisk = Disposable & {
  readonly path: string;
  /** Something else takes all the room that is left. */
  fill(): void;
  /** And gives it back. */
  free(): void;
  /** Mounted read-only, as a disk is after its first errors. Nothing may be open on it. */
  freeze(): void;
};

/** Mount one of `sizeMb`, or say why this machine does not let us: it takes root on Linux. */
export function mountSmallDisk(sizeMb: number): SmallDisk | string {
  const path = mkdtempSync(join(tmpdir(), "bramble-small-disk-"));
  try {
    mount("-t", "tmpfs", "-o", `size=${sizeMb}m`, "tmpfs", path);
  } catch (thrown) {
    rmdirSync(path);
    return `a disk cannot be mounted here (${String(thrown).slice(0, 200)})`;
  }
  const ballast = join(path, "ballast");
  return {
    path,
    fill() {
      const file = openSync(ballast, "a");
      const block = new Uint8Array(4096);
      try {
        for (;;) writeSync(file, block);
      } catch (thrown) {
        if ((thrown as NodeJS.ErrnoException).code !== "ENOSPC") throw thrown;
      } finally {
        closeSync(file);
      }
    },
    free: () => rmSync(ballast, { force: true }),
    freeze: () => mount("-o", "remount,ro", path),
    [Symbol.dispose]() {
      execFileSync("umount", [path]);
      rmdirSync(path);
    },
  };
}

function mount(...args: readonly string[]): void {
  execFileSync("mount", args, { stdio: "pipe" });
}
