import { statfs } from "node:fs/promises";

/** Space of the root file system in GB of 10^9, as df tells it: used is what is not free. */
export type DiskSpace = { readonly usedGb: number; readonly totalGb: number };

/**
 * Asks for the space of a file system, in the background: the root of a netbooted board is on the network, and a server
 * that hangs would hang whoever waits. A sample takes the last answer; while one question hangs, no other is asked, and
 * the old answer counts no more.
 */
export class DiskWatch {
  readonly #path: string;
  #latest: DiskSpace | null = null;
  #isAsking = false;

  constructor(path: string) {
    this.#path = path;
  }

  /** The last answer, null before the first; asks for the next one. */
  space(): DiskSpace | null {
    if (this.#isAsking) this.#latest = null;
    else void this.refresh();
    return this.#latest;
  }

  /** Asks, and resolves when the answer is there; never rejects. */
  async refresh(): Promise<void> {
    this.#isAsking = true;
    try {
      const { bsize, blocks, bfree } = await statfs(this.#path);
      this.#latest =
        blocks === 0 ? null : { usedGb: ((blocks - bfree) * bsize) / 1e9, totalGb: (blocks * bsize) / 1e9 };
    } catch {
      this.#latest = null;
    } finally {
      this.#isAsking = false;
    }
  }
}
