// Rebuilds docs/warble/reference.md from the tables of the language: node scripts/write-warble-reference.ts [FILE]
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { builtins, type ErrorClass, type Limits, publicLimits, run } from "@bramble/warble";

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
/** The operators from the loosest to the tightest, each with what it does and a value that is worked out here. */
const operators: readonly (readonly [signs: string, does: string, example: string])[] = [
  ["a ? b : c", "b if a is not 0 or empty, else c; only that one is worked out", '0?"yes":"no"'],
  ["a || b", "1 if one of them is not 0 or empty, else 0; b only when it matters", "0||3"],
  ["a && b", "1 if both are not 0 or empty, else 0; b only when it matters", "2&&3"],
  ["== != < <= > >=", "1 or 0; they chain: 1<2<3 is 1<2 and 2<3; texts by code point", "1<2<3"],
  ["a | b", "the bits that are set in one of two wholes", "12|10"],
  ["a & b", "the bits that are set in both", "12&10"],
  ["a + b", "sum; joins texts, and turns the other side to text", '"pi"+3'],
  ["a - b", "difference", "7-9.5"],
  ["a * b", "product", "2^64*3"],
  ["a / b", "quotient, always with a point", "4/2"],
  ["a // b", "quotient rounded down", "-7//2"],
  ["a % b", "what is left of it, with the sign of b", "-7%3"],
  ["-a  +a  !a", "minus a; a, which must be a number; 1 if a is 0 or empty", "!0"],
  ["a ^ b", "power, from right to left, before a minus: -2^2 is -4", "2^3^2"],
  ["a[i]", "element of a list, character of a text, from 0", '"pie"[0]'],
];

/** What each limit counts; how much is in the table of limits itself. */
const limits: Readonly<Record<keyof Limits, string>> = {
  steps: "steps",
  wholeBits: "bits of one whole number",
  textLength: "characters of one text",
  listLength: "elements of one list",
  listCells: "list cells ever made, never credited back",
  depth: "calls inside calls, and lists inside lists when printed",
  outputBytes: "bytes of output",
  effects: "lights, sounds, sleeps, drawings and log lines",
  sleepSeconds: "seconds of SLEEP in all",
  postLength: "characters of the post",
};

/** Each class of error: what it means, and a program that ends with it (or none that can be shown in a line). */
const errors: Readonly<Record<ErrorClass, readonly [means: string, program: string | null]>> = {
  NOTWARBLE: ["there is no #pi{ in it", "hello"],
  LONG: ["the post has too many characters", null],
  SYNTAX: ["it cannot be read", "{PRINT(1 2)}"],
  NAME: ["no such function", "{yPRINT(2)}"],
  ARGS: ["too few or too many arguments", "{LIGHTS(1)}"],
  TYPE: ["the wrong kind of value", '{"a"*2}'],
  INDEX: ["no such place in a list or a text", "{a=[1]a[5]}"],
  DIV0: ["divided by zero", "{1/0}"],
  DOMAIN: ["no such root, logarithm or power", "{SQRT(-1)}"],
  RANGE: ["too large, or not what the function takes", "{LIGHTS(24,0,0,0)}"],
  PURE: ["something in a SUM, PROD or MAP that prints, saves or asks", "{SUM(k,1,9,RAND())}"],
  DEPTH: ["too many calls inside calls", "{f(n)=f(n+1)f(0)}"],
  STEPS: ["it used up its steps", "{FOR(;;);}"],
  TIME: ["it took longer than the wall time that the board gives", null],
  MEMORY: ["a number, a text or its lists are too large", "{ARRAY(99999)}"],
  OUTPUT: ["it printed too much, or had too many effects", '{WHILE(1)LOG("x")}'],
};

/** What some work costs: the steps of the second program, less those of the first. */
const prices: readonly (readonly [work: string, without: string, program: string])[] = [
  ["a turn of a short loop", "{FOR(i=0;i<1000;i++);}", "{FOR(i=0;i<1001;i++);}"],
  ["a turn of a loop with 50 additions", loopOf(50, 1000), loopOf(50, 1001)],
  ["a call of a short function", "{f(n)=n x=f(1)}", "{f(n)=n x=f(1)x=f(1)}"],
  ["`SIN(x)` of a float", "{x=SIN(1)}", "{x=SIN(1)x=SIN(1)}"],
  ["`PRINT(1)`", "{}", "{PRINT(1)}"],
  ["`LIGHTS(0,0,0,0)`", "{}", "{LIGHTS(0,0,0,0)}"],
  ["a list of 1000 elements", "{}", "{x=ARRAY(1000)}"],
  ["a product of two numbers of 1000 digits", "{a=10^999}", "{a=10^999b=a*a}"],
  ["a product of two numbers of 100,000 digits", "{a=10^99999}", "{a=10^99999b=a*a}"],
  ["a quotient of 100,000 digits by 50,000", "{a=10^99999b=10^49999}", "{a=10^99999b=10^49999c=a//b}"],
  ["a number of 50,000 digits as text", "{a=10^49999}", "{a=10^49999b=STR(a)}"],
  ["a root of 1000 digits", "{PREC(1000)}", "{PREC(1000)x=SQRT(2)}"],
  ["`EXP(1)` to 1000 digits", "{PREC(1000)}", "{PREC(1000)x=EXP(1)}"],
  ["pi to 10,000 digits", "{PREC(10000)}", "{PREC(10000)x=PI}"],
];

/** What a program is told here: the same at each run. */
const world = { user: "web:ada", board: 411, boards: 1050, temperatureC: 41.5, nowMs: 1_793_000_000_000, seed: 7 };

const target = process.argv[2] ?? join(import.meta.dirname, "..", "docs", "warble", "reference.md");
writeFileSync(target, reference());

function reference(): string {
  const rows = [...builtins]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, signature, summary }) => [code(signature), summary, shown(name)]);
  return `# Warble: the reference

<!-- Made by scripts/write-warble-reference.ts from the tables of packages/warble. Do not edit. -->

[The tutorial](tutorial.md) has programs; this is the whole list. What stands in square brackets may be left out, \`…\` may be repeated. Names work in any case. \`P\` is \`PRINT\`, \`PREC\` is \`SETPRECISION\`. An arrow shows what the example prints; one in round brackets, what it does to the cluster.

## All ${builtins.length} functions

${table(["function", "does", "example"], rows)}

## Operators

From the loosest to the tightest. \`^\` is always power; for bits there are \`&\`, \`|\` and \`XOR\`.

${table(
  ["written", "gives", "example"],
  operators.map(([signs, does, example]) => [
    code(signs),
    does.replaceAll("|", "\\|"),
    `${code(example)} → ${code(printed(`{${example}}`))}`,
  ]),
)}

## Statements

${table(
  ["written", "does"],
  [
    ["`x=…` `x+=…` `x++` `x--`", "gives a name a value; also `-= *= /= //= %= ^=`"],
    ["`a[i]=…` `a[i]+=…` `a[i]++`", "the same for an element; `a[LEN(a)]=…` appends"],
    ["`IF(c)… ELSE …`", "one or the other; braces hold several statements"],
    ["`WHILE(c)…`", "again and again as long as c is not 0 or empty"],
    ["`FOR(start;c;step)…`", "start once, then as long as c holds, and step after each turn"],
    ["`BREAK` `CONTINUE`", "leave the loop; go on with its next turn"],
    ["`f(a,b)=…` `f(a,b){…}`", "a function; its own names are those that only functions set"],
    ["`RETURN x`", "ends a function with a value"],
    ["`2+2`", "a value alone prints itself"],
  ],
)}

## Errors

One line: the class, the character where it happened, and what to write instead.

${table(
  ["class", "means", "example"],
  Object.entries(errors).map(([name, [means, program]]) => [
    code(name),
    means.replace("#pi{", "`#pi{`"),
    failure(name, program),
  ]),
)}

## Limits

${table(
  ["at most", "of"],
  Object.entries(limits).map(([name, counted]) => [
    publicLimits[name as keyof Limits].toLocaleString("en-GB"),
    counted.replace("SLEEP", "`SLEEP`"),
  ]),
)}

## Prices

One step is about 50 ns of a modest machine. What grows with its operands is paid before it is done.

${table(
  ["work", "steps"],
  prices.map(([work, without, program]) => [work, (stepsOf(program) - stepsOf(without)).toLocaleString("en-GB")]),
)}
`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");
}

function loopOf(additions: number, turns: number): string {
  return `{FOR(i=0;i<${turns};i++)x=${Array.from({ length: additions + 1 }, () => "i").join("+")}}`;
}

function stepsOf(program: string): number {
  const { steps, error } = run(program, { ...world, saved: {}, data: {} });
  if (error !== null) throw new Error(`${program}: ${error.message}`);
  return steps;
}

function printed(program: string): string {
  const { out, error } = run(program, { ...world, saved: {}, data: {} });
  if (error !== null) throw new Error(`${program}: ${error.message}`);
  return out.join(" ");
}

function failure(name: string, program: string | null): string {
  if (program === null) return "";
  const { error } = run(program, { ...world, saved: {}, data: {} });
  if (error?.class !== name) throw new Error(`${program} gives ${error?.class ?? "no error"}, not ${name}`);
  return `${code(program)} → @${error.pos}: ${error.message.replaceAll("|", "\\|")}`;
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
