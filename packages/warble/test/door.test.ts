import { expect, test } from "vitest";
import { builtins, isWarble, parse, textOfPost } from "../index.ts";
import { runPost } from "./world.ts";

test("a post that can be read gives its program as plain data and what was forgiven", () => {
  const result = parse("hi #pi{PRINT(k}");
  if ("error" in result) throw new Error(result.error.message);
  expect(result.warnings.map(({ pos }) => pos)).toEqual([15, 14]);
  expect(JSON.parse(JSON.stringify(result.program.tree))).toEqual(result.program.tree);
});

test("a post that cannot be read gives its error, with the position in the whole post", () => {
  expect(parse("🥧 #pi{PRINT(1+)}")).toEqual({
    error: { class: "SYNTAX", pos: 15, message: "Expected a value here, not ). Something is missing before it." },
  });
});

test("every node of the tree knows where it stands", () => {
  const post = '#pi{f(n)=n<2?1:n*f(n-1);IF(f(3)>5&&!0)PRINT([1.5,x[0]],-2^2)ELSE a[1]+="b"}';
  const result = parse(post);
  if ("error" in result) throw new Error(result.error.message);
  const visit = (node: unknown): void => {
    if (typeof node !== "object" || node === null) return;
    if ("kind" in node && "start" in node && "end" in node) {
      const { start, end } = node as { start: number; end: number };
      expect(start).toBeLessThan(end);
      expect(post.slice(start, end).trim()).not.toBe("");
    }
    for (const inner of Object.values(node)) visit(inner);
  };
  visit(result.program.tree);
});

test("isWarble asks for the mark, not for a right program", () => {
  for (const text of ["#pi{}", "{", "hello #PI { what", "＃pi｛", "#pi{PRINT(1+)}", `#pi{${"x".repeat(500)}}`]) {
    expect(isWarble(text), text).toBe(true);
  }
  for (const text of ["", "hello", "#pi", "#pi PRINT", "a{b}", "#pie{", "x".repeat(1_000_000)]) {
    expect(isWarble(text), text.slice(0, 20)).toBe(false);
  }
});

test("the table of built-ins says of each what it takes, and the checker believes it", () => {
  expect(builtins.length).toBeGreaterThanOrEqual(50);
  expect(new Set(builtins.map(({ name }) => name)).size).toBe(builtins.length);
  for (const { name, signature, summary } of builtins) {
    expect(signature.startsWith(`${name}(`), signature).toBe(true);
    expect(summary).toMatch(/^[A-Zaexp].*\.$/);
    const many = Array.from({ length: 9 }, () => "1").join(",");
    const isOpen = signature.includes("…");
    expect(runPost(`{x=${name}(${many})}`).error?.class === "ARGS", signature).toBe(!isOpen);
  }
});

test("the original's built-ins are all there", () => {
  const names =
    "PRINT LOG ROUND ACOS ASIN ATAN ATAN2 COS SIN TAN CEIL FLOOR SQRT ABS COMB SETPRECISION SAVE LOAD SETDATA GETDATA PLAYSOUND LIGHTS SLEEP DRAW DRAWLINE";
  const added =
    "PUT LN EXP INT FLOAT LEN STR CHR ISQRT POW GCD MIN MAX XOR RAND SEED TIME USER ARRAY PI NODE NODES TEMP SUM PROD MAP";
  const known = builtins.map(({ name }) => name);
  for (const name of `${names} ${added}`.split(" ")) expect(known).toContain(name);
});

test("positions count in the text that textOfPost gives, and what is far too long stays as it is", () => {
  expect(textOfPost(" {1&lt;2} \n")).toBe("{1<2}");
  const long = "x".repeat(300_000);
  expect(textOfPost(` ${long} `)).toBe(long);
});
