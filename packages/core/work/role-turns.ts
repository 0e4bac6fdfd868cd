import type { Mac, Millis } from "../base/index.ts";

/** How many may fetch at once. */
export type TurnLimits = { readonly boards: number; readonly octets: number; readonly turnMs: Millis };

/** 32 boards and 32 MB on their way at once; who says nothing for a minute has had its turn. */
export const defaultTurnLimits: TurnLimits = { boards: 32, octets: 32 * 2 ** 20, turnMs: 60_000 };

/** Who may fetch a role now: boards in the order in which they asked, so many at once, each for so long. */
export class RoleTurns {
  readonly #limits: TurnLimits;
  readonly #line = new Map<Mac, number>();
  readonly #turns = new Map<Mac, { readonly octets: number; readonly until: Millis }>();
  #octets = 0;

  constructor(limits: TurnLimits) {
    this.#limits = limits;
  }

  get waiting(): number {
    return this.#line.size;
  }

  get fetching(): number {
    return this.#turns.size;
  }

  /** Stand in line for so many octets. Who stands there keeps its place; who has its turn stands in line once more. */
  ask(board: Mac, octets: number): void {
    this.#line.set(board, octets);
  }

  /** The turn, or the place in line, of a board that has finished or is gone. */
  end(board: Mac): void {
    this.#line.delete(board);
    this.#endTurn(board);
  }

  /** Only its place in the line. */
  leave(board: Mac): void {
    this.#line.delete(board);
  }

  /** The boards whose turn begins now. */
  next(now: Millis): readonly Mac[] {
    for (const [board, { until }] of this.#turns) if (until <= now) this.#endTurn(board);
    const begun: Mac[] = [];
    for (const [board, octets] of this.#line) {
      if (this.#turns.has(board)) continue;
      // One board may always fetch, however large its role is.
      const isFree = this.#turns.size < this.#limits.boards && this.#octets + octets <= this.#limits.octets;
      if (!isFree && this.#turns.size > 0) break;
      this.#line.delete(board);
      this.#turns.set(board, { octets, until: now + this.#limits.turnMs });
      this.#octets += octets;
      begun.push(board);
    }
    return begun;
  }

  /** When the first turn ends by itself; null while nobody fetches. */
  firstEnd(): Millis | null {
    let first: Millis | null = null;
    for (const { until } of this.#turns.values()) if (first === null || until < first) first = until;
    return first;
  }

  #endTurn(board: Mac): void {
    const turn = this.#turns.get(board);
    if (turn === undefined) return;
    this.#turns.delete(board);
    this.#octets -= turn.octets;
  }
}
