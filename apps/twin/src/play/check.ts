import { parse } from "@bramble/warble";

/** What reading a post without running it finds. */
export type Found = {
  readonly error: { readonly class: string; readonly pos: number; readonly message: string } | null;
  readonly warnings: readonly { readonly pos: number; readonly message: string }[];
};

/** Read a post: bounded by its 280 characters, so this may happen here. Running it may not. */
export function check(text: string): Found {
  if (text === "") return { error: null, warnings: [] };
  const read = parse(text);
  return "error" in read ? { error: read.error, warnings: [] } : { error: null, warnings: read.warnings };
}
