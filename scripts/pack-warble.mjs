// Makes packages/warble publishable alone. npm runs it there: `prepack` before `npm pack`, `postpack` after it; `npm run
// build` runs it without either. Plain JavaScript, so that a machine's older Node runs it.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { build } from "esbuild";
import { root } from "./setup.mjs";

const folder = process.cwd();
const dist = join(folder, "dist");
const manifest = join(folder, "package.json");
/** The manifest of the clone, which names the sources, while npm packs the one that names what was built. */
const kept = join(folder, "package.source.json");

const [task = "build"] = process.argv.slice(2);
if (!["build", "prepack", "postpack"].includes(task)) throw new Error(`pack-warble.mjs knows no ${task}`);
if (JSON.parse(readFileSync(manifest, "utf8")).name !== "@bramble/warble")
  throw new Error("run this in packages/warble");

restoreManifest();
if (task !== "postpack") await buildPackage();
if (task === "prepack") replaceManifest();

/** Also after a pack that was interrupted. */
function restoreManifest() {
  if (!existsSync(kept)) return;
  writeFileSync(manifest, readFileSync(kept));
  rmSync(kept);
}

function replaceManifest() {
  const source = readFileSync(manifest, "utf8");
  const { scripts: _, exports: __, ...rest } = JSON.parse(source);
  const exports = { ".": { types: "./dist/index.d.ts", default: "./dist/warble.mjs" }, "./SPEC.md": "./SPEC.md" };
  writeFileSync(kept, source);
  writeFileSync(
    manifest,
    `${JSON.stringify({ ...rest, main: "./dist/warble.mjs", types: "./dist/index.d.ts", exports }, null, 2)}\n`,
  );
}

/** dist/warble.mjs for Node and browsers alike, and the types of its door. */
async function buildPackage() {
  rmSync(dist, { recursive: true, force: true });
  mkdirSync(dist);
  await build({
    entryPoints: [join(folder, "index.ts")],
    outfile: join(dist, "warble.mjs"),
    bundle: true,
    format: "esm",
    platform: "neutral",
    target: "es2022",
    legalComments: "none",
    logLevel: "warning",
  });
  writeTypes();
}

function writeTypes() {
  const types = join(dist, "types");
  const flags =
    "--declaration --emitDeclarationOnly --strict --exactOptionalPropertyTypes --skipLibCheck --ignoreConfig --allowImportingTsExtensions --verbatimModuleSyntax --target ES2024 --lib ES2024,DOM --module NodeNext --types".split(
      " ",
    );
  const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
  const { status, stdout } = spawnSync(
    process.execPath,
    [tsc, join(folder, "index.ts"), ...flags, "", "--rootDir", folder, "--outDir", types],
    {
      encoding: "utf8",
    },
  );
  if (status !== 0) throw new Error(`the types of the package cannot be written:\n${stdout}`);
  for (const name of reachable(types, "index.d.ts")) {
    const target = join(dist, name);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, declarationOf(join(types, name)));
  }
  rmSync(types, { recursive: true });
}

/** Declarations name each other by what they will be beside: `./errors.js`. */
function declarationOf(file) {
  return readFileSync(file, "utf8").replace(/(from\s+"\.{1,2}\/[^"]+)\.ts"/g, '$1.js"');
}

/** The declarations that the door's own lead to; the rest is nobody's business. */
function reachable(types, door) {
  const found = new Set([door]);
  for (const name of found) {
    for (const [, target] of readFileSync(join(types, name), "utf8").matchAll(/from\s+"(\.{1,2}\/[^"]+)\.ts"/g)) {
      found.add(join(dirname(name), `${target}.d.ts`));
    }
  }
  return found;
}
