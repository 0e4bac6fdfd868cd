import { closeSync, openSync, readSync } from "node:fs";
import { join } from "node:path";

/**
 * Reads small kernel files, again and again, into one buffer. Synchronous on purpose: the kernel answers from memory in
 * microseconds, while an asynchronous read costs ten times the CPU.
 */
export class KernelFiles {
  readonly #root: string;
  readonly #buffer = Buffer.allocUnsafeSlow(64 * 1024);

  /** @param root where /proc, /sys and /etc are; another one in tests. */
  constructor(root = "/") {
    this.#root = root;
  }

  path(path: string): string {
    return join(this.#root, path);
  }

  /** At most 64 kB of a file as text; null when it cannot be read. */
  text(path: string): string | null {
    const bytes = this.bytes(path);
    return bytes === null ? null : bytes.toString("utf8");
  }

  /** The same as bytes, valid until the next read. */
  bytes(path: string): Buffer | null {
    let file: number | null = null;
    try {
      file = openSync(this.path(path), "r");
      return this.#buffer.subarray(0, this.#fill(file));
    } catch {
      return null;
    } finally {
      if (file !== null) closeSync(file);
    }
  }

  /** The kernel hands long files out in pieces. */
  #fill(file: number): number {
    let length = 0;
    while (length < this.#buffer.length) {
      const read = readSync(file, this.#buffer, length, this.#buffer.length - length, null);
      length += read;
      if (read === 0) break;
    }
    return length;
  }
}
