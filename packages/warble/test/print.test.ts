import fc from "fast-check";
import { expect, test } from "vitest";
import { lex } from "../lex.ts";
import { parseTokens } from "../parse.ts";
import { joinPieces, type Style } from "../tools/pieces.ts";
import { printTree } from "../tools/print-tree.ts";
import { sameProgram } from "../tools/same.ts";
import type { Tree } from "../tree.ts";
import { anyTree } from "./trees.ts";
import { corpus } from "./world.ts";

const styles: readonly Omit<Style, "functions">[] = [
  { isShort: true, isAscii: false, hasPi: true },
  { isShort: true, isAscii: true, hasPi: true },
  { isShort: false, isAscii: true, hasPi: false },
];

function printed(tree: Tree, style: Omit<Style, "functions">): string {
  const functions = new Set(tree.functions.map(({ name }) => name));
  return `{${joinPieces(printTree(tree, { ...style, functions }, 1), style.isShort)}}`;
}

function readTree(program: string): Tree {
  return parseTokens(lex(program, 0)).tree;
}

test.each(styles)("a printed tree is read as the same tree: %o", (style) => {
  fc.assert(
    fc.property(anyTree(), (tree) => {
      const program = printed(tree, style);
      expect(sameProgram(readTree(program), tree), program).toBe(true);
    }),
    { numRuns: 400 },
  );
});

test.each([
  ["a power of a minus and a minus of a power", "{(-2)^2}", "{(-2)²}"],
  ["and the other way round", "{-(2^2)}", "{-2²}"],
  ["a raised minus", "{2^(-1)}", "{2⁻¹}"],
  ["powers go from right to left", "{2^(3^2)}", "{2^3²}"],
  ["and keep brackets that say otherwise", "{(2^3)^2}", "{(2³)²}"],
  ["a raised digit never runs into the next", "{2^3;5}", "{2³5}"],
  ["a chain of comparisons", "{1<2<3}", "{1<2<3}"],
  ["a comparison of a comparison", "{(1<2)<3}", "{(1<2)<3}"],
  ["a choice in a choice", "{a?b:(c?d:x)}", "{a?b:c?d:x}"],
  ["a choice that is asked", "{(a?b:c)?d:x}", "{(a?b:c)?d:x}"],
  ["a sum to the right", "{1-(2-3)}", "{1-(2-3)}"],
  ["minus a minus", "{P(5--3)}", "{P(5—3)}"],
  ["minus a minus of a quotient", "{P(5- -(7//2))}", "{P(5—(7//2))}"],
  ["but a name would count down", "{a- -3}", "{a- -3}"],
  ["and so would an element", "{a[0]- -3}", "{a[0]- -3}"],
  ["plus a plus", "{P(5+ +3)}", "{P(5+ +3)}"],
  ["two signs", "{-(-3)}", "{—3}"],
  ["no call out of a name and a bracket", "{a;(b)^2}", "{a;b²}"],
  ["no call where the bracket is needed", "{a;(b+1)*2}", "{a;(b+1)*2}"],
  ["no index out of a list", "{a;[1]}", "{a;[1]}"],
  ["no subtraction out of a minus", "{a;-1}", "{a;-1}"],
  ["no value for a RETURN", "{f(){RETURN;x=1}}", "{f(){RETURN;x=1}}"],
  ["no function out of a call and a block", "{f(a);{b}}", "{f(a);{b}}"],
  ["no exponent out of a number and a name", "{x=1;e=5}", "{x=1;e=5}"],
  ["but a number and another word may touch", "{x=1;y=5}", "{x=1y=5}"],
  ["two numbers", "{1;2}", "{1;2}"],
  ["two numbers with points", "{1.5;.5}", "{1.5.5}"],
  ["two words", "{a;b}", "{a;b}"],
  ["two texts", '{"a";"b"}', '{"a""b"}'],
  ["a text with quotes in it", "{'say \"pi\"'}", "{'say \"pi\"'}"],
  ["a bracket after a bracket", "{P(1);(2)}", "{P(1)2}"],
  ["an ELSE after a word", "{IF(1)a;ELSE b}", "{IF(1)a ELSE b}"],
  ["an ELSE after a number", "{IF(1)1;ELSE 2}", "{IF(1)1ELSE 2}"],
  ["an IF in an IF with an ELSE", "{IF(1){IF(2)a}ELSE b}", "{IF(1){IF(2)a}ELSE b}"],
  ["an empty body", "{WHILE(0){}}", "{WHILE(0);}"],
  ["an empty function", "{f(){}}", "{f(){}}"],
  ["signs for words", "{SQRT(2)PI SUM(k,1,2,k)PROD(k,1,2,k)}", "{√(2)π∑(k,1,2,k)∏(k,1,2,k)}"],
  ["aliases", "{SETPRECISION(9)PRINT(1)}", "{PREC(9)P(1)}"],
  ["a function of the program keeps its name", "{PRINT(x)=x PRINT(1)P(2)}", "{PRINT(x)=x;PRINT(1)P(2)}"],
  ["a function that took the short name", "{P(x)=x PRINT(1)}", "{P(x)=x;PRINT(1)}"],
  ["what a sign would start cannot be set", "{SQRT(2)[0]=1}", "{SQRT(2)[0]=1}"],
  ["a FOR without anything", "{FOR(;;)a}", "{FOR(;;)a}"],
  ["a FOR with two of each", "{FOR(a=1,b=2;a<9;a++,b--)a}", "{FOR(a=1,b=2;a<9;a++,b—)a}"],
])("short: %s", (_, program, short) => {
  expect(printed(readTree(program), styles[0]!)).toBe(short);
  expect(sameProgram(readTree(short), readTree(program))).toBe(true);
});

test("all programs of the corpus are read as the same from each print of them", () => {
  let count = 0;
  for (const { source } of corpus()) {
    if (!source.startsWith("{") || source.includes("&")) continue;
    let tree: Tree;
    try {
      tree = readTree(source);
    } catch {
      continue; // one of the programs that cannot be read
    }
    for (const style of styles) expect(sameProgram(readTree(printed(tree, style)), tree), source).toBe(true);
    count++;
  }
  expect(count).toBeGreaterThan(100);
});
