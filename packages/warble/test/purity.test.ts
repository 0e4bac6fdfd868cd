import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const root = new URL("../", import.meta.url);
const notShipped: ReadonlySet<string> = new Set(["test", "dist", "node_modules"]);

/** The package's own source, in whatever folder, without tests and what builds it. */
const sources = filesIn("").map((name) => ({ name, text: readFileSync(new URL(name, root), "utf8") }));

function filesIn(folder: string): string[] {
  return readdirSync(new URL(folder || ".", root), { withFileTypes: true }).flatMap((entry) => {
    const name = `${folder}${entry.name}`;
    if (entry.isDirectory()) return notShipped.has(name) ? [] : filesIn(`${name}/`);
    return /\.[cm]?[jt]sx?$/.test(name) && !/\.test\.ts$/.test(name) && !notShipped.has(name) ? [name] : [];
  });
}

test("all of the package is looked at", () => {
  const names = sources.map(({ name }) => name);
  for (const name of ["run.ts", "index.ts", "builtins/world.ts", "tools/shrink.ts"]) expect(names).toContain(name);
  expect(names.length).toBeGreaterThan(45);
});

test("the package imports nothing but its own files", () => {
  for (const { name, text } of sources) {
    for (const [, from = ""] of text.matchAll(/(?:\bfrom|\bimport)\s*["']([^"']+)["']/g)) {
      const target = new URL(from, new URL(name, root)).href;
      expect(from, `${name} imports ${from}`).toMatch(/^\.\.?\/[a-z0-9/-]+\.ts$/);
      expect(target.startsWith(root.href), `${name} imports ${from}`).toBe(true);
      expect(target, `${name} imports ${from}`).not.toContain("/test/");
    }
    expect(text, name).not.toMatch(/\bimport\s*\(|\bimport\.meta\b|\brequire\b\s*\(/);
  }
});

test("no code is made from text, and there is no clock, no chance, no process and no network", () => {
  const forbidden =
    /\beval\b|\bFunction\s*\(|\bconstructor\s*[.[]\s*["'`]?constructor|node:|["'`]vm["'`]|child_process|worker_threads|\bDate\b|performance\.|Math\.random|setTimeout|setInterval|\bprocess\.|\bfetch\s*\(|globalThis|Worker/;
  for (const { name, text } of sources) expect(text, name).not.toMatch(forbidden);
});

test("WebAssembly is made in one place only", () => {
  const found = sources.filter(({ text }) => /\bWebAssembly\.\w/.test(text));
  expect(found.map(({ name }) => name)).toEqual(["wasm/hot.ts"]);
});

test("no module keeps state: nothing at module level is reassigned", () => {
  for (const { name, text } of sources) expect(text, name).not.toMatch(/^(?:export )?(?:let|var)\b/m);
});
