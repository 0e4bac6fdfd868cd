import { run } from "@bramble/warble";
import { expect, test } from "vitest";
import { fencesOf, looksAs, readersDocuments } from "./fences.ts";

/** The Warbles of the documents, one after another as one reader tries them: what SAVE keeps, a later one finds. */
test.each(programsByDocument())("the Warbles of %s print what they say", (_file, fences) => {
  let saved: Readonly<Record<string, string>> = {};
  let data: Readonly<Record<string, string>> = {};
  const wrong: string[] = [];
  for (const { file, line, text, output, marks } of fences) {
    const world = { user: "web:ada", board: 411, boards: 1050, temperatureC: 41.5, nowMs: 1_793_000_000_000, seed: 7 };
    const { out, effects, error, saves, data: set } = run(text, { ...world, saved, data });
    const lines = [...out, ...(error === null ? [] : [`${error.class} @${error.pos}: ${error.message}`])];
    if ((error === null) === marks.includes("fails")) wrong.push(`${file}:${line}: ${error?.message ?? "no error"}`);
    if (output !== null && !looksAs(lines.join("\n"), output))
      wrong.push(`${file}:${line} shows\n${output}\nand prints\n${lines.join("\n")}`);
    if (output === null && effects.length === 0) wrong.push(`${file}:${line}: neither output nor effect to show`);
    saved = { ...saved, ...saves };
    data = { ...data, ...set };
  }
  expect(wrong).toEqual([]);
});

function programsByDocument() {
  return readersDocuments()
    .map((file) => [file, fencesOf(file).filter(({ language }) => language === "warble")] as const)
    .filter(([, fences]) => fences.length > 0);
}
