import { describe, expect, test } from "vitest";
import { publicLimits } from "../index.ts";
import { complaintAbout } from "./fuzz/sound.ts";
import { faultsOf, readProgram, testPrograms } from "./programs.ts";
import { environment } from "./world.ts";

describe.each(["post", "characters", "grammar", "values", "precision", "built-ins", "folds", "errors", "limit"])(
  "%s",
  (folder) => {
    test.each(testPrograms(folder).map((program) => [program.name.slice(folder.length + 1), program] as const))(
      "%s",
      (_, program) => {
        // What ends for want of steps gets fewer here; test/e2e/warble-limits.e2e.ts gives it all of them.
        const limits = program.error.startsWith("STEPS") ? { ...publicLimits, steps: 2_000_000 } : publicLimits;
        expect(faultsOf(program, limits), program.post).toEqual([]);
      },
    );
  },
);

test("every program is sound: each tier and what format and shrink make of it do the same", () => {
  for (const { name, post, world } of testPrograms().filter((program) => !program.name.startsWith("limit/"))) {
    expect(complaintAbout(post, environment(world), publicLimits), name).toBeNull();
  }
});

test("every folder of programs is run above", () => {
  const folders = new Set(testPrograms().map(({ name }) => name.slice(0, name.indexOf("/"))));
  expect([...folders].sort()).toEqual(
    ["built-ins", "characters", "errors", "folds", "grammar", "limit", "post", "precision", "values"].sort(),
  );
});

test.each([
  ["another line", "{PRINT(1)}\n# expect: 2", 'lines: wanted ["2"], found ["1"]'],
  ["a line more", "{PRINT(1)}\n# note: nothing", 'lines: wanted [], found ["1"]'],
  ["another class", "{1/0}\n# error: RANGE", "error: wanted RANGE, found DIV0 @3"],
  ["another place", "{1/0}\n# error: DIV0 @2", "error: wanted DIV0 @2, found DIV0 @3"],
  ["other words", "{1/0}\n# error: DIV0 @3 banana", "error: wanted DIV0 @3 banana, found DIV0 @3"],
  ["no error", "{PRINT(1)}\n# expect: 1\n# error: DIV0", "error: wanted DIV0, found none"],
  ["an error", "{1/0}\n# note: fine", "error: wanted none, found DIV0 @3"],
  ["a warning", "{PRINT(k)}\n# expect: 0", "warnings: wanted none, found @8 k is never"],
  ["no warning", "{PRINT(1)}\n# expect: 1\n# warning: @8 k", "warnings: wanted @8 k, found none"],
  ["an effect", "{SLEEP(1)}\n# note: quiet", 'effects: wanted none, found ["SLEEP",1]'],
  ["a saved value", '{SAVE("a",1)}\n# saves: {"a":"2"}', 'saves: wanted {"a":"2"}, found {"a":"1"}'],
  ["kept data", '{SETDATA("a",1)}\n# note: nothing', 'data: wanted {}, found {"a":"1"}'],
])("a program that does %s than it says is found out", (_, text, fault) => {
  expect(faultsOf(readProgram("x", text)).join("\n")).toContain(fault);
});

test("a program may be written with escapes, meet a world of its own and be cut", () => {
  const program = readProgram(
    "x",
    '# post: "{PRINT(\\u03c0>3,USER())WHILE(1)PRINT(1)}"\n# world: {"user":"bob"}\n# cut:\n# error: OUTPUT',
  );
  expect(program.post).toContain("π");
  expect(faultsOf(program)).toEqual([]);
});

test.each([
  ["{PRINT(1)}", "says nothing of what it must do"],
  ["{PRINT(1)}\n# expect: 1\n# expects: 2", 'not "# expects: 2"'],
  ["{PRINT(1)}\n# error: A\n# error: B", '"# error:" stands there twice'],
  ["# expect: 1", "has no post, or two"],
  ['{1}\n# post: "{2}"', "has no post, or two"],
])("%j is no test program", (text, fault) => {
  expect(() => readProgram("folder/name", text)).toThrow(`folder/name: `);
  expect(() => readProgram("folder/name", text)).toThrow(fault);
});
