import { expect, test } from "vitest";
import { formCases } from "./form-cases.ts";
import { parseCluster } from "./parse.ts";
import { type Problem, type ProblemCode, problemCodes } from "./problem.ts";
import { exampleSource } from "./testing.ts";
import { wiringCases } from "./wiring-cases.ts";

const cases = { ...wiringCases, ...formCases };

test.each(Object.entries(cases))("%s: told with its code and place", (_, one) => {
  const source = one.edits.reduce((text, [from, to]) => {
    expect(text).toContain(from);
    return text.replaceAll(from, to);
  }, exampleSource(one.file));
  const result = parseCluster(source);
  const problems: readonly Problem[] = result.kind === "ok" ? result.warnings : result.problems;
  expect(result.kind, JSON.stringify(problems)).toBe(one.isWarning ? "ok" : "invalid");
  const found = problems.find((problem) => problem.code === one.code);
  expect(found, JSON.stringify(problems, null, 1)).toBeDefined();
  if (found === undefined) return;
  expect(found.message).toContain(one.says);
  expect(found.expected).not.toBeNull();
  if (one.nearest !== undefined) expect(found.nearest).toBe(one.nearest);
  const rest = source
    .split("\n")
    .slice(found.line - 1)
    .join("\n")
    .slice(found.column - 1);
  expect(rest.slice(0, one.at.length)).toBe(one.at);
});

test("every code has a case, here or among the broken texts", () => {
  const elsewhere = [
    "cluster.driver-unknown",
    "cluster.driver-setting",
    "cluster.too-large",
    "cluster.not-text",
    "cluster.empty",
    "cluster.syntax",
    "cluster.too-deep",
  ];
  const covered = new Set([...Object.values(cases).map((one) => one.code), ...elsewhere]);
  expect(Object.keys(problemCodes).filter((code) => !covered.has(code as ProblemCode))).toEqual([]);
});

test("all problems are told at once, in the order of the file", () => {
  const source = exampleSource("desk-5")
    .replace("head: 192.168.77.10", "head: 192.168.78.10")
    .replace("outlet: plug1.1", "outlet: plug1.2")
    .replace("uplink: gw", "uplink: gx")
    .replace("feeds: [u1]", "feeds: [u2]")
    .replace("rules:", "ruels:");
  const result = parseCluster(source);
  const codes = result.kind === "invalid" ? result.problems.map((problem) => problem.code) : [];
  expect(codes).toEqual([
    "cluster.address-outside",
    "cluster.unknown-name",
    "cluster.outlet-beyond",
    "cluster.unknown-key",
  ]);
});
