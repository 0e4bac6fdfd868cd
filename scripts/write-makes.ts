// Rewrites the table of makes in docs/driver.md from what the drivers declare: node scripts/write-makes.ts [FILE]
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { powerDrivers } from "@bramble/drivers";

const file = process.argv[2] ?? join(import.meta.dirname, "..", "docs", "driver.md");
const page = readFileSync(file, "utf8");
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

function shown(fallback: unknown): string {
  if (fallback instanceof RegExp) return fallback.source === "(?!)" ? "none" : `\`${fallback.source}\``;
  return `\`${Array.isArray(fallback) ? fallback.join(" ") : String(fallback)}\``;
}
