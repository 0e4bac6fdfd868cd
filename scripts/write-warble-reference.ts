// Rebuilds docs/warble/reference.md from the table of built-ins: node scripts/write-warble-reference.ts [FILE]
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { builtins, run } from "@bramble/warble";

/** A program for each built-in: shown and run, so that what stands behind the arrow is what it gives. */
const examples: Readonly<Record<string, string>> = {
  PRINT: 'PRINT("two and two is",2+2)',
  PUT: 'PUT("a")PUT("b")PRINT()',
  LOG: 'LOG("for the operator")',
  SETPRECISION: "SETPRECISION(30)PRINT(1/7)",
  SAVE: 'SAVE("n",42)PRINT(LOAD("n"))',
  LOAD: 'PRINT(LOAD("never saved",7))',
  SETDATA: 'SETDATA("n",42)PRINT(GETDATA("n"))',
  GETDATA: 'PRINT(GETDATA("never set"))',
  PLAYSOUND: 'PLAYSOUND("https://example.org/bell.mp3")',
  LIGHTS: "LIGHTS(0,255,128,0)",
  SLEEP: "SLEEP(1.5)",
  DRAW: "DRAW(10,20,255,0,0)",
  DRAWLINE: "DRAWLINE(0,0,10,10)",
  RAND: "SEED(1)PRINT(RAND(6)+1)",
  SEED: "SEED(2)PRINT(RAND(6)+1)",
  TIME: "PRINT(TIME())",
  USER: "PRINT(USER())",
  NODE: "PRINT(NODE())",
  NODES: "PRINT(NODES())",
  TEMP: "PRINT(TEMP())",
  ABS: "PRINT(ABS(-3.5))",
  ROUND: "PRINT(ROUND(2.5),ROUND(3.14159,2))",
  FLOOR: "PRINT(FLOOR(-1.5))",
  CEIL: "PRINT(CEIL(-1.5))",
  SQRT: "PRINT(SQRT(2))",
  EXP: "PRINT(EXP(1))",
  LN: "PRINT(LN(10))",
  SIN: "PRINT(SIN(PI/6))",
  COS: "PRINT(COS(0))",
  TAN: "PRINT(TAN(1))",
  ASIN: "PRINT(ASIN(1))",
  ACOS: "PRINT(ACOS(0)*2)",
  ATAN: "PRINT(ATAN(1)*4)",
  ATAN2: "PRINT(ATAN2(1,-1))",
  PI: "PRINT(PI)",
  COMB: "PRINT(COMB(49,6))",
  GCD: "PRINT(GCD(84,126))",
  ISQRT: "PRINT(ISQRT(99))",
  POW: "PRINT(POW(2,10),POW(2,10,7))",
  XOR: "PRINT(XOR(12,10))",
  MIN: "PRINT(MIN(3,1,2))",
  MAX: "PRINT(MAX([3,1,2]))",
  INT: 'PRINT(INT(-7.9),INT("42"))',
  FLOAT: 'PRINT(FLOAT(2),FLOAT("1e-5"))',
  LEN: 'PRINT(LEN("pie"),LEN([1,2]))',
  STR: 'PRINT(STR(42)+"!")',
  CHR: "PRINT(CHR(960))",
  ARRAY: "PRINT(ARRAY(3,7))",
  SUM: "PRINT(SUM(k,1,100,k))",
  PROD: "PRINT(PROD(k,1,5,k))",
  MAP: "PRINT(MAP(k,1,5,k^2))",
};
/** What a program is told here: the same at each run. */
const world = { user: "web:ada", board: 411, boards: 1050, temperatureC: 41.5, nowMs: 1_793_000_000_000, seed: 7 };

const target = process.argv[2] ?? join(import.meta.dirname, "..", "docs", "warble", "reference.md");
writeFileSync(target, reference());

function reference(): string {
  const rows = [...builtins]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, signature, summary }) => `| ${code(signature)} | ${summary} | ${shown(name)} |`);
  return `# Warble: all functions

<!-- Made by scripts/write-warble-reference.ts from packages/warble/builtins. Do not edit. -->

[The tour](README.md) has programs; this is the whole list, ${builtins.length} of them. What stands in square brackets may be left out, \`…\` may be repeated. Names work in any case. \`P\` is \`PRINT\`, \`PREC\` is \`SETPRECISION\`. An arrow shows what the example prints; one in round brackets, what it does to the cluster.

| function | does | example |
| --- | --- | --- |
${rows.join("\n")}

Operators, from the loosest to the tightest: \`a?b:c\`, \`||\`, \`&&\`, \`== != < <= > >=\`, \`|\`, \`&\`, \`+ -\`, \`* / // %\`, \`- + !\` before a value, \`^\`.
Statements: \`IF(c)… ELSE …\`, \`WHILE(c)…\`, \`FOR(start;c;step)…\`, \`BREAK\`, \`CONTINUE\`, \`RETURN x\`, \`f(a,b)=…\`, \`f(a,b){…}\`, \`x=…\`, \`x+=…\`, \`x++\`, \`x[i]=…\`.
`;
}

function shown(name: string): string {
  const example = examples[name];
  if (example === undefined)
    throw new Error(`${name} has no example; give it one in scripts/write-warble-reference.ts`);
  const { out, effects, error } = run(`{${example}}`, { ...world, saved: {}, data: {} });
  if (error !== null) throw new Error(`${example}: ${error.message}`);
  const told = out.length > 0 ? code(out.join(" ")) : `(${effects.map((effect) => effect.join(" ")).join(", ")})`;
  return `${code(example)} → ${told}`;
}

function code(text: string): string {
  return `\`${text.replaceAll("|", "\\|")}\``;
}
