/** The life of one posted Warble. */
export type WarbleState = "queued" | "leased" | "done" | "failed";

/** How the sandbox of a board or of the head answers one run. Plain JSON; the shape of `@bramble/warble`'s RunResult. */
export type Outcome = {
  readonly out: readonly string[];
  readonly effects: readonly (readonly [string, ...(number | string)[]])[];
  readonly error: { readonly class: string; readonly pos: number; readonly message: string } | null;
  readonly warnings: readonly { readonly pos: number; readonly message: string }[];
  readonly steps: number;
  readonly saves: Readonly<Record<string, string>>;
  readonly data: Readonly<Record<string, string>>;
};
