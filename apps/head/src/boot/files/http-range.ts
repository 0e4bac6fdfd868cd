/** What part of a file a client asks for. Both ends count. */
export type ByteRange = { readonly first: number; readonly last: number };

/**
 * Read a `Range` header (RFC 9110 §14.2) for a file of `sizeBytes`.
 *
 * @returns `whole` for none, one in another unit, a badly formed one or several: a server may ignore those; `none` when it
 * asks only for what lies behind the end.
 */
export function readRange(header: string | undefined, sizeBytes: number): ByteRange | "whole" | "none" {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.replace(/\s/g, "") ?? "");
  if (match === null) return "whole";
  const [, from = "", to = ""] = match;
  if (from === "" && to === "") return "whole";
  if (from === "") {
    const length = Number(to);
    if (length === 0 || sizeBytes === 0) return "none";
    return { first: Math.max(0, sizeBytes - length), last: sizeBytes - 1 };
  }
  const first = Number(from);
  const last = to === "" ? Number.POSITIVE_INFINITY : Number(to);
  if (last < first) return "whole";
  return first >= sizeBytes ? "none" : { first, last: Math.min(last, sizeBytes - 1) };
}
