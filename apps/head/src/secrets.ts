import { closeSync, fstatSync, openSync, readFileSync } from "node:fs";
import { messageOf } from "@bramble/core/base";
import { parseSecrets } from "@bramble/core/power";
import type { HeadConfig } from "./config.ts";
import { UsageError } from "./usage.ts";

/**
 * The secrets file, by PDU. @param file as `--secrets` names it; undefined: no secrets.
 *
 * @throws UsageError when it cannot be read, others could read it, or it is not what was expected; never with a secret.
 */
export function secretsFrom(file: string | undefined): HeadConfig["secrets"] {
  if (file === undefined) return {};
  const source = readOwn(file);
  const read = parseSecrets(source);
  if (read.kind === "wrong") throw new UsageError(`--secrets ${file}: ${read.why}`);
  return read.secrets;
}

function readOwn(file: string): string {
  let handle: number;
  try {
    handle = openSync(file, "r");
  } catch (thrown) {
    throw new UsageError(`--secrets ${file} cannot be read: ${messageOf(thrown)}`);
  }
  try {
    // Of the open file, not of its name: nobody can swap it in between.
    const others = fstatSync(handle).mode & 0o077;
    if (others !== 0) throw new UsageError(`--secrets ${file} can be read by others; chmod 600 ${file}`);
    return readFileSync(handle, "utf8");
  } finally {
    closeSync(handle);
  }
}
