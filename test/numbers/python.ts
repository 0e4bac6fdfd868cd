import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { repository } from "../support/demo-process.ts";
import { answerOf, type NumberCase, numberCases, postOf } from "./cases.ts";

/** Why the comparison cannot be made here, or null when it can. */
export function whyNoPython(): string | null {
  const asked = spawnSync("python3", ["-c", "import decimal, fractions"], { encoding: "utf8" });
  if (asked.error !== undefined) return `there is no python3 here (${asked.error.message})`;
  return asked.status === 0 ? null : `this python3 has no decimal numbers: ${asked.stderr.slice(-200)}`;
}

/** How `count` random questions compare: how many of each operator were asked, and each that Python answers otherwise. */
export function compareWithPython(
  count: number,
  seed: number,
): { readonly asked: Readonly<Record<string, number>>; readonly wrong: readonly string[] } {
  const questions = numberCases(count, seed);
  const wanted = answersOfPython(questions);
  const asked: Record<string, number> = {};
  const wrong: string[] = [];
  for (const [i, question] of questions.entries()) {
    const kind = `${question.op}${question.digits > 0 ? " decimal" : ""}`;
    asked[kind] = (asked[kind] ?? 0) + 1;
    const found = answerOf(question);
    if (found !== wanted[i]) wrong.push(`${postOf(question)} prints ${found}, Python finds ${wanted[i]}`);
  }
  return { asked, wrong };
}

function answersOfPython(questions: readonly NumberCase[]): string[] {
  const input = questions.map((question) => JSON.stringify(question)).join("\n");
  const script = join(repository, "test/numbers/reference.py");
  const { status, stdout, stderr } = spawnSync("python3", [script], { input, encoding: "utf8", maxBuffer: 2 ** 28 });
  const answers = stdout.trimEnd().split("\n");
  if (status === 0 && answers.length === questions.length) return answers;
  throw new Error(`python3 ended with ${status} after ${answers.length} answers: ${stderr.slice(-1000)}`);
}
