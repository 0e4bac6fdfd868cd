import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { expect, test } from "vitest";
import { repository } from "./support/demo-process.ts";

/** Documents are true: what they link to exists, and functions stand where they say. */
const documents = markdownUnder(repository);

test("every link of every document leads somewhere", () => {
  const broken = documents.flatMap((file) =>
    linksOf(file)
      .filter(({ target }) => !existsSync(join(repository, dirname(file), target)))
      .map(({ target }) => `${file}: ${target}`),
  );
  expect(broken).toEqual([]);
});

test("a function that a document links to is exported by that file", () => {
  const wrong = documents.flatMap((file) =>
    linksOf(file)
      .filter(({ label, target }) => /^`[a-z]\w+`$/i.test(label) && target.endsWith(".ts"))
      .filter(({ label, target }) => {
        const source = readFileSync(join(repository, dirname(file), target), "utf8");
        return !new RegExp(`export (async )?(function|const|type|class) ${label.slice(1, -1)}\\b`).test(source);
      })
      .map(({ label, target }) => `${file}: ${label} is not in ${target}`),
  );
  expect(wrong).toEqual([]);
});

function linksOf(file: string): { label: string; target: string }[] {
  const text = readFileSync(join(repository, file), "utf8").replace(/```[\s\S]*?```/g, "");
  return [...text.matchAll(/\[([^\]]+)\]\(([^)\s]+)\)/g)]
    .map((match) => ({ label: match[1]!, target: match[2]!.replace(/#.*$/, "") }))
    .filter(({ target }) => target !== "" && !/^[a-z]+:/.test(target));
}

function markdownUnder(folder: string): string[] {
  const found: string[] = [];
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (["node_modules", "dist", ".cache", ".git", ".bramble", "coverage"].includes(entry.name)) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) found.push(...markdownUnder(path));
    else if (entry.name.endsWith(".md")) found.push(relative(repository, path));
  }
  return found;
}
