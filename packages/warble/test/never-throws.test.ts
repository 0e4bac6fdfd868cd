import fc from "fast-check";
import { expect, test } from "vitest";
import { isWarble, parse, publicLimits, type RunResult, run } from "../index.ts";
import { anyProgram } from "./grammar.ts";
import { environment } from "./world.ts";

const tight = { ...publicLimits, steps: 20_000, postLength: 5000 };

/** What every result holds, whatever the post. */
function expectSound(post: string, result: RunResult): void {
  const { out, error, effects, steps, saves, data, warnings } = result;
  expect(JSON.parse(JSON.stringify(result))).toEqual(result);
  expect(steps).toBeGreaterThanOrEqual(0);
  expect(steps).toBeLessThanOrEqual(tight.steps);
  expect(out.join("\n").length).toBeLessThanOrEqual(tight.outputBytes);
  expect(effects.length).toBeLessThanOrEqual(tight.effects);
  const length = [...post].length + 1;
  for (const { pos } of [...warnings, ...(error === null ? [] : [error])]) {
    expect(pos).toBeGreaterThanOrEqual(1);
    expect(pos).toBeLessThanOrEqual(length);
  }
  if (error === null) return;
  expect(error.message).not.toContain("stumbled");
  expect(error.message).toMatch(/[.?)(A-Za-z0-9]$/);
  expect([saves, data]).toEqual([{}, {}]);
}

test("random text never throws and always gives a sound, repeatable result", () => {
  const units = fc.oneof(
    fc.string({ unit: "binary", maxLength: 40 }),
    fc.string({ unit: "grapheme", maxLength: 40 }),
    fc
      .array(fc.constantFrom(..."{}()[];,?:+-*/%^=<>!&|\"'\\.0123456789eE #piPRINTforxk²⁻π√∑“”«—≤🥧\n\u00ad\u0301"), {
        maxLength: 60,
      })
      .map((parts) => parts.join("")),
  );
  fc.assert(
    fc.property(units, fc.boolean(), (text, isMarked) => {
      const post = isMarked ? `#pi{${text}` : text;
      const result = run(post, environment(), tight);
      expectSound(post.normalize("NFC"), result);
      expect(run(post, environment(), tight)).toEqual(result);
      expect("error" in parse(post)).toBe(parse(post) !== null && "error" in parse(post));
      expect(isWarble(post)).toBe(result.error?.class !== "NOTWARBLE");
    }),
    { numRuns: 600 },
  );
});

test("random programs never throw and always give a sound, repeatable result", () => {
  fc.assert(
    fc.property(anyProgram(), (post) => {
      const result = run(post, environment(), tight);
      expectSound(post.normalize("NFC"), result);
      expect(run(post, environment(), tight)).toEqual(result);
    }),
    { numRuns: 900 },
  );
});

test("half a surrogate, a null and a very long post are only text", () => {
  for (const post of [
    '{PRINT("\ud83e")}',
    "{\u0000}",
    '{PRINT("\u0000")}',
    "\udd67{1}",
    "{".repeat(300),
    "x".repeat(3_000_000),
    "{((((",
    "#pi",
  ]) {
    expectSound(post, run(post, environment()));
  }
});

test("a contest's long posts do not reach the end of the JavaScript stack", () => {
  const long = { ...publicLimits, postLength: 200_000 };
  for (const part of [
    "(",
    "[",
    "-",
    "!",
    "{",
    "1^",
    "f(",
    "1?",
    "IF(1)",
    "a[",
    "WHILE(0)",
    "FOR(;0;)",
    "1+(",
    "x=-(",
  ]) {
    const result = run(`{${part.repeat(12_000)}`, environment(), long);
    expect(["DEPTH", "SYNTAX"], part).toContain(result.error?.class);
    expect(result.error?.message).not.toContain("memory");
  }
  const wide = run(`{x=${"1+".repeat(20_000)}1;PRINT(x)}`, environment(), long);
  expect(wide.error === null ? wide.out : wide.error.class).toEqual(wide.error === null ? ["20001"] : "DEPTH");
});
