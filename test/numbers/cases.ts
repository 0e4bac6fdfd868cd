import { publicLimits, run } from "@bramble/warble";
import { Chance } from "../../packages/warble/test/fuzz/chance.ts";
import { environment } from "../../packages/warble/test/world.ts";

/** One question about a number: an operator or a function, its arguments as digits, the precision (0: none is set). */
export type NumberCase = { readonly op: string; readonly args: readonly string[]; readonly digits: number };

/** `count` random questions, the same for the same seed; each sort has an equal share. */
export function numberCases(count: number, seed: number): NumberCase[] {
  const chance = new Chance(seed);
  return Array.from({ length: count }, (_, i) => sorts[i % sorts.length]!(chance));
}

/** What Warble prints for a question; the class of its error where there is one. */
export function answerOf(question: NumberCase): string {
  const post = postOf(question);
  const { out, error } = run(post, environment(), { ...publicLimits, postLength: 10_000 });
  return error === null ? out.join("\n") : error.class;
}

/** The program that asks a question. */
export function postOf({ op, args, digits }: NumberCase): string {
  const prints = (expression: string): string => `{PREC(${digits})PRINT(${expression})}`;
  const [a = "", b = ""] = args.map((arg) => (arg.startsWith("-") ? `(${arg})` : arg));
  if (op === "PI") return prints("PI");
  if (/^[A-Z]/.test(op)) return prints(`${op.replace("ROUND1", "ROUND")}(${args.join(",")})`);
  return prints(`${a}${op}${b}`);
}

type Sort = (chance: Chance) => NumberCase;

const operators = ["+", "-", "*", "/", "//", "%"];

const sorts: readonly Sort[] = [
  ...["SQRT", "EXP", "LN", "SIN", "COS", "TAN", "ASIN", "ACOS", "ATAN", "ATAN2", "PI"].flatMap((op): Sort[] => [
    (chance) => ({ op, args: argumentsOf(op, chance, true), digits: digitsOf(chance) }),
    (chance) => ({ op, args: argumentsOf(op, chance, false), digits: 0 }),
  ]),
  (chance) => ({ op: chance.pick(operators), args: [whole(chance), whole(chance)], digits: 0 }),
  (chance) => ({ op: chance.pick(operators), args: [float(chance), float(chance)], digits: 0 }),
  (chance) => ({ op: chance.pick(operators), args: [float(chance), small(chance)], digits: 0 }),
  (chance) => ({
    op: chance.pick(operators),
    args: [decimal(chance, 9), decimal(chance, 9)],
    digits: digitsOf(chance),
  }),
  (chance) => ({ op: chance.pick(operators), args: [decimal(chance, 9), small(chance)], digits: digitsOf(chance) }),
  (chance) => ({ op: "^", args: [small(chance), `${chance.below(200)}`], digits: 0 }),
  (chance) => ({ op: "^", args: [small(chance), `-${chance.below(250)}`], digits: 0 }),
  (chance) => ({ op: "^", args: [nearOne(chance), `${chance.below(2001) - 1000}`], digits: 0 }),
  (chance) => ({ op: "^", args: [positive(float(chance)), `${chance.below(40) - 20}`], digits: 0 }),
  (chance) => ({ op: "^", args: [positive(nearOne(chance)), nearOne(chance)], digits: 0 }),
  (chance) => ({ op: "^", args: [decimal(chance, 3), `${chance.below(400) - 200}`], digits: digitsOf(chance) }),
  (chance) => ({ op: "^", args: [positive(decimal(chance, 3)), decimal(chance, 1)], digits: digitsOf(chance) }),
  (chance) => ({ op: "ROUND", args: [float(chance), `${chance.below(30) - 10}`], digits: 0 }),
  (chance) => ({ op: "ROUND", args: [half(chance), `${chance.below(8) - 2}`], digits: 0 }),
  (chance) => ({ op: "ROUND", args: [whole(chance), `${-chance.below(12)}`], digits: 0 }),
  (chance) => ({ op: "ROUND1", args: [half(chance)], digits: 0 }),
  (chance) => ({ op: "ROUND", args: [decimal(chance, 6), `${chance.below(16) - 6}`], digits: 20 + chance.below(30) }),
  (chance) => ({ op: "+", args: [anyFloat(chance), "0.0"], digits: 0 }),
];

function digitsOf(chance: Chance): number {
  return chance.in(10) ? 60 + chance.below(140) : 1 + chance.below(60);
}

function argumentsOf(op: string, chance: Chance, isDecimal: boolean): string[] {
  const any = (reach: number): string => (isDecimal ? decimal(chance, reach) : float(chance, reach));
  const within = (): string =>
    chance.in(20) ? chance.pick(["0", "1", "-1", "1.0", "0.5"]) : fraction(chance, isDecimal);
  switch (op) {
    case "PI":
      return [];
    case "SQRT":
    case "LN":
      return [positive(chance.in(25) ? nearOne(chance) : any(30))];
    case "EXP":
      return [any(2)];
    case "ASIN":
    case "ACOS":
      return [within()];
    case "ATAN2":
      return [any(12), any(12)];
    case "ATAN":
      return [any(15)];
    default:
      return [any(chance.in(25) ? 25 : 4)];
  }
}

function figures(chance: Chance, count: number): string {
  let text = `${1 + chance.below(9)}`;
  while (text.length < count) text += chance.below(10);
  return text;
}

function sign(chance: Chance): string {
  return chance.in(50) ? "-" : "";
}

function positive(text: string): string {
  return text.replace(/^-/, "");
}

function small(chance: Chance): string {
  return sign(chance) + (1 + chance.below(300));
}

function whole(chance: Chance): string {
  return sign(chance) + figures(chance, 1 + chance.below(chance.in(25) ? 80 : 18));
}

/** A number with a point, up to 30 figures, between 10^-reach and 10^reach. */
function decimal(chance: Chance, reach: number): string {
  const text = figures(chance, 1 + chance.below(30));
  return `${sign(chance)}${text[0]}.${text.slice(1) || "0"}e${chance.below(2 * reach + 1) - reach}`;
}

function fraction(chance: Chance, isDecimal: boolean): string {
  const text = `${sign(chance)}0.${"0".repeat(chance.in(20) ? chance.below(9) : 0)}${figures(chance, 1 + chance.below(25))}`;
  const close = `${sign(chance)}0.${"9".repeat(1 + chance.below(12))}${figures(chance, 3)}`;
  const chosen = chance.in(20) ? close : text;
  return isDecimal ? chosen : pythonic(Number(chosen));
}

function float(chance: Chance, reach = 12): string {
  return pythonic(Number(decimal(chance, reach)));
}

function nearOne(chance: Chance): string {
  return pythonic(Number(`${sign(chance)}${chance.below(2)}.${figures(chance, 1 + chance.below(16))}`));
}

/** Halves, quarters and their neighbours: where rounding is decided. */
function half(chance: Chance): string {
  const exact = (chance.below(20_001) - 10_000) / chance.pick([2, 4, 8, 16, 20, 200, 2000]);
  return pythonic(exact);
}

/** Any bits that are a float. */
function anyFloat(chance: Chance): string {
  const view = new DataView(new ArrayBuffer(8));
  for (;;) {
    for (let i = 0; i < 8; i++) view.setUint8(i, chance.below(256));
    const x = view.getFloat64(0);
    if (Number.isFinite(x)) return pythonic(x);
  }
}

/** The digits of a float, as both languages read them; always with a point or an exponent. */
function pythonic(x: number): string {
  const text = String(x);
  return /[.e]/.test(text) ? text : `${text}.0`;
}
