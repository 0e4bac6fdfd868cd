import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of the repository. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Every source of ours, tests and scripts included, as paths from the root. */
export const sources: readonly string[] = ["packages", "apps", "scripts", "test"].flatMap((folder) =>
  filesUnder(join(root, folder)),
);

/** What ships: the sources of packages and apps that are no tests. */
export const production: readonly string[] = sources.filter((file) => /^(packages|apps)\//.test(file) && !isTest(file));

/** Whether a file is a test or stands in a folder of tests. */
export function isTest(file: string): boolean {
  return /\.test\.tsx?$|^test\/|\/test\//.test(file);
}

/** The source without its comments, so that a word in prose is no offence. */
export function codeOf(file: string): string {
  return textOf(file)
    .replace(/\/\*[\s\S]*?\*\//g, "")
    .replace(/^\s*\/\/.*$/gm, "")
    .replace(/\s\/\/ .*$/gm, "");
}

/** A file's text; empty when it vanished while the tests ran. */
export function textOf(file: string): string {
  try {
    return readFileSync(join(root, file), "utf8");
  } catch {
    return "";
  }
}

/** `file: what is wrong` for each offence, so that a failure names them all. */
export function offences(files: readonly string[], find: (file: string) => readonly string[]): string[] {
  return files.flatMap((file) => find(file).map((offence) => `${file}: ${offence}`));
}

/** The files below a folder whose names fit, as paths from the root. */
export function filesUnder(folder: string, pattern = /\.(ts|tsx|mjs)$/): string[] {
  const found: string[] = [];
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (["node_modules", "dist", ".cache"].includes(entry.name)) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) found.push(...filesUnder(path, pattern));
    else if (pattern.test(entry.name)) found.push(relative(root, path));
  }
  return found.sort();
}
