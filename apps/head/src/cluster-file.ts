import * as disk from "node:fs";
import { dirname } from "node:path";
import { type Logger, messageOf } from "@bramble/core/base";
import { type Cluster, filesBeside, parseCluster } from "@bramble/core/cluster";
import { UsageError } from "./usage.ts";

/**
 * Read the cluster file.
 *
 * @throws UsageError with the file, line and column of the first mistakes.
 */
export function loadCluster(path: string, variables: Readonly<Record<string, string>>, log: Logger): Cluster {
  let source: string;
  try {
    source = disk.readFileSync(path, "utf8");
  } catch (thrown) {
    const isMissing = (thrown as NodeJS.ErrnoException).code === "ENOENT";
    throw new UsageError(
      isMissing ? `there is no cluster file ${path}` : `the cluster file ${path} cannot be read: ${messageOf(thrown)}`,
    );
  }
  const parsed = parseCluster(source, { variables, beside: filesBeside(disk, dirname(path)).look });
  if (parsed.kind === "invalid") {
    const [first] = parsed.problems;
    const more = parsed.problems.length - 1;
    const rest = more === 0 ? "" : ` (and ${more} more: bramble check ${path})`;
    throw new UsageError(`${path}:${first?.line}:${first?.column}: ${first?.message}${rest}`);
  }
  if (parsed.warnings.length > 0)
    log.info({ file: path, warnings: parsed.warnings.length }, "cluster file has warnings");
  return parsed.cluster;
}
