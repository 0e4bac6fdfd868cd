/** Pixels of a row on a phone, where fingers press. */
const shortRow = 46;
/** A group of this many boards fits a desk screen. */
const group = 42;

/** Pixels of a row in a list of this height: a group fits as long as it can be read. */
export function rowHeight(height: number, isShort: boolean): number {
  return isShort ? shortRow : Math.max(15, Math.min(24, Math.floor(height / group)));
}

/** The rows from `from` to before `to` that are in sight, and some around them. */
export function rowsInSight(sight: {
  readonly top: number;
  readonly height: number;
  readonly each: number;
  readonly count: number;
}): { readonly from: number; readonly to: number } {
  const { top, height, each, count } = sight;
  const spare = 6;
  const last = Math.min(count, Math.ceil((top + height) / each) + spare);
  // A list that became shorter is drawn from its end until it has scrolled.
  return { from: Math.max(0, Math.min(Math.floor(top / each), count - 1) - spare), to: last };
}
