import { readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { codeOf, filesUnder, isTest, offences, production, root, sources, textOf } from "./sources.ts";

/** The walls of the house: who may import whom (docs/ARCHITECTURE.md), and what only edges may touch. */

/** The life of a board: a room of core imports only rooms that stand before it. */
const rooms = ["base", "cluster", "power", "boot", "discover", "register", "observe", "work", "show", "api"] as const;

const packages: Record<string, readonly string[]> = {
  "packages/core": [],
  "packages/warble": ["@bramble/core/base"],
  "packages/drivers": ["@bramble/core"],
  "apps/head": ["@bramble/core", "@bramble/warble", "@bramble/drivers"],
  "apps/agent": ["@bramble/core", "@bramble/warble"],
  "apps/sim": ["@bramble/core", "@bramble/warble", "@bramble/agent", "@bramble/drivers"],
  "apps/twin": ["@bramble/core", "@bramble/warble"],
  "apps/cli": ["@bramble/core", "@bramble/warble"],
};

test("imports keep to the walls: packages by their doors, rooms in the order of a board's life", () => {
  expect(offences(sources, (file) => importsOf(file).flatMap((specifier) => complaint(file, specifier) ?? []))).toEqual(
    [],
  );
});

describe("what only edges touch", () => {
  const pure = production.filter((file) => file.startsWith("packages/") && !isEntry(file));
  // The one place that names the machine's timers, to say what a `TimeSource` is.
  const timeless = pure.filter((file) => file !== "packages/core/base/clock.ts");

  test("packages take time and chance as arguments", () => {
    const pattern = /\bDate\.now\b|\bset(Timeout|Interval|Immediate)\(|\bMath\.random\b|\bperformance\.now\b/g;
    expect(offences(timeless, (file) => codeOf(file).match(pattern) ?? [])).toEqual([]);
  });

  test("core and warble touch no socket, disk or process", () => {
    const pattern = /\bprocess\.(env|argv|exit|std|on\b|nextTick|hrtime|cwd)|\bfetch\(|\bnew WebSocket\b/g;
    const rooms = pure.filter((file) => /^packages\/(core|warble)\//.test(file));
    expect(
      offences(rooms, (file) => [
        ...importsOf(file).filter((name) => name.startsWith("node:")),
        ...(codeOf(file).match(pattern) ?? []),
      ]),
    ).toEqual([]);
  });

  test("strangers' programs never become code: no eval, no Function constructor, no vm, no shell", () => {
    const found = production.filter((file) =>
      /\beval\(|\bnew Function\b|\bFunction\(|node:vm|\bexecSync\(|\bexec\(`|shell:\s*true/.test(codeOf(file)),
    );
    expect(found).toEqual([]);
  });

  test("SQL stands in the head's store and nowhere else", () => {
    const elsewhere = production.filter((file) => !file.startsWith("apps/head/src/store/"));
    expect(
      elsewhere.filter((file) =>
        /\b(SELECT\s.+\sFROM|INSERT\s+INTO|UPDATE\s\w+\sSET|DELETE\s+FROM)\b/.test(codeOf(file)),
      ),
    ).toEqual([]);
  });
});

describe("how files are", () => {
  test("no file is longer than 400 lines", () => {
    const lines = (file: string): number => readFileSync(join(root, file), "utf8").split("\n").length - 1;
    expect(offences(sources, (file) => (lines(file) > 400 ? [`${lines(file)} lines`] : []))).toEqual([]);
  });

  test("no committed file names a registry or a folder of somebody's machine", () => {
    const texts = [...sources, "package-lock.json", "README.md", ...filesUnder(join(root, "docs"), /\.md$/)];
    expect(
      texts.filter(
        (file) =>
          /registry\.npmjs|deb\.debian|"resolved": "http|\/work\/(main|shared)/.test(textOf(file)) &&
          !file.endsWith("architecture.test.ts"),
      ),
    ).toEqual([]);
  });
});

/** Why `file` may not import `specifier`, or null. */
function complaint(file: string, specifier: string): string | null {
  if (specifier.startsWith("node:")) return null;
  const home = Object.keys(packages).find((name) => file.startsWith(`${name}/`));
  if (specifier.startsWith(".")) {
    const target = relative(root, resolve(root, dirname(file), specifier));
    if (home === undefined) return null;
    if (!target.startsWith(`${home}/`) && !isTest(file))
      return `${specifier} leaves ${home}; packages meet at their doors`;
    return home === "packages/core" ? betweenRooms(file, target) : null;
  }
  if (!specifier.startsWith("@bramble/") || home === undefined || isTest(file)) return null;
  const allowed = packages[home] ?? [];
  return allowed.some((door) => specifier === door || specifier.startsWith(`${door}/`))
    ? null
    : `${home} may not import ${specifier}`;
}

function betweenRooms(file: string, target: string): string | null {
  const [from, to] = [file, target].map((path) => rooms.indexOf(path.split("/")[2] as (typeof rooms)[number]));
  if (from === undefined || to === undefined || from === -1 || to === -1) return null;
  if (to > from && !isTest(file)) return `${rooms[from]} comes before ${rooms[to]} in a board's life`;
  const isOtherRoom = to !== from;
  return isOtherRoom && !target.endsWith("/index.ts") && !isTest(file)
    ? `${target} is inside another room; use its index.ts`
    : null;
}

function importsOf(file: string): string[] {
  const pattern = /^\s*(?:import|export)\s[^;]*?from\s+"([^"]+)"|^\s*import\s+"([^"]+)"|\bimport\(\s*"([^"]+)"\s*\)/gm;
  return [...codeOf(file).matchAll(pattern)].map((match) => match[1] ?? match[2] ?? match[3] ?? "");
}

/** Programs that are run by hand inside a package (writers of generated files, stand-ins with sockets). */
function isEntry(file: string): boolean {
  return /\/write-[a-z-]+\.ts$|\.stand-in\.ts$|stand-ins\.ts$|\/contract\.ts$|\/testing\.ts$/.test(file);
}
