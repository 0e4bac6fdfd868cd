import { builtins } from "@bramble/warble";
import type { CompletionContext, CompletionResult } from "@codemirror/autocomplete";
import type { StreamParser } from "@codemirror/language";

const words = /^(?:IF|ELSE|WHILE|FOR|BREAK|CONTINUE|RETURN)$/i;
const doubleQuotes = /["“”„‟″＂«»❝❞]/;
const singleQuotes = /['‘’‚‛′＇´`]/;

/** Colours for Warble as it is typed. Only for the eye: what a program means is for the head and the boards to say. */
export function warbleParser(): StreamParser<{ quote: RegExp | null }> {
  const known = new Set(["P", "PREC", ...builtins.map(({ name }) => name)]);
  return {
    name: "warble",
    startState: () => ({ quote: null }),
    token(stream, state) {
      if (state.quote !== null) {
        while (!stream.eol())
          if (state.quote.test(stream.next() ?? "")) {
            state.quote = null;
            break;
          }
        return "string";
      }
      if (stream.eatSpace()) return null;
      if (stream.match(/^[#＃]\s*pi(?=\s*[{｛])/i)) return "meta";
      for (const quote of [doubleQuotes, singleQuotes])
        if (stream.eat(quote) !== undefined) {
          state.quote = quote;
          return "string";
        }
      if (stream.match(/^(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?/i)) return "number";
      const name = stream.match(/^[\p{L}_][\p{L}\p{Nd}_]*/u);
      if (name !== null && name !== true && name !== false) {
        if (words.test(name[0])) return "keyword";
        const isCalled = /^\s*[(（]/.test(stream.string.slice(stream.pos));
        return isCalled && known.has(name[0].toUpperCase()) ? "variableName.standard" : "variableName";
      }
      stream.next();
      return /[{}()[\]]/.test(stream.current()) ? "bracket" : "operator";
    },
    languageData: { closeBrackets: { brackets: ["(", "[", "{", '"'] } },
  };
}

/** Names of built-ins with what they do, while a word is typed. */
export function completeWarble(context: CompletionContext): CompletionResult | null {
  const word = context.matchBefore(/[\p{L}_][\p{L}\p{Nd}_]*/u);
  if (word === null || (word.from === word.to && !context.explicit)) return null;
  return {
    from: word.from,
    options: builtins.map(({ name, signature, summary }) => ({
      label: name,
      detail: signature.slice(name.length),
      info: summary,
      type: "function",
      apply: name === "PI" ? name : `${name}(`,
    })),
  };
}
