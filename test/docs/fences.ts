import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { repository } from "../support/demo-process.ts";

/** One fenced block of a document. */
export type Fence = {
  /** The document, from the root of the repository. */
  readonly file: string;
  /** Line of its first backticks, from 1. */
  readonly line: number;
  /** The first word after the backticks: `sh`, `warble`, `ts`, or nothing. */
  readonly language: string;
  /** What else stands there: `on-the-board`. */
  readonly marks: readonly string[];
  readonly text: string;
  /** The `text output` block straight after it: what a reader will see. */
  readonly output: string | null;
};

/** The documents whose commands are run: what people read who use Bramble. Decisions are history and keep their words. */
export function readersDocuments(): readonly string[] {
  return ["README.md", ...markdownUnder("docs").filter((file) => !file.startsWith("docs/adr/"))];
}

/** All fenced blocks of a document, in order. */
export function fencesOf(file: string): readonly Fence[] {
  const lines = readFileSync(join(repository, file), "utf8").split("\n");
  const found: (Fence & { endLine: number })[] = [];
  for (let at = 0; at < lines.length; at++) {
    const opening = /^(`{3,})(.*)$/.exec(lines[at]!);
    if (opening === null) continue;
    const end = lines.indexOf(opening[1]!, at + 1);
    if (end === -1) throw new Error(`${file}:${at + 1}: this block is never closed`);
    const [language = "", ...marks] = opening[2]!.trim().split(/\s+/);
    const text = lines.slice(at + 1, end).join("\n");
    const before = found.at(-1);
    const isOutput = language === "text" && marks[0] === "output";
    if (isOutput && before !== undefined && lines.slice(before.endLine, at).every((line) => line.trim() === "")) {
      found[found.length - 1] = { ...before, output: text };
    } else {
      found.push({ file, line: at + 1, language, marks, text, output: null, endLine: end + 1 });
    }
    at = end;
  }
  return found;
}

/** Words between single backticks, outside of blocks. */
export function codeSpansOf(file: string): readonly string[] {
  const text = readFileSync(join(repository, file), "utf8").replace(/^```[\s\S]*?^```$/gm, "");
  return [...text.matchAll(/(?<!`)`([^`\n]+)`(?!`)/g)].map((match) => match[1]!);
}

/** Does what was printed look as the document shows it? `…` stands for anything, a line of it for any lines. */
export function looksAs(printed: string, shown: string): boolean {
  const literally = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replace(/ {2,}/g, " +");
  const tidy = printed.trim().replace(/[ \t]+$/gm, "");
  return new RegExp(`^${shown.trim().split("…").map(literally).join("[\\s\\S]*?")}$`).test(tidy);
}

function markdownUnder(folder: string): string[] {
  return readdirSync(join(repository, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".md"))
    .map((entry) => relative(repository, join(entry.parentPath, entry.name)))
    .sort();
}
