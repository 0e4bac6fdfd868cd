import { Random } from "../../random.ts";

/** Choices that depend on a seed alone, so that a number names a program. */
export class Chance {
  readonly #random: Random;

  constructor(seed: number) {
    this.#random = new Random(seed);
  }

  /** A whole number from 0 to n-1. */
  below(n: number): number {
    return Math.floor(this.#random.unit() * n);
  }

  /** True in `percent` of a hundred cases. */
  in(percent: number): boolean {
    return this.below(100) < percent;
  }

  /** One of the items. */
  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }

  /** What `make` gives, `least` to `most` times. */
  some<T>(least: number, most: number, make: () => T): T[] {
    return Array.from({ length: least + this.below(most - least + 1) }, make);
  }
}
