/** What a sign does, for whoever points at it. */
export type Operator = { readonly signs: readonly string[]; readonly signature: string; readonly summary: string };

/** The signs whose meaning is not plain to everybody (SPEC sections 3 and 4). */
export const operators: readonly Operator[] = [
  { signs: ["/"], signature: "a/b", summary: "Divides; always gives a number with a point: 4/2 is 2.0." },
  { signs: ["//", "//="], signature: "a//b", summary: "Divides and rounds down: 7//2 is 3, -7//2 is -4." },
  { signs: ["%", "%="], signature: "a%b", summary: "What is left of a//b: 7%3 is 1, -7%3 is 2." },
  { signs: ["^", "^="], signature: "a^b", summary: "a to the power of b, from right to left: 2^3^2 is 512." },
  { signs: ["&"], signature: "a&b", summary: "The bits that are set in both wholes." },
  { signs: ["|"], signature: "a|b", summary: "The bits that are set in one of the wholes or in both." },
  { signs: ["&&"], signature: "a&&b", summary: "1 when both are true, else 0. b is looked at only when a is true." },
  {
    signs: ["||"],
    signature: "a||b",
    summary: "1 when one of them is true, else 0. b is looked at only when a is not.",
  },
  { signs: ["!"], signature: "!a", summary: "1 when a is false (0, an empty text, an empty list), else 0." },
  { signs: ["?", ":"], signature: "test?yes:no", summary: "The value of yes when the test is true, else that of no." },
  { signs: ["==", "!="], signature: "a==b, a!=b", summary: "1 when they are equal, or not equal; else 0." },
  {
    signs: ["<", "<=", ">", ">="],
    signature: "a<b",
    summary: "1 when it is so, else 0. Comparisons chain: 1<x<9 means 1<x&&x<9.",
  },
  { signs: ["="], signature: "x=a", summary: "Gives x the value of a. To compare write ==." },
  { signs: ["+=", "-=", "*=", "/="], signature: "x+=a", summary: "The same as x=x+a, and so for the other signs." },
  { signs: ["++", "--"], signature: "x++, x--", summary: "One more, one less." },
];
