import { builtins } from "../../index.ts";
import type { Chance } from "./chance.ts";

// Where kinds, sizes and forms of numbers change, and where programs make them meet.
const edges =
  "0 1 2 3 7 9 10 0.0 0.5 .1 2.5 1.5 0.1 1e3 1e-5 1e16 1e22 1e308 5e-324 2147483647 2147483648 4294967295 4294967296 9007199254740991 9007199254740992 9007199254740993 18446744073709551616 2^53 2^63 2^64 2^200 10^30 10^400 3^1000 123456789012345678901234567890 1e999 1.0000000000000002 2.675 1/3 1/7 -1 -2 -0.5 -0.0 -2147483648 -9007199254740991".split(
    " ",
  );
const texts = ["''", '"a"', '"ab"', "'🥧'", '"é\u0301"', "'12'", "'1e5'", '"%s"', "“x y”", '"\n"', "'__proto__'"];
const names = ["x", "y", "z", "a", "i", "k", "n", "s", "größe", "X"];
const operators = ["+", "+", "-", "-", "*", "*", "/", "//", "%", "^", "&", "|"];
const comparisons = ["<", "<=", ">", ">=", "==", "!="];
const assignments = ["=", "=", "=", "+=", "-=", "*=", "/=", "//=", "%=", "^="];
const folds = ["SUM", "PROD", "MAP"];
const calls = builtins
  .filter(({ name }) => !folds.includes(name))
  .map(({ name, signature }) => {
    const [required = "", ...optional] = signature.slice(signature.indexOf("(") + 1, -1).split("[");
    const count = (list: string): number => list.split(",").filter(Boolean).length;
    return { name, least: count(required), most: count(required) + count(optional.join("")) };
  });

// Commands give 0 and texts end most sums: where a value is wanted, functions of numbers lead further.
const numeric = calls.filter(({ name }) =>
  /^(ABS|A?SIN|A?COS|A?TAN2?|CEIL|COMB|EXP|FLOAT|FLOOR|GCD|INT|I?SQRT|LEN|LN|MAX|MIN|POW|RAND|ROUND|STR|XOR)$/.test(
    name,
  ),
);

/** A program by the grammar: most of them run, many end in an error, some are hot loops; all are at home at the edges. */
export function writeProgram(chance: Chance): string {
  const writer = new Writer(chance);
  const body = chance.in(35) ? writer.hotLoop() : writer.statements(1, 5);
  const hasCalls = /\b[fg]\(/.test(body) && chance.in(95);
  const functions = chance.in(10) || hasCalls ? `${writer.functions()};` : "";
  const text = `${functions}${chance.in(12) ? writer.precision() : ""}${body}`;
  return `${chance.in(50) ? "#pi" : ""}{${text}${chance.in(60) ? ";PRINT(x,y,z)" : ""}}`;
}

class Writer {
  readonly #chance: Chance;
  #depth = 0;

  constructor(chance: Chance) {
    this.#chance = chance;
  }

  statements(least: number, most: number): string {
    const between = this.#chance.pick([";", ";", ";", " ", "\n"]);
    return this.#chance.some(least, most, () => this.#statement()).join(between);
  }

  /** A function f of one argument and g of two. */
  functions(): string {
    const { pick } = bound(this.#chance);
    const f = pick([
      () => `f(n)=n<2?1:${this.#expr()}`,
      () => "f(n)=n<2?n:f(n-1)+f(n-2)",
      () => `f(n)=${this.#expr()}`,
      () => `f(n){${this.statements(1, 3)};RETURN ${this.#expr()}}`,
      () => `f(n){IF(${this.#condition()})RETURN n;${this.statements(0, 2)};RETURN ${this.#expr()}}`,
      () => `f(n){${this.statements(1, 2)}}`,
      () => "f(n)=g(n,1)",
    ])();
    const g = pick([() => `g(a,b)=${this.#expr()}`, () => "g(n,y)=n>0?g(n-1,y+n):y", () => "g(a,b)=b?g(b,a%b):a"])();
    return `${f};${g}`;
  }

  precision(): string {
    return `PREC(${this.#chance.pick(["0", "1", "2", "7", "15", "16", "28", "50", "100", "1000", "999999", "x"])});`;
  }

  /** A loop long enough to be worth compiling, whose variables change size or kind on the way. */
  hotLoop(): string {
    const { pick, in: chanceOf } = bound(this.#chance);
    const turns = pick(["9", "100", "3000", "20000", "12345", "30000", "1e4", "x"]);
    const start = pick(["0", "1", "2147483640", "9007199254740900", "1.5", "'a'", "2^60", "-3", "0.0", "[1,2,3]"]);
    const work = this.#chance.some(1, 3, () => this.#work()).join(";");
    const turn = chanceOf(25) ? `IF(${this.#condition()}){${work}}ELSE ${this.#work()}` : work;
    const end = chanceOf(15) ? `;IF(i==${pick(["5", "9999", "15000"])})${this.#surprise()}` : "";
    const inner = chanceOf(15) ? `;FOR(k=0;k<9;k++){${this.#work()}}` : "";
    const loop = pick([
      () => `FOR(i=0;i<${turns};i++){${turn}${inner}${end}}`,
      () => `i=0;WHILE(i<${turns}){${turn}${inner}${end};i++}`,
      () => `FOR(i=${turns};i>0;i--){${turn}${end}}`,
      () => `i=${this.#number()};WHILE(1){${turn};IF(i++>${turns})BREAK}`,
    ])();
    return `x=${start};y=${this.#number()};${loop}`;
  }

  #work(): string {
    const { pick } = bound(this.#chance);
    const n = () => pick([...names.slice(0, 3), "i", "i", "k", this.#number()]);
    return pick([
      () => `x=x+i%7`,
      () => `${pick(["x", "y", "z"])}${pick(assignments)}${n()}${pick(operators)}${n()}`,
      () => `${pick(["x", "y", "z"])}=${n()}${pick(operators)}${n()}${pick(operators)}${n()}`,
      () => `x=(x*${pick(["1103515245", "3", "6364136223846793005", "1.5", "31"])}+${n()})%${this.#number()}`,
      () => `x+=1/(2*i+1)`,
      () => `y=${pick(["SQRT", "SIN", "ABS", "FLOOR", "CEIL", "ROUND", "INT", "FLOAT", "LN", "EXP", "f"])}(${n()})`,
      () => `x${pick(["++", "--"])}`,
      () => `z=${this.#condition()}`,
      () => `x=${this.#condition()}?${n()}:${n()}`,
      () => `x=${pick(["MIN", "MAX", "GCD", "XOR", "ATAN2"])}(${n()},${n()})`,
      () => `IF(${this.#condition()})${pick(["BREAK", "CONTINUE", `x=${n()}`, `PRINT(${n()})`])}`,
      () => `x=${this.#expr()}`,
    ])();
  }

  #surprise(): string {
    return this.#chance.pick([
      "x='t'",
      "x=[]",
      "y=.5",
      "x=2^70",
      "PREC(9)",
      "x=x/0",
      "BREAK",
      "z=z+'a'",
      "x=-x",
      "PREC(0)",
    ]);
  }

  #condition(): string {
    const { pick } = bound(this.#chance);
    const n = () => pick([...names.slice(0, 3), "i", "i%2", "i&1", this.#number()]);
    const one = () => `${n()}${pick(comparisons)}${n()}`;
    return pick([
      one,
      one,
      one,
      () => `${one()}${pick(["&&", "||"])}${one()}`,
      () => `!${n()}`,
      () => `0<${n()}<=${n()}`,
    ])();
  }

  #statement(): string {
    const { pick, in: chanceOf } = bound(this.#chance);
    if (this.#depth > 3) return `${pick(names)}=${this.#expr()}`;
    this.#depth++;
    const text = pick([
      () => `${pick(names)}${pick(assignments)}${this.#expr()}`,
      () => `${pick(names)}${pick(assignments)}${this.#expr()}`,
      () => `${pick(names)}${pick(["++", "--"])}`,
      () => `a=[${this.#list()}]`,
      () => `a[${pick(["0", "1", "LEN(a)", "-1", this.#expr()])}]${pick(assignments)}${this.#expr()}`,
      () => `PRINT(${this.#list()})`,
      () => `PRINT(${this.#expr()})`,
      () => `PUT(${this.#expr()})`,
      () => this.#expr(),
      () => this.#effect(),
      () => `IF(${this.#condition()})${this.#body()}${chanceOf(50) ? `${pick(["", ";"])}ELSE ${this.#body()}` : ""}`,
      () => `WHILE(${pick([this.#condition(), "x<9", "i++<5"])})${this.#body()}`,
      () => `FOR(i=0;i<${pick(["3", "9", "200", "LEN(a)"])};i++)${this.#body()}`,
      () => (chanceOf(30) ? pick(["BREAK", "CONTINUE", "RETURN x"]) : `IF(${this.#condition()})x=${this.#expr()}`),
      () => (chanceOf(30) ? this.precision() : `PRINT(${this.#expr()})`),
      () => (chanceOf(20) ? this.#slip() : `x=${this.#expr()}`),
    ])();
    this.#depth--;
    return text;
  }

  #body(): string {
    return this.#chance.in(60) ? `{${this.statements(0, 3)}}` : this.#statement();
  }

  #effect(): string {
    const { pick } = bound(this.#chance);
    const n = () => this.#expr();
    return pick([
      () => `SAVE(${pick(texts)},${n()})`,
      () => `SETDATA(${pick(texts)},${n()})`,
      () => `LIGHTS(${n()},${n()},${n()},${n()})`,
      () => `SLEEP(${n()})`,
      () => `LOG(${n()})`,
      () => `PLAYSOUND(${n()})`,
      () => `DRAW(${n()},${n()})`,
      () => `DRAWLINE(${n()},${n()},${n()},${n()},1,2,3)`,
      () => `SEED(${n()})`,
    ])();
  }

  /** What people mistype. */
  #slip(): string {
    return this.#chance.pick([
      "yPRINT(1)",
      "PRIN(1)",
      "x=",
      "x==1",
      "IF x PRINT(1)",
      "ELSE",
      "f(n)=",
      ")",
      "}",
      "{",
      "'",
      "\\",
      "PRINT(1",
      "x y",
      "FOR(;;)BREAK",
      "SUM(k,1,9)",
      "1=2",
      "x=1,2",
      "@",
    ]);
  }

  #expr(): string {
    const { pick, in: chanceOf } = bound(this.#chance);
    if (this.#depth > 5 || chanceOf(30)) return pick([this.#number(), pick(names), pick(names), pick(["PI", "i"])]);
    this.#depth++;
    const e = () => this.#expr();
    const text = pick([
      () => `${e()}${pick(operators)}${e()}`,
      () => `${e()}${pick(operators)}${e()}`,
      () => `(${e()}${pick(operators)}${e()})${pick(operators)}${e()}`,
      () => `${pick(["-", "!", "+", "--"])}${e()}`,
      () => `(${e()})`,
      () => `${e()}${pick(comparisons)}${e()}${chanceOf(30) ? `${pick(comparisons)}${e()}` : ""}`,
      () => `(${e()}${pick(["&&", "||"])}${e()})`,
      () => `(${e()}?${e()}:${e()})`,
      () => pick(texts),
      () => `${pick(texts)}+${e()}`,
      () => `[${this.#list()}]`,
      () => `a[${e()}]`,
      () => `${pick([...texts, "s", "a"])}[${pick(["0", "1", e()])}]`,
      () => this.#call(),
      () => this.#call(),
      () => this.#call(),
      () => (chanceOf(70) ? `f(${e()})` : `g(${e()},${e()})`),
      () => `${pick(folds)}(k,${pick(["0", "1", e()])},${pick(["9", "2000", "5", e()])},${e()})`,
      () => `√(${e()})`,
      () => `${e()}${pick(["²", "³", "⁻¹", "¹⁰"])}`,
    ])();
    this.#depth--;
    return text;
  }

  #call(): string {
    const { name, least, most } = this.#chance.pick(this.#chance.in(60) ? numeric : calls);
    const count = this.#chance.in(97) ? (this.#chance.in(75) ? most : least) : this.#chance.below(6);
    return `${name}(${this.#chance.some(count, count, () => this.#expr()).join(",")})`;
  }

  #list(): string {
    return this.#chance.some(0, 3, () => this.#expr()).join(",");
  }

  #number(): string {
    return this.#chance.in(70)
      ? this.#chance.pick(edges)
      : String(this.#chance.below(this.#chance.pick([10, 100, 2 ** 32, 2 ** 53])));
  }
}

function bound(chance: Chance): {
  readonly pick: <T>(items: readonly T[]) => T;
  readonly in: (percent: number) => boolean;
} {
  return { pick: (items) => chance.pick(items), in: (percent) => chance.in(percent) };
}
