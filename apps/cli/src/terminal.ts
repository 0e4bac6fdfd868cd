import Table from "cli-table3";

/** What a command writes to. Passed in, so that a test reads it. */
export type Terminal = {
  /** The answer: a table, a line, JSON. */
  out(text: string): void;
  /** Progress, warnings and errors. */
  note(text: string): void;
  /** Ask the person who sits there; null when they would not say (Ctrl+C). Absent: nobody can be asked. */
  ask?(question: string): Promise<string | null>;
  readonly isTty: boolean;
  readonly columns: number;
  readonly now: () => number;
};

/** Rows as columns of text: quiet, no frame, so that it reads well and pipes into `awk`. */
export function table(head: readonly string[], rows: readonly (readonly (string | number | null)[])[]): string {
  const drawn = new Table({
    head: [...head],
    chars: { ...noFrame, middle: "  " },
    style: { "padding-left": 0, "padding-right": 0, head: [], border: [], compact: true },
  });
  for (const row of rows) drawn.push(row.map((cell) => (cell === null ? "-" : String(cell))));
  return drawn
    .toString()
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n");
}

/** How long ago, as people say it: `4 s`, `12 min`, `3 h`, `2 d`. */
export function ago(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 100) return `${seconds} s`;
  if (seconds < 6000) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}

/** A number with its unit, or `-` where it is not known. */
export function reading(value: number | null | undefined, unit: string, digits = 0): string {
  return value === null || value === undefined ? "-" : `${value.toFixed(digits)}${unit}`;
}

const noFrame = {
  top: "",
  "top-mid": "",
  "top-left": "",
  "top-right": "",
  bottom: "",
  "bottom-mid": "",
  "bottom-left": "",
  "bottom-right": "",
  left: "",
  "left-mid": "",
  mid: "",
  "mid-mid": "",
  right: "",
  "right-mid": "",
};
