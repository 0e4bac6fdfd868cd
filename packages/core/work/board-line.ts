import type { Mac } from "../base/index.ts";

/** The boards that asked for work, the one that has been free for longest first. */
export class BoardLine {
  readonly #boards = new Map<Mac, Slots>();
  readonly #free = new Set<Mac>();

  /** How many boards have a slot to give. */
  get size(): number {
    return this.#free.size;
  }

  /** The board says that it can take `slots` more; the most that it ever said on this link is what it has. */
  ready(board: Mac, slots: number): void {
    const line = this.#of(board);
    line.told = slots;
    line.most = Math.max(line.most, slots);
    this.#update(board, line);
  }

  /** Nothing more for this board until it asks again. */
  gone(board: Mac): void {
    const line = this.#of(board);
    line.told = 0;
    line.most = 0;
    this.#update(board, line);
  }

  /** The first with a slot that `isFree` allows. */
  first(isFree: (board: Mac) => boolean): Mac | null {
    for (const board of this.#free) if (isFree(board)) return board;
    return null;
  }

  /** A slot of the board is taken; the board goes to the end of the line. */
  hold(board: Mac): void {
    const line = this.#of(board);
    line.held++;
    line.told = Math.max(0, line.told - 1);
    this.#free.delete(board);
    this.#update(board, line);
  }

  /** A lease of the board has ended. Its slot counts again once the board says so. */
  release(board: Mac): void {
    const line = this.#of(board);
    line.held--;
    this.#update(board, line);
  }

  /** A slot that was held for nothing is there again, unless the board took back its word meanwhile. */
  giveBack(board: Mac): void {
    const line = this.#of(board);
    if (line.most > 0) line.told++;
    this.#update(board, line);
  }

  #update(board: Mac, line: Slots): void {
    // A `ready` may have crossed a `run` on the wire, so what the board has left is bounded by what it holds as well.
    if (Math.min(line.told, line.most - line.held) > 0) this.#free.add(board);
    else this.#free.delete(board);
    if (line.most === 0 && line.held === 0) this.#boards.delete(board);
  }

  #of(board: Mac): Slots {
    const known = this.#boards.get(board);
    if (known !== undefined) return known;
    const line: Slots = { told: 0, most: 0, held: 0 };
    this.#boards.set(board, line);
    return line;
  }
}

/** `told`: what it said it can still take; `most`: the most it said on this link; `held`: leases out. */
type Slots = { told: number; most: number; held: number };
