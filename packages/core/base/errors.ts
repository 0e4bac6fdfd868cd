/**
 * The root of every error that Bramble throws on purpose: bad input at an edge, or a broken promise.
 * `code` is stable (`dhcp.decode`, `power.timeout`) and stands in the table of `core/api/errors.ts`.
 */
export class ClusterError extends Error {
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}

/** Bytes that do not follow their format; `offset` is the octet at which the reader gave up. */
export class DecodeError extends ClusterError {
  readonly offset: number;

  constructor(code: string, message: string, offset: number) {
    super(code, `${message} at octet ${offset}`);
    this.offset = offset;
  }
}

/** The end of a `switch` over a union: the compiler proves that it is never reached. */
export function unreachable(value: never): never {
  throw new ClusterError("internal", `a case was forgotten: ${JSON.stringify(value)}`);
}

/** What was thrown, as a sentence, whatever it was. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
