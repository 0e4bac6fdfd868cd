import fc from "fast-check";
import { expect, test } from "vitest";
import { compose, draftOf, rangeInTyped, rangeOfDraft, shorterOf } from "./compose.ts";
import { mended, problemsIn, problemsOfRun } from "./problems.ts";

test.each([
  ["bare code is wrapped", "PRINT(1)", "#pi{PRINT(1)}", true],
  ["a post stays as it is", "#pi{PRINT(1)}", "#pi{PRINT(1)}", false],
  ["a post with words around it too", "hello #PI {PRINT(1)} @cluster", "hello #PI {PRINT(1)} @cluster", false],
  ["a program in braces too", "{PRINT(1)}", "{PRINT(1)}", false],
  ["one with full-width signs too", "＃ｐｉ｛PRINT(1)}", "＃ｐｉ｛PRINT(1)}", false],
  ["spaces around are dropped", "  PRINT(1)\n", "#pi{PRINT(1)}", true],
  ["nothing stays nothing", "  ", "", false],
])("%s", (_, typed, text, isWrapped) => {
  expect(compose(typed)).toMatchObject({ text, isWrapped });
});

test.each([
  ["code points, not UTF-16 units", 'PRINT("😀")', 15],
  ["web entities as what they stand for", "#pi{1&lt;2}", 8],
  ["letters and their marks as one", "#pi{PUT('e\u0301')}", 13],
])("length counts %s", (_, typed, length) => {
  expect(compose(typed).length).toBe(length);
});

test("what can be said shorter is offered with what it saves, also when it is too long to be sent", () => {
  const composed = compose("total = 1 ; PRINT( total + 1 )");
  const shorter = shorterOf(composed)!;
  expect(compose(shorter.post).length).toBe(composed.length - shorter.saves);
  expect(shorter.saves).toBeGreaterThan(10);
  expect(shorterOf(compose(shorter.post))).toBeNull();
  expect(shorterOf(compose(`PUT(1 )${";".repeat(300)}`))?.saves).toBeGreaterThan(300);
  for (const typed of ["", "PRINT(1+)"]) expect(shorterOf(compose(typed)), typed).toBeNull();
});

test("what a draft or a post says of a place is said of the same letters of what was typed", () => {
  const spaces = fc.constantFrom("", " ", "\n ", "\u3000");
  const inside = fc.constantFrom("x=1", 'PUT("😀é")', "#pi{x}", "{x}", "1&lt;2", "e\u0301=1");
  fc.assert(
    fc.property(spaces, inside, spaces, fc.nat(20), fc.nat(20), (before, code, behind, a, b) => {
      const typed = before + code + behind;
      const composed = compose(typed);
      const draft = draftOf(typed);
      const from = Math.min(a, code.length - 1);
      const to = Math.min(code.length, from + 1 + b);
      const atPost = composed.text.indexOf(code) + from;
      const inPost = { from: atPost, to: atPost + to - from };
      expect(rangeInTyped(typed, composed, inPost)).toEqual({ from: before.length + from, to: before.length + to });
      const atDraft = draft.post.indexOf(code) + from;
      expect(rangeOfDraft(typed, draft, { from: atDraft, to: atDraft + to - from })).toEqual({
        from: before.length + from,
        to: before.length + to,
      });
      expect(rangeOfDraft(typed, draft, { from: 0, to: 99 })).toEqual({ from: 0, to: typed.length });
    }),
  );
});

test.each([
  ["a separator inside code that is wrapped", " PRINT(1)yPRINT(2)", " PRINT(1)y;PRINT(2)"],
  ["a quote before the brace that we put behind", 'PRINT("a', 'PRINT("a"'],
  ["a closing brace", "FOR(i=0;i<3;i++){PRINT(i)", "FOR(i=0;i<3;i++){PRINT(i)}"],
  ["all closers at once", "PRINT((1+[2,3", "PRINT((1+[2,3]))"],
  ["all closers at once, the last brace too", "#pi{WHILE(x<3){x++PRINT(x", "#pi{WHILE(x<3){x++PRINT(x)}}"],
  ["behind an entity in a post", "#pi{PUT(1&lt;2)yPUT(2)}", "#pi{PUT(1&lt;2)y;PUT(2)}"],
])("a fix is made in what was typed: %s", (_, typed, wanted) => {
  const [problem] = problemsIn(typed);
  expect(mended(typed, problem!.fix!)).toBe(wanted);
});

test("the brace that we put behind is not offered for taking out", () => {
  expect(problemsIn("PRINT(1)}")).toMatchObject([{ severity: "warning", fix: null }]);
  expect(problemsIn(" \n")).toEqual([]);
});

test("what a run tells is placed at the word or sign that it is about", () => {
  const typed = '  PRINT("😀") PRINT(1/0)TEMP()';
  const answer = {
    out: ["😀"],
    effects: [],
    steps: 3,
    error: { class: "DIV0", pos: 23, message: "Nothing can be divided by zero." },
    warnings: [{ pos: 26, message: "This board cannot measure its temperature: TEMP() is 0." }],
  };
  const marks = problemsOfRun(typed, compose(typed), answer);
  expect(marks.map(({ from, to, severity }) => `${severity} ${typed.slice(from, to)}`)).toEqual([
    "error /",
    "warning TEMP",
  ]);
  expect(problemsOfRun(typed, compose(typed), { ...answer, error: null, warnings: [] })).toEqual([]);
});
