/**
 * What SETDATA of each user left on this board. Memory only, as the language says; the users that ran longest ago go
 * first when it is full.
 */
export class DataShelf {
  readonly #users = new Map<string, { readonly data: Readonly<Record<string, string>>; readonly size: number }>();
  readonly #maxSize: number;
  #size = 0;

  /** @param maxSize letters of all names and values together. */
  constructor(maxSize = 256 * 1024) {
    this.#maxSize = maxSize;
  }

  get size(): number {
    return this.#size;
  }

  of(user: string): Readonly<Record<string, string>> {
    return this.#users.get(user)?.data ?? nothing;
  }

  /** Adds what a run has set. A user whose data alone would not fit keeps what was there before. */
  put(user: string, set: Readonly<Record<string, string>>): void {
    if (Object.keys(set).length === 0) return;
    const data = { ...this.of(user), ...set };
    let size = user.length;
    for (const [name, value] of Object.entries(data)) size += name.length + value.length;
    if (size > this.#maxSize) return;
    this.#remove(user);
    this.#users.set(user, { data, size });
    this.#size += size;
    for (const oldest of this.#users.keys()) {
      if (this.#size <= this.#maxSize) break;
      this.#remove(oldest);
    }
  }

  #remove(user: string): void {
    this.#size -= this.#users.get(user)?.size ?? 0;
    this.#users.delete(user);
  }
}

const nothing: Readonly<Record<string, string>> = {};
