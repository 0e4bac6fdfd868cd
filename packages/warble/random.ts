/** Where a row of random numbers stands. */
export type RandomState = readonly [a: number, b: number, c: number, count: number];

/** Random numbers that are the same everywhere for the same seed (sfc32). */
export class Random {
  #a = 0;
  #b = 0;
  #c = 0;
  #count = 1;
  readonly #bits = new DataView(new ArrayBuffer(8));

  constructor(seed: number) {
    this.seed(seed);
  }

  /** Start again from `seed`; every bit of the double counts. */
  seed(seed: number): void {
    const bits = this.#bits;
    bits.setFloat64(0, seed);
    this.#a = bits.getUint32(0);
    this.#b = bits.getUint32(4);
    this.#c = 0x9e3779b9;
    this.#count = 1;
    for (let i = 0; i < 12; i++) this.#next();
  }

  /** Where the row stands now. */
  state(): RandomState {
    return [this.#a, this.#b, this.#c, this.#count];
  }

  /** Go on from there again. */
  setState(state: RandomState): void {
    [this.#a, this.#b, this.#c, this.#count] = state;
  }

  /** A multiple of 2^-53 that is at least 0 and below 1. */
  unit(): number {
    const high = this.#next() >>> 5;
    const low = this.#next() >>> 6;
    return (high * 67108864 + low) / 9007199254740992;
  }

  #next(): number {
    const sum = (this.#a + this.#b + this.#count) | 0;
    this.#count = (this.#count + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
    this.#c |= 0;
    return sum;
  }
}
