// Rewrites the table of makes in docs/driver.md, and the makes that `bramble check` knows, from what the drivers declare:
// node scripts/write-makes.ts [DRIVER.MD MAKES.TS]
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Make } from "@bramble/core/cluster";
import { lightDrivers, powerDrivers, soundDrivers } from "@bramble/drivers";

const file = process.argv[2] ?? join(import.meta.dirname, "..", "docs", "driver.md");
const page = readFileSync(file, "utf8");
const table = process.argv[3] ?? join(import.meta.dirname, "..", "packages", "core", "cluster", "makes.ts");
const place = /(?<=<!-- makes -->\n)[\s\S]*?(?=<!-- \/makes -->)/;
if (!place.test(page)) throw new Error(`${file} has no place for the table of makes`);

const rows = powerDrivers.map(({ id, summary, address, settings = {}, secrets = {} }) => {
  const keys = Object.entries(settings).map(([key, { what, expected, fallback }]) => {
    const usual = fallback === undefined ? "needed" : `default ${shown(fallback)}`;
    return `\`${key}\`: ${what} (${expected}; ${usual})`;
  });
  const logins = Object.entries(secrets).map(([key, what]) => `\`${key}\`: ${what}`);
  const cells = [`\`${id}\``, summary, `\`${address ?? ""}\``, keys.join("<br>"), logins.join("<br>")];
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |\n`;
});
const head = "| driver | what | `address` | `settings` | secrets |\n| --- | --- | --- | --- | --- |\n";
writeFileSync(
  file,
  page.replace(place, () => head + rows.join("")),
);

const makes: Make[] = [
  ...powerDrivers.map(({ id, settings = {} }): Make => {
    const forms = Object.entries(settings).map(([key, { form, fallback }]) => {
      return [key, { form, isNeeded: fallback === undefined }] as const;
    });
    return { id, moves: "power", settings: Object.fromEntries(forms) };
  }),
  ...lightDrivers.map(({ id }): Make => ({ id, moves: "light", settings: {} })),
  ...soundDrivers.map(({ id }): Make => ({ id, moves: "sound", settings: {} })),
];
writeFileSync(
  table,
  `// Written by scripts/write-makes.ts from what the drivers declare; change a driver, then run it.
import type { Make } from "./setting-form.ts";

/** Every driver of this version that a cluster file may name, with its settings: for who checks a file without them. */
// biome-ignore format: written by a script
export const makes: readonly Make[] = [
${makes.map(written).join("\n")}
];
`,
);

/** A line for each setting. */
function written({ id, moves, settings }: Make): string {
  const lines = Object.entries(settings).map(([key, setting]) => `    ${key}: ${JSON.stringify(setting)},\n`);
  const all = lines.length === 0 ? "{}" : `{\n${lines.join("")}  }`;
  return `  { id: "${id}", moves: "${moves}", settings: ${all} },`;
}

function shown(fallback: unknown): string {
  if (fallback instanceof RegExp) return fallback.source === "(?!)" ? "none" : `\`${fallback.source}\``;
  return `\`${Array.isArray(fallback) ? fallback.join(" ") : String(fallback)}\``;
}
