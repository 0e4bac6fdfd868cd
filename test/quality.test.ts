import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { codeOf, isTest, offences, production, root, sources, textOf } from "./sources.ts";

/** What keeps the code readable and its tests honest; coverage has its own gate in vitest.config.ts. */

const own = sources.filter((file) => file !== "test/quality.test.ts");

test("no `any`, and nothing that tells the compiler to look away", () => {
  expect(
    offences(own, (file) => [
      ...(codeOf(file).match(/(?:[:<|&]|\bas|=>)\s*any\b(?!\()|\bany\[\]|<[^<>()\n]*,\s*any\s*[>,]/g) ?? []),
      ...(textOf(file).match(/@ts-(?:ignore|expect-error|nocheck)|noExplicitAny/g) ?? []),
    ]),
  ).toEqual([]);
});

test("no test is skipped or alone without a comment that says why", () => {
  const silent = /(?:test|describe|it)(?:\.each)?\.(?:skip|skipIf|todo|fails|only|runIf)\b/;
  expect(
    offences(own.filter(isTest), (file) => {
      const lines = textOf(file).split("\n");
      return lines.filter((line, at) => silent.test(line) && !/\/\/|\*\//.test(`${lines[at - 1] ?? ""}${line}`));
    }),
  ).toEqual([]);
});

test("every export has a doc comment", () => {
  const declaration = /^export (?:declare )?(?:abstract )?(?:async )?(?:function\*?|class|const|type|interface) (\w+)/;
  expect(
    offences(
      production.filter((file) => /\.tsx?$/.test(file)),
      (file) => {
        const lines = textOf(file).split("\n");
        return lines.flatMap((line, at) => {
          const name = declaration.exec(line)?.[1];
          let before = at - 1;
          while (/^\/\/ biome-ignore|^\s*$/.test(lines[before] ?? "no more")) before--;
          return name === undefined || /\*\/\s*$/.test(lines[before] ?? "") ? [] : [`${name} (line ${at + 1})`];
        });
      },
    ),
  ).toEqual([]);
});

test("every package and every room has a README of at most a page", () => {
  const foldersIn = (folder: string): string[] =>
    readdirSync(join(root, folder), { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !["node_modules", "dist", "public"].includes(entry.name))
      .map((entry) => `${folder}/${entry.name}`);
  const homes = [...foldersIn("packages"), ...foldersIn("apps")];
  const rooms = ["packages/core", "packages/drivers", "apps/head/src"].flatMap(foldersIn);
  const wrong = [...homes, ...rooms].flatMap((folder) => {
    const readme = `${folder}/README.md`;
    if (!existsSync(join(root, readme))) return [`${folder} has none`];
    const lines = textOf(readme).split("\n").length;
    return lines > 70 ? [`${readme} has ${lines} lines`] : [];
  });
  expect(wrong).toEqual([]);
});
