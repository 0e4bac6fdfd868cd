import { fixedLogarithms, fixedPi } from "./fixed.ts";
import { exactBits } from "./roots.ts";

// Rungs of the ladder stand at 2^(1024 · 2^(i/4)): a length is known to a fifth without touching the number's digits.
const rungsPerOctave = 4;
const firstRungBits = 1024;
const smallPowers = 1024;
const keptDigits = 10_000_000;

/** Numbers that a run needs again and again; made when first asked for, forgotten with the run. */
export class Constants {
  readonly #rungs: { readonly over: bigint; readonly under: bigint; readonly bits: number }[] = [];
  readonly #tens: (bigint | undefined)[] = [];
  readonly #largeTens = new Map<number, bigint>();
  #largeDigits = 0;
  #pi = { bits: 0, value: 3n };
  #logarithms = { bits: 0, two: 0n, ten: 2n };

  /** No less than the bits of `n`: a fifth too many at most, twice below 1024; the cost does not grow with `n`. */
  bitsOf(n: bigint): number {
    const double = Math.abs(Number(n));
    if (double < 1.3e154) return double < 1.8e19 ? 64 : double < 3.4e38 ? 128 : double < 1.1e77 ? 256 : 512;
    if (double < 8.9e307) return 1024;
    for (let i = 0; ; i++) {
      const { over, under, bits } = this.#rung(i);
      if (n < over && n > under) return bits;
    }
  }

  #rung(i: number): { readonly over: bigint; readonly under: bigint; readonly bits: number } {
    let rung = this.#rungs[i];
    if (rung === undefined) {
      const bits = Math.ceil(firstRungBits * 2 ** (i / rungsPerOctave));
      const over = 1n << BigInt(bits);
      rung = { over, under: -over, bits };
      this.#rungs[i] = rung;
    }
    return rung;
  }

  /** 10^n. */
  ten(n: number): bigint {
    if (n < smallPowers) {
      let power = this.#tens[n];
      if (power === undefined) {
        power = 10n ** BigInt(n);
        this.#tens[n] = power;
      }
      return power;
    }
    let power = this.#largeTens.get(n);
    if (power === undefined) {
      const above = this.#largeTens.get(n + 1);
      const below = this.#largeTens.get(n - 1);
      if (above !== undefined) power = above / 10n;
      else if (below !== undefined) power = below * 10n;
      else power = (5n ** BigInt(n)) << BigInt(n);
      this.#largeDigits += n;
      if (this.#largeDigits > keptDigits) {
        this.#largeTens.clear();
        this.#largeDigits = n;
      }
      this.#largeTens.set(n, power);
    }
    return power;
  }

  /** The decimal digits of `n` >= 0; 1 for 0. `guess`, when near, saves counting. */
  digitsOf(n: bigint, guess = 0): number {
    if (n < 10n) return 1;
    let digits = guess;
    if (guess === 0) {
      const double = Number(n);
      digits = double < 1e300 ? Math.floor(Math.log10(double)) + 1 : Math.floor(exactBits(n) * 0.30102999566) + 1;
    }
    while (n >= this.ten(digits)) digits++;
    while (n < this.ten(digits - 1)) digits--;
    return digits;
  }

  /** pi · 2^bits. */
  pi(bits: number): bigint {
    if (this.#pi.bits < bits) this.#pi = { bits, value: fixedPi(bits) };
    return this.#pi.value >> BigInt(this.#pi.bits - bits);
  }

  /** ln 10 · 2^bits. */
  logTen(bits: number): bigint {
    const { bits: known, ten } = this.#logarithmsTo(bits);
    return ten >> BigInt(known - bits);
  }

  /** ln 2 · 2^bits. */
  logTwo(bits: number): bigint {
    const { bits: known, two } = this.#logarithmsTo(bits);
    return two >> BigInt(known - bits);
  }

  #logarithmsTo(bits: number) {
    if (this.#logarithms.bits < bits) this.#logarithms = { bits, ...fixedLogarithms(bits) };
    return this.#logarithms;
  }
}
