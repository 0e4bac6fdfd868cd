/**
 * A line of users, first come, first served. A `Map` would do, but taking from its front leaves holes that each look at
 * the front has to step over; with ten thousand users that is most of the work.
 */
export class Turns {
  readonly #turnOf = new Map<string, number>();
  #line: string[] = [];
  /** Where the line begins, in `#line` and in turns. */
  #head = 0;
  #firstTurn = 0;

  /** To the end of the line, unless already in it. */
  add(user: string): void {
    if (this.#turnOf.has(user)) return;
    this.#turnOf.set(user, this.#firstTurn + this.#line.length - this.#head);
    this.#line.push(user);
  }

  /** Out of the line, wherever in it. */
  delete(user: string): void {
    this.#turnOf.delete(user);
    this.#skip();
  }

  /** Whose turn it is, or null. */
  first(): string | null {
    return this.#line[this.#head] ?? null;
  }

  /** How many turns come before the user's; of somebody who is not in the line: before its end. */
  before(user: string): number {
    const turn = this.#turnOf.get(user);
    return turn === undefined ? this.#line.length - this.#head : turn - this.#firstTurn;
  }

  /** Drops those at the front who left; the rest of the line keeps its places. */
  #skip(): void {
    while (this.#head < this.#line.length && this.#turnOf.get(this.#line[this.#head]!) !== this.#firstTurn) {
      this.#head++;
      this.#firstTurn++;
    }
    if (this.#head > 1024 && this.#head * 2 > this.#line.length) {
      this.#line = this.#line.slice(this.#head);
      this.#head = 0;
    }
  }
}
