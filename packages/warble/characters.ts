/** Characters that phones, editors and web pages put in place of the ASCII ones (SPEC section 2). */

const doubleQuotes = '"“”„‟″＂«»❝❞';
const singleQuotes = "'‘’‚‛′＇´`";
const minuses = "−–‐‑﹣";
const longDashes = "—―";

const toOne = new Map<number, number>();
for (const c of doubleQuotes) toOne.set(c.charCodeAt(0), 34);
for (const c of singleQuotes) toOne.set(c.charCodeAt(0), 39);
for (const c of minuses) toOne.set(c.charCodeAt(0), 45);
for (const c of "×✕∗·⋅∙") toOne.set(c.charCodeAt(0), 42);
for (const c of "÷∕⁄") toOne.set(c.charCodeAt(0), 47);

const toOperator = new Map<number, string>();
for (const c of longDashes) toOperator.set(c.charCodeAt(0), "--");
for (const c of "≤⩽") toOperator.set(c.charCodeAt(0), "<=");
for (const c of "≥⩾") toOperator.set(c.charCodeAt(0), ">=");
toOperator.set("≠".charCodeAt(0), "!=");

const toName = new Map<string, string>([
  ["√", "SQRT"],
  ["π", "PI"],
  ["∑", "SUM"],
  ["Σ", "SUM"],
  ["∏", "PROD"],
]);

const superscripts = new Map<number, string>();
[..."⁰¹²³⁴⁵⁶⁷⁸⁹"].forEach((c, digit) => {
  superscripts.set(c.charCodeAt(0), String(digit));
});
superscripts.set("⁻".charCodeAt(0), "-");

/** The raised form of each digit and of the minus. */
export const superscriptSigns: ReadonlyMap<string, string> = new Map(
  [...superscripts].map(([unit, sign]) => [sign, String.fromCharCode(unit)]),
);

/** The ASCII code that one UTF-16 unit stands for outside text, or the unit itself. Spaces of any kind give 32. */
export function foldUnit(unit: number): number {
  if (unit < 128) return unit === 96 ? 39 : unit > 8 && unit < 14 ? 32 : unit;
  const one = toOne.get(unit);
  if (one !== undefined) return one;
  if (unit >= 0xff01 && unit <= 0xff5e) return foldUnit(unit - 0xfee0);
  return isSpace(unit) ? 32 : unit;
}

/** The operator of two ASCII letters that one character stands for (`≤`, `—`), if any. */
export function operatorOf(unit: number): string | undefined {
  return toOperator.get(unit);
}

/** The digit or minus of a superscript character, if it is one. */
export function superscriptOf(unit: number): string | undefined {
  return superscripts.get(unit);
}

/** The built-in that a lone mathematical sign stands for (`√`, `π`, `Σ`), if any. */
export function builtinOf(sign: string): string | undefined {
  return toName.get(sign);
}

/** The sign that stands for a built-in (`√` of `SQRT`), if there is one. */
export function signOf(name: string): string | undefined {
  for (const [sign, full] of toName) if (full === name) return sign;
  return undefined;
}

/** Whether every unit is ASCII, as in almost every post. */
export function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 127) return false;
  return true;
}

/** The word with its full-width letters and digits in ASCII. */
export function foldWord(word: string): string {
  if (isAscii(word)) return word;
  return word.replace(/[！-～]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0xfee0));
}

/** Whether a unit is read as a space: Unicode spaces, zero-width ones, soft hyphen, marks of direction, line ends. */
function isSpace(unit: number): boolean {
  if (unit < 0x1680) return unit === 0xa0 || unit === 0xad || unit === 0x85;
  if (unit < 0x2000) return unit === 0x1680 || (unit >= 0x180b && unit <= 0x180f);
  if (unit <= 0x200f) return true;
  if (unit < 0xfe00) return (unit >= 0x2028 && unit <= 0x202f) || (unit >= 0x205f && unit <= 0x206f) || unit === 0x3000;
  return unit <= 0xfe0f || unit === 0xfeff;
}
