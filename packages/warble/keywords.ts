/** A reserved word of the language: how it is written, and what it does. */
export type Keyword = { readonly name: string; readonly signature: string; readonly summary: string };

/** The only reserved words (SPEC section 3). The lexer, the help and the editor's completions are made of this table. */
export const keywords: readonly Keyword[] = [
  { name: "IF", signature: "IF(condition)… ELSE …", summary: "Does what follows when the condition is true." },
  { name: "ELSE", signature: "IF(condition)… ELSE …", summary: "What to do when the condition of IF is not true." },
  { name: "WHILE", signature: "WHILE(condition)…", summary: "Does what follows again and again while it is true." },
  {
    name: "FOR",
    signature: "FOR(start;condition;step)…",
    summary: "Does start, then what follows and step, again and again while the condition is true.",
  },
  { name: "BREAK", signature: "BREAK", summary: "Leaves the loop." },
  { name: "CONTINUE", signature: "CONTINUE", summary: "Goes on with the next turn of the loop." },
  { name: "RETURN", signature: "RETURN value", summary: "Ends a function and gives the value back." },
];
