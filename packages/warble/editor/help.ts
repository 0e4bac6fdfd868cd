import { aliases, builtins } from "../builtins/table.ts";
import { keywords } from "../keywords.ts";
import type { Token } from "../lex.ts";
import { operators } from "../operators.ts";
import { assignments } from "../parse.ts";
import { type Range, rawAt, textAt } from "./places.ts";
import { isWord, type Reading, readPost, tokenAt, wordKind } from "./reading.ts";

/** What to tell about a piece of a post: how it is written, and a sentence or two. */
export type Help = Range & { readonly title: string; readonly text: string };

/** What stands at a raw offset, in words: a built-in, a keyword, a sign, a name or function of the program. */
export function helpAt(post: string, at: number): Help | null {
  const reading = readPost(post);
  const { map, mark, open } = reading;
  const offset = textAt(map, at);
  if (open >= 0 && mark <= offset && offset < open) {
    const told = { title: "#pi{…}", text: "Here the program begins. What stands around it is never looked at." };
    return { from: rawAt(map, mark), to: rawAt(map, open), ...told };
  }
  const standing = tokenAt(reading, offset);
  // Between a word and a sign the word is meant.
  const ended = reading.tokens.findIndex((each) => each.end === offset && isWord(each));
  const index = ended >= 0 && !isWord(reading.tokens[standing]!) ? ended : standing;
  const token = reading.tokens[index];
  if (token === undefined) return null;
  const told = isWord(token) ? aboutWord(reading, index) : aboutSign(token);
  if (told === null) return null;
  const from = rawAt(map, token.start);
  const to = rawAt(map, token.end);
  const raw = map.text.slice(token.start, token.end);
  const isFolded = !isWord(token) || token.kind === "sign" || token.upper === "PI";
  const means = isFolded && raw !== token.text && token.kind !== "text" ? ` ${raw} is read as ${token.text}.` : "";
  return { from, to, title: told.title, text: told.text + means };
}

type Told = { readonly title: string; readonly text: string } | null;

function aboutSign({ kind }: Token): Told {
  const operator = operators.find(({ signs }) => signs.includes(kind));
  return operator === undefined ? null : { title: operator.signature, text: operator.summary };
}

function aboutWord(reading: Reading, index: number): Told {
  const token = reading.tokens[index]!;
  switch (wordKind(reading, index)) {
    case "keyword": {
      const keyword = keywords.find(({ name }) => name === token.kind)!;
      return { title: keyword.signature, text: keyword.summary };
    }
    case "builtin": {
      const name = aliases.get(token.upper) ?? token.upper;
      const { signature, summary } = builtins.find((known) => known.name === name)!;
      const short = [...aliases].find(([, long]) => long === name)?.[0];
      return { title: signature, text: short === undefined ? summary : `${summary} ${short} is short for it.` };
    }
    case "function":
      return { title: signatureOf(reading, token.text), text: "A function of this program." };
    case "name":
      return aboutName(reading, index);
  }
}

function signatureOf({ functions }: Reading, name: string): string {
  return `${name}(${functions.get(name)!.join(",")})`;
}

function aboutName(reading: Reading, index: number): Told {
  const { tokens, functions } = reading;
  const { text: name } = tokens[index]!;
  // A function that does not exist is a problem, and told as such.
  if (tokens[index + 1]?.kind === "(") return null;
  let sets = 0;
  let reads = 0;
  tokens.forEach((token, at) => {
    if (token.text !== name || token.kind !== "word") return;
    const next = tokens[at + 1]?.kind ?? "";
    if (assignments.has(next)) sets++;
    if (next !== "=") reads++;
  });
  const owners = [...functions]
    .filter(([, params]) => params.includes(name))
    .map(([owner]) => signatureOf(reading, owner));
  if (owners.length > 0) return { title: name, text: `A parameter of ${owners.join(" and ")}.` };
  if (sets > 0) return { title: name, text: `A name of this program: set ${times(sets)}, read ${times(reads)}.` };
  if (isBoundByFold(reading, name)) return { title: name, text: "Counts the terms of SUM, PROD or MAP." };
  return { title: name, text: "It is never given a value here: it reads 0." };
}

function isBoundByFold({ tokens }: Reading, name: string): boolean {
  return tokens.some(
    ({ upper }, at) =>
      /^(?:SUM|PROD|MAP)$/.test(upper) && tokens[at + 1]?.kind === "(" && tokens[at + 2]?.text === name,
  );
}

function times(count: number): string {
  return count === 1 ? "once" : count === 0 ? "never" : `${count} times`;
}
