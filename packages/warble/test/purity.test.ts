import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const root = new URL("../", import.meta.url);

/** The package's own source, without tests. */
function sources(): readonly { readonly name: string; readonly text: string }[] {
  return ["", "builtins/", "wasm/"].flatMap((folder) =>
    readdirSync(new URL(folder || ".", root))
      .filter((name) => name.endsWith(".ts"))
      .map((name) => ({ name: folder + name, text: readFileSync(new URL(folder + name, root), "utf8") })),
  );
}

test("the package imports nothing but its own files", () => {
  for (const { name, text } of sources()) {
    for (const [, from] of text.matchAll(/(?:from|import)\s+"([^"]+)"/g)) {
      expect(from, `${name} imports ${from}`).toMatch(/^\.\.?\/(?:builtins\/|wasm\/)?[a-z0-9-]+\.ts$/);
    }
    expect(text, name).not.toMatch(/\bimport\s*\(|\brequire\s*\(/);
  }
});

test("no code is made from text, and there is no clock, no chance, no process and no network", () => {
  const forbidden =
    /\beval\b|\bFunction\s*\(|node:vm|child_process|\bDate\b|performance\.|Math\.random|setTimeout|setInterval|\bprocess\.|\bfetch\s*\(|globalThis|Worker/;
  for (const { name, text } of sources()) expect(text, name).not.toMatch(forbidden);
});

test("WebAssembly is made in one place only", () => {
  const found = sources().filter(({ text }) => /\bWebAssembly\.\w/.test(text));
  expect(found.map(({ name }) => name)).toEqual(["wasm/hot.ts"]);
});

test("no module keeps state: nothing at module level is reassigned", () => {
  for (const { name, text } of sources()) expect(text, name).not.toMatch(/^(?:export )?(?:let|var)\b/m);
});
