import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type HeadConfig, readConfig } from "./config.ts";

/** A head's configuration for a test: any free port, no power, no beacon, a data directory of its own. */
export function fakeConfig(flags: readonly string[] = []): HeadConfig & Disposable {
  const dataDir = mkdtempSync(join(tmpdir(), "bramble-head-"));
  const root = join(import.meta.dirname, "..", "..", "..");
  const given = new Set(flags.filter((flag) => flag.startsWith("--")));
  const rest = [
    ...["--cluster", join(root, "examples", "mini-84.yaml")],
    ...["--port", "0"],
    ...["--power", "none"],
    ...["--beacon", "off"],
    ...["--page", join(dataDir, "no-page")],
  ];
  const defaults = rest.flatMap((word, at) => (at % 2 === 0 && !given.has(word) ? [word, rest[at + 1] ?? ""] : []));
  const asked = readConfig([...defaults, "--data", dataDir, ...flags], {}, root);
  if (asked.kind !== "run") throw new Error("no configuration");
  return { ...asked.config, [Symbol.dispose]: () => rmSync(dataDir, { recursive: true, force: true }) };
}
