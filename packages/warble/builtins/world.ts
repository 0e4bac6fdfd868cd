import { inexact } from "../arithmetic.ts";
import { magnitudeOf } from "../decimal.ts";
import { toDouble } from "../doubles.ts";
import { decodeWith, encodeWithin } from "../encode.ts";
import { fail } from "../errors.ts";
import { type Machine, utf8Length } from "../machine.ts";
import { textPrice } from "../price.ts";
import { characterCount, textOf } from "../text.ts";
import { Decimal, isNumber, isWhole, type Value } from "../values.ts";
import { type Builtin, builtin, numberIn, textIn, wholeIn } from "./builtin.ts";

// A dozen numbers are thrown away, so that like seeds give unlike ones.
const seedSteps = 12;
const command = { isCommand: true, isPure: false };
const impure = { isPure: false };
const mostNames = 64;
const mostCharacters = 4096;
// A text's own characters count; what its quotes and its characters of two units add does not, within what is sent.
const mostOfText = 16_384;
const mostNameLength = 64;
// What a user or a board keeps travels with each run: both together fit into what a link holds for a board.
const mostSent = 500_000;
const mostDigits = 1_000_000;
const lamp = 24;

/** Everything that prints, keeps, asks the world or changes it. */
export const world: readonly Builtin[] = [
  builtin("PRINT([x…])", "Prints its arguments with a space between, and ends the line.", print(" ", "\n"), command),
  builtin("PUT([x…])", "Prints its arguments side by side and stays on the line.", print("", ""), command),
  builtin("LOG(x…)", "Writes to the log of the cluster.", (m, args, at) => log(m, args, at), command),
  builtin(
    "SETPRECISION(n)",
    "From here on, results that would be floats are decimals of n digits; 0 turns it off.",
    (m, [x = 0], at) => {
      const n = wholeIn(x, "SETPRECISION", at);
      if (n < 0 || n > mostDigits) return fail("RANGE", at, `SETPRECISION takes 0 to ${mostDigits}.`);
      m.precision = Number(n);
      return 0;
    },
    command,
  ),
  builtin(
    "SAVE(name,value)",
    "Keeps a value for you on the cluster.",
    (m, args, at) => save(m, "SAVE", args, at),
    command,
  ),
  builtin(
    "LOAD(name[,default])",
    "What you saved under this name, else the default, else 0.",
    (m, args, at) => load(m, "LOAD", args, at),
    impure,
  ),
  builtin(
    "SETDATA(name,value)",
    "Keeps a value for you on this board.",
    (m, args, at) => save(m, "SETDATA", args, at),
    command,
  ),
  builtin(
    "GETDATA(name[,default])",
    "What you kept on this board under this name, else the default, else 0.",
    (m, args, at) => load(m, "GETDATA", args, at),
    impure,
  ),
  builtin(
    "PLAYSOUND(url)",
    "Plays the sound at an address.",
    (m, [x = 0], at) => {
      const url = textIn(x, "PLAYSOUND", at);
      if (url === "") return 0;
      keepEffectText(m, url, at);
      m.effect(["PLAYSOUND", url], at);
      return 0;
    },
    command,
  ),
  builtin(
    "LIGHTS(i,r,g,b)",
    "Sets light i (0 to 23) to a colour of red, green and blue from 0 to 255.",
    (m, [i = 0, ...colour], at) => {
      const light = Math.floor(finite(m, i, "LIGHTS", at));
      if (!(light >= 0 && light < lamp)) return fail("RANGE", at, `The lights are numbered 0 to ${lamp - 1}.`);
      m.effect(["LIGHTS", light + 0, ...colour.map((v) => channel(m, v, "LIGHTS", at))], at);
      return 0;
    },
    command,
  ),
  builtin("SLEEP(s)", "Waits s seconds; at most 60 in a program.", (m, [x = 0], at) => sleep(m, x, at), command),
  builtin("DRAW(x,y[,r,g,b])", "Draws a point on the canvas.", (m, args, at) => draw(m, "DRAW", 2, args, at), command),
  builtin(
    "DRAWLINE(x1,y1,x2,y2[,r,g,b])",
    "Draws a line on the canvas.",
    (m, args, at) => draw(m, "DRAWLINE", 4, args, at),
    command,
  ),
  builtin(
    "RAND([n])",
    "A random float from 0 up to 1, or a whole from 0 to n-1.",
    (m, [x], at) => {
      if (x === undefined) return inexact(m, m.random.unit(), at);
      const n = wholeIn(x, "RAND", at);
      if (n < 1 || typeof n === "bigint") return fail("RANGE", at, "RAND takes a whole number from 1 to 2^53-1.");
      return Math.floor(m.random.unit() * n);
    },
    impure,
  ),
  builtin(
    "SEED(n)",
    "Starts the random numbers anew: the same n gives the same numbers.",
    (m, [x = 0], at) => {
      m.pay(seedSteps, at);
      m.random.seed(toDouble(numberIn(x, "SEED", at), m, at));
      return 0;
    },
    command,
  ),
  builtin("TIME()", "Seconds since the start of 1970.", (m) => Math.floor(m.environment.nowMs / 1000), impure),
  builtin("USER()", "The name of who posted the program.", (m) => m.environment.user),
  builtin("NODE()", "The number of the board that runs the program.", (m) => m.environment.board, impure),
  builtin("NODES()", "The number of boards in the cluster.", (m) => m.environment.boards),
  builtin(
    "TEMP()",
    "The temperature of the board in degrees Celsius.",
    (m, _, at) => {
      const { temperatureC } = m.environment;
      if (temperatureC !== null && Number.isFinite(temperatureC)) return inexact(m, temperatureC, at);
      m.warn(at, "This board cannot measure its temperature: TEMP() is 0.");
      return 0;
    },
    impure,
  ),
];

/** Print values as PRINT does. */
export function printValues(m: Machine, args: readonly Value[], between: string, end: string, at: number): void {
  let text = "";
  for (let i = 0; i < args.length; i++) {
    if (i > 0) text += between;
    text += textOf(m, args[i]!, m.bytesLeft - text.length, at, true);
    if (text.length > m.bytesLeft) m.outOfOutput(at);
  }
  m.pay(1 + (text.length >> 4), at);
  m.print(text, end, at);
}

function print(between: string, end: string): Builtin["run"] {
  return (m, args, at) => {
    printValues(m, args, between, end, at);
    return 0;
  };
}

function log(m: Machine, args: Value[], at: number): Value {
  const text = args.map((v) => textOf(m, v, m.limits.textLength, at)).join(" ");
  keepEffectText(m, text, at);
  m.effect(["LOG", text], at);
  return 0;
}

/** Texts that leave as effects are output, too: they share the bytes that may be written. */
function keepEffectText(m: Machine, text: string, at: number): void {
  m.pay(1 + (text.length >> 4), at);
  m.spendBytes(text, at);
}

function sleep(m: Machine, x: Value, at: number): Value {
  const seconds = finite(m, x, "SLEEP", at);
  if (seconds < 0) return fail("RANGE", at, "SLEEP takes seconds: 0 or more.");
  // Six hundred tenths are a minute, though as doubles they add up to a little more.
  if (m.sleptSeconds + seconds > m.limits.sleepSeconds + 1e-9) {
    return fail("RANGE", at, `A program may sleep ${m.limits.sleepSeconds} seconds in all.`);
  }
  m.sleptSeconds += seconds;
  m.effect(["SLEEP", seconds], at);
  return 0;
}

function draw(m: Machine, what: string, places: number, args: Value[], at: number): Value {
  const numbers = args.map((v, i) => (i < places ? finite(m, v, what, at) : channel(m, v, what, at)));
  m.effect([what, ...numbers], at);
  return 0;
}

function finite(m: Machine, v: Value, what: string, at: number): number {
  const x = numberIn(v, what, at);
  if (typeof x === "bigint") return fail("RANGE", at, `${what} takes smaller numbers.`);
  return toDouble(x, m, at) + 0;
}

function channel(m: Machine, v: Value, what: string, at: number): number {
  const x = numberIn(v, what, at);
  if (typeof x === "bigint") return x < 0n ? 0 : 255;
  if (x instanceof Decimal && magnitudeOf(x) > 2) return x.coefficient < 0n ? 0 : 255;
  return Math.max(0, Math.min(255, Math.floor(toDouble(x, m, at)))) + 0;
}

function save(m: Machine, what: "SAVE" | "SETDATA", [name = 0, value = 0]: Value[], at: number): Value {
  const key = textIn(name, `The name in ${what}`, at);
  if (key.length > mostNameLength) return fail("RANGE", at, `A name has at most ${mostNameLength} characters.`);
  payText(m, value, at);
  const isLong = typeof value === "string" && characterCount(value) > mostCharacters;
  const text = isLong ? null : encodeWithin(value, typeof value === "string" ? mostOfText : mostCharacters);
  if (text === null) {
    return fail("MEMORY", at, `A saved value has at most ${mostCharacters} characters, as it is written for keeping.`);
  }
  m.pay(8 + text.length, at);
  const { kept, stored } = shelf(m, what);
  const old = kept.get(key) ?? (Object.hasOwn(stored, key) ? stored[key]! : null);
  if (old === null) {
    let count = Object.keys(stored).length + 1;
    for (const other of kept.keys()) if (!Object.hasOwn(stored, other)) count++;
    if (count > mostNames) return fail("MEMORY", at, `At most ${mostNames} names can be saved; use one again.`);
  }
  m.pay((old ?? "").length >> 4, at);
  m.sent[what] ??= Object.values(stored).reduce((sum, each) => sum + sentBytes(each), 0);
  m.sent[what] += sentBytes(text) - (old === null ? 0 : sentBytes(old));
  if (m.sent[what] > mostSent) return fail("MEMORY", at, `All saved values together have at most ${mostSent} bytes.`);
  kept.set(key, text);
  return 0;
}

/** What a text takes on its way between head and board, as JSON in UTF-8. */
function sentBytes(text: string): number {
  return utf8Length(JSON.stringify(text));
}

function payText(m: Machine, value: Value, at: number): void {
  // Longer values are refused before they are written, so that no more than this is ever paid for or done.
  if (typeof value === "bigint") m.pay(textPrice(Math.min(m.constants.bitsOf(value), mostCharacters * 4)), at);
  if (value instanceof Decimal) m.pay(textPrice(Math.min(value.digits, mostCharacters) * 4), at);
  if (!isWhole(value) && !isNumber(value)) m.pay(mostCharacters >> 3, at);
}

function load(m: Machine, what: "LOAD" | "GETDATA", [name = 0, other = 0]: Value[], at: number): Value {
  const key = textIn(name, `The name in ${what}`, at);
  const { kept, stored } = shelf(m, what);
  const text = kept.get(key) ?? (Object.hasOwn(stored, key) ? stored[key] : undefined);
  if (text === undefined) return other;
  m.pay(8 + textPrice(Math.min(text.length, mostCharacters * 2)) + 4 * text.length, at);
  const value = decodeWith(text, (items) => m.list(items, at));
  return value ?? fail("TYPE", at, "What is saved under this name is damaged; save it again.");
}

function shelf(m: Machine, what: string): { kept: Map<string, string>; stored: Readonly<Record<string, string>> } {
  const isOfUser = what === "SAVE" || what === "LOAD";
  return isOfUser ? { kept: m.saves, stored: m.environment.saved } : { kept: m.data, stored: m.environment.data };
}
