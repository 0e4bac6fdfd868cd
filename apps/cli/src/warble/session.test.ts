import * as warble from "@bramble/warble";
import { describe, expect, test } from "vitest";
import { Session } from "./session.ts";

function session(...lines: string[]) {
  const made = new Session(warble, warble.defaultEnvironment);
  return { session: made, answers: lines.map((line) => made.add(line)) };
}

/** What each line printed; an error by its class. */
function said(...lines: string[]): string[] {
  return session(...lines).answers.map(({ out, error }) =>
    [...out, ...(error === null ? [] : [error.class])].join("|"),
  );
}

describe("a session", () => {
  test("keeps names, functions, lists, chance and precision from line to line", () => {
    expect(said("a=[1]", "b=a", "b[0]=7", "a")).toEqual(["", "", "", "[7]"]);
    expect(said("f(n)=n*2", "f(4)", "f(f(1))")).toEqual(["", "8", "4"]);
    expect(said("PREC(5)", "1/3")).toEqual(["", "0.33333"]);
    const [first, second] = said("RAND(1000000)", "RAND(1000000)");
    expect(first).not.toBe(second);
    expect(said("RAND(1000000);RAND(1000000)")).toEqual([`${first}|${second}`]);
  });

  test("takes lines that would run on in one program, closers left out, whole posts, and nothing", () => {
    expect(said("x=1", "-1", "[2]", "x", "(3)")).toEqual(["", "-1", "[2]", "1", "3"]);
    expect(said("FOR(i=0;i<2;i++){PRINT((i", "i")).toEqual(["0|1", "2"]);
    expect(said("#pi{x=4}", "{x", "x}", "", "  ;")).toEqual(["", "4", "4", "", ""]);
    expect(said("IF(1)x=3", "x")).toEqual(["", "3"]);
  });

  test("an error changes nothing, whatever the line did before it", () => {
    expect(said("x=1", "x=2;PRINT(x)x/0", "x", "yPRINT(x)", "1+", 'SAVE("a",x)1/0', "x")).toEqual([
      "",
      "2|DIV0",
      "1",
      "NAME",
      "SYNTAX",
      "DIV0",
      "1",
    ]);
    expect(session('SAVE("a",1)', 'SAVE("a",2)1/0').session.kept.saves).toEqual({ a: "1" });
    expect(session("1/0").session.kept).toEqual({ saves: {}, data: {} });
  });

  test("an error's place counts in the line, or in the program where it happened", () => {
    const { answers } = session("f(n)=n", "g(n)=n", "x=🥧", "f(1,2)", "f(1/0)");
    expect(answers[2]!.error).toMatchObject({ pos: 3, text: "x=🥧" });
    expect(answers[3]!.error).toMatchObject({ class: "ARGS", pos: 1, text: "f(1,2)" });
    const { pos, text } = answers[4]!.error!;
    expect([...text].slice(pos - 1, pos + 3).join("")).toBe("/ 0)");
  });

  test("a function that is written again replaces the old one, in what was computed before, too", () => {
    expect(said("f(n)=n*2", "x=f(5)", "x", "f(n)=n*3", "x", "f(n){RETURN n+n}", "x")).toEqual([
      "",
      "",
      "10",
      "",
      "15",
      "",
      "10",
    ]);
    expect(session("f(n)=n*2", "f(n)=n*3").session.post).toBe("{\n  f(n) = n * 3;\n}");
  });

  test("a line that PUT began goes on", () => {
    expect(said('PUT("a")', 'PUT("b")', 'PRINT("c")', "1")).toEqual(["a", "b", "c", "1"]);
  });

  test("warnings are told once, effects when they happen", () => {
    const { answers } = session("k", "k", "SLEEP(1)", "LIGHTS(0,1,2,3)");
    expect(answers.map(({ warnings }) => warnings.length)).toEqual([1, 0, 0, 0]);
    expect(answers.map(({ effects }) => effects)).toEqual([[], [], [["SLEEP", 1]], [["LIGHTS", 0, 1, 2, 3]]]);
  });

  test("a brace that ends the program in the middle of a line is told", () => {
    const { answers } = session("x=1} y=2", "{a=1}{b=2}", "x");
    expect(answers[0]!.error).toMatchObject({ class: "SYNTAX", pos: 4 });
    expect(answers[1]!.error).toMatchObject({ class: "SYNTAX", pos: 4 });
    expect(answers[2]!.out).toEqual(["0"]);
  });

  test("all lines together have the limits of one program", () => {
    expect(said("SLEEP(40)", "SLEEP(40)", "SLEEP(20)")).toEqual(["", "RANGE", ""]);
    const long = `x="${"y".repeat(1500)}"`;
    expect(said(long, long, long)).toEqual(["", "", "LONG"]);
  });
});
