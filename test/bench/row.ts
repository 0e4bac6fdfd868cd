/** One budget and what was measured against it in this run. */
export type Row = {
  readonly what: string;
  readonly measured: string;
  /** The peer in the same run, and what it did; null where none exists. */
  readonly peer: string | null;
  /** The budget, in words. */
  readonly budget: string;
  /** Null: not measured here; the note says why. */
  readonly isReached: boolean | null;
  /** Why it was not reached, or not measured. */
  readonly note?: string;
};

/** A group of budgets, measured one after another. */
export type Bench = { readonly name: string; run(): Promise<readonly Row[]> };

/** The median time of `times` runs of `work`, in ms. */
export function medianMs(times: number, work: () => void): number {
  const taken: number[] = [];
  for (let i = 0; i < times; i++) {
    const from = performance.now();
    work();
    taken.push(performance.now() - from);
  }
  return taken.sort((a, b) => a - b)[Math.floor(times / 2)]!;
}

/** The value below which the part `part` of rising `values` lies. */
export function quantile(values: readonly number[], part: number): number {
  return values[Math.min(values.length - 1, Math.floor(values.length * part))] ?? Number.NaN;
}

/** 12,345 as "12 k". */
export function thousands(count: number): string {
  return `${(count / 1000).toFixed(count < 10_000 ? 1 : 0)} k`;
}

/** The verdict of a row; `note` says why when it is not reached. */
export function reachedOrNot(isReached: boolean, note: string): Pick<Row, "isReached" | "note"> {
  return isReached ? { isReached } : { isReached, note };
}

/** A budget that this run cannot tell anything of. */
export function notMeasured(what: string, budget: string, note: string): Row {
  return { what, measured: "-", peer: null, budget, isReached: null, note };
}
