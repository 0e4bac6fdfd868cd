/** What the exit code of `bramble` says (docs/cli.md). */
export const exitCodes = { ok: 0, failed: 1, usage: 2, unreachable: 3 } as const;

/** A failure that a person reads: one sentence, perhaps a hint, and the exit code. */
export class CommandError extends Error {
  readonly hint: string | null;
  readonly exitCode: number;

  constructor(message: string, options: { hint?: string; exitCode?: number } = {}) {
    super(message);
    this.name = "CommandError";
    this.hint = options.hint ?? null;
    this.exitCode = options.exitCode ?? exitCodes.failed;
  }
}
