import fc from "fast-check";
import { expect, test } from "vitest";
import { mapPost, rawAt, textAt } from "../editor/places.ts";
import {
  bracketsAt,
  builtins,
  completionsAt,
  helpAt,
  lengthOfPost,
  parse,
  placeOf,
  problemsOf,
  run,
  tokensOf,
} from "../index.ts";
import { decodePost } from "../post.ts";
import { anyProgram } from "./grammar.ts";
import { corpus, environment } from "./world.ts";

/** Raw text as phones, web pages and keyboards give it: entities, marks that join, emoji, halves, spaces of all kinds. */
const anyRaw = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        "&lt;",
        "&gt;",
        "&amp;",
        "&quot;",
        "&#39;",
        "&amp;lt;",
        "&",
        "&lt",
        "  ",
        "\u3000",
        "\n",
        "\ufeff",
      ),
      fc.constantFrom("e\u0301", "e\u0327\u0301", "a\u0334\u0301", "\u0301", "é", "ᄀ", "ᅡ", "ᆨ", "가", "\u2126", "Å"),
      fc.constantFrom(
        "🥧",
        "\ud83e",
        "\udd67",
        "😀",
        "\u{16d67}",
        "\u{16d63}",
        "#pi{",
        "}",
        '"',
        "x",
        "PRINT(",
        "²",
        "$",
      ),
      fc.string({ unit: "binary", maxLength: 3 }),
    ),
    { maxLength: 30 },
  )
  .map((parts) => parts.join(""));

test("an editor reads the same text as the language, whatever stands in it", () => {
  fc.assert(
    fc.property(anyRaw, (raw) => {
      const map = mapPost(raw);
      expect(map.text).toBe(decodePost(raw, 1000));
      expect(map.length).toBe([...map.text].length);
      expect(lengthOfPost(raw)).toBe(map.length);
    }),
    { numRuns: 2000 },
  );
});

test("each piece of the text that is read stands for the piece of the raw text that gives it", () => {
  const decoded = (raw: string) => decodePost(`x${raw}x`, 1000).slice(1, -1);
  fc.assert(
    fc.property(anyRaw, (raw) => {
      const { text, starts } = mapPost(raw);
      expect(starts).toHaveLength(text.length + 1);
      for (let at = 0, from = 0; at < text.length; at++) {
        expect(starts[at + 1]).toBeGreaterThanOrEqual(starts[at]!);
        if (starts[at + 1] === starts[at]) continue;
        const piece = raw.slice(starts[from], starts[at + 1]);
        // A mark at the start of a piece would join the x of this test.
        if (!/^[\p{M}\u1160-\u11ff]/u.test(piece)) expect(decoded(piece)).toBe(text.slice(from, at + 1));
        from = at + 1;
      }
      expect(raw.slice(0, starts[0]).trim() + raw.slice(starts.at(-1)).trim()).toBe("");
    }),
    { numRuns: 2000 },
  );
});

test("offsets go to the text that is read and back", () => {
  const raw = '  #pi{1&lt;2 PRINT("😀e\u0301") }\n';
  const map = mapPost(raw);
  expect(map.text).toBe('#pi{1<2 PRINT("😀é") }');
  for (const piece of ["#pi", "2 PRINT", "😀", ") }"]) {
    expect(rawAt(map, map.text.indexOf(piece))).toBe(raw.indexOf(piece));
    expect(textAt(map, raw.indexOf(piece))).toBe(map.text.indexOf(piece));
  }
  // In the middle of an entity or of a letter with its mark stands the same as at its start.
  expect(textAt(map, raw.indexOf("lt;"))).toBe(map.text.indexOf("<"));
  expect(textAt(map, raw.indexOf("\u0301"))).toBe(map.text.indexOf("é"));
  expect([textAt(map, 0), textAt(map, 999), rawAt(map, -5), rawAt(map, 999)]).toEqual([0, 22, 2, raw.length - 1]);
});

test("the position of an error is the place in the raw text where it is", () => {
  fc.assert(
    fc.property(anyRaw, anyRaw, (before, after) => {
      const inside = before.replace(/["'$\\]|&(?:quot|#39);|[^ -~\s]/gu, "🥧é\u0301");
      const raw = ` &amp;${before.replace(/[{#]/g, "")} #pi{PRINT("${inside}"$${after}`;
      const { error } = run(raw, environment());
      fc.pre(error?.class === "SYNTAX" && error.message.startsWith("$"));
      const { from, to } = placeOf(raw, error!.pos);
      expect(raw.slice(from, to)).toBe("$");
      expect(problemsOf(raw)).toMatchObject([{ from, to, severity: "error", class: "SYNTAX" }]);
    }),
    { numRuns: 500 },
  );
});

/** What is coloured, each piece with its kind. */
function coloured(post: string): string[] {
  return tokensOf(post).map(({ from, to, kind }) => `${kind} ${post.slice(from, to)}`);
}

test.each([
  [
    "words by what they are",
    "hi #pi {f(n)=n+PI FOR(i=0;i<3;i++)print(f(i)) nope(SUM(k,0,1,√(k)))} bye",
    "outside hi|mark #pi|bracket {|function f|bracket (|name n|bracket )|operator =|name n|operator +|builtin PI|" +
      "keyword FOR|bracket (|name i|operator =|number 0|operator ;|name i|operator <|number 3|operator ;|name i|" +
      "operator ++|bracket )|builtin print|bracket (|function f|bracket (|name i|bracket )|bracket )|name nope|" +
      "bracket (|builtin SUM|bracket (|name k|operator ,|number 0|operator ,|number 1|operator ,|builtin √|bracket (|" +
      "name k|bracket )|bracket )|bracket )|bracket }|outside bye",
  ],
  ["a program that needs no #pi", "{1}", "bracket {|number 1|bracket }"],
  ["no program", "hello", "outside hello"],
  ["a text that is still being written", '{PRINT("a)}', 'bracket {|builtin PRINT|bracket (|text "a)}'],
  ["signs that mean nothing", "{$1🥧\\}", "bracket {|strange $|number 1|strange 🥧|strange \\|bracket }"],
  ["web entities and raised digits", "{x&lt;2²}", "bracket {|name x|operator &lt;|number 2|number ²|bracket }"],
  ["PI where the program sets it", "{PI=3;PI}", "bracket {|name PI|operator =|number 3|operator ;|name PI|bracket }"],
  ["a name of a built-in that is not called", "{PRINT=1}", "bracket {|name PRINT|operator =|number 1|bracket }"],
  [
    "a function wherever its name is called",
    "{MAX(a)=1;MAX(2)}",
    "bracket {|function MAX|bracket (|name a|bracket )|operator =|number 1|operator ;|function MAX|bracket (|number 2|bracket )|bracket }",
  ],
])("colours: %s", (_, post, wanted) => {
  expect(
    coloured(post)
      .map((each) => each.replace(/^(outside) +| +$/g, "$1 ").trim())
      .join("|"),
  ).toBe(wanted);
});

test("colours are pieces in order that leave out only spaces, for any text", () => {
  fc.assert(
    fc.property(fc.oneof(anyRaw, anyProgram()), (post) => {
      let end = 0;
      let left = "";
      for (const { from, to } of tokensOf(post)) {
        expect(from).toBeGreaterThanOrEqual(end);
        expect(to).toBeGreaterThan(from);
        left += post.slice(end, from);
        end = to;
      }
      left += post.slice(end);
      // Backslashes before a quote are dropped, and so are letters that NFC moves into their neighbours.
      expect(left.replace(/[\p{Z}\p{C}\p{M}\s\\]/gu, "")).toBe("");
    }),
    { numRuns: 1000 },
  );
});

test("far too many signs that mean nothing end the colours, not the editor", () => {
  expect(tokensOf(`{${"$".repeat(400)}1}`).filter(({ kind }) => kind === "strange")).toHaveLength(50);
  expect(tokensOf(`{${"x ".repeat(100_000)}`).length).toBeLessThan(11_000);
});

test.each([
  ["from behind the opening one", "{f(a[1])}", 3, ["(", ")"], true],
  ["from before the closing one", "{f(a[1])}", 6, ["]", "["], true],
  ["not those inside texts", '{P(")")}', 3, ["(", ")"], true],
  ["a lone one", "{f(1}", 3, ["("], false],
  ["the program's own", "#pi{1}", 3, ["{", "}"], true],
])("brackets that match: %s", (_, post, at, wanted, isMatched) => {
  const found = bracketsAt(post, at)!;
  expect(found.pair.map(({ from, to }) => post.slice(from, to))).toEqual(wanted);
  expect(found.isMatched).toBe(isMatched);
});

test("where no bracket stands, none matches", () => {
  expect(bracketsAt("{x+1}", 2)).toBeNull();
  expect(bracketsAt("nothing", 2)).toBeNull();
});

/** What is offered where `|` stands. */
function offered(marked: string): string[] | null {
  const at = marked.indexOf("|");
  return completionsAt(marked.replace("|", ""), at)?.options.map(({ label }) => label) ?? null;
}

test("while a word is typed, the program's own words, keywords, built-ins and aliases are offered, each explained", () => {
  const post = "#pi{total=1;area(r)=PI*r^2;FOR(i=0;i<3;i++)tot";
  const { from, to, options } = completionsAt(post, post.length)!;
  expect(post.slice(from, to)).toBe("tot");
  const find = (label: string) => options.find((each) => each.label === label);
  expect(options.slice(0, 4).map(({ label }) => label)).toEqual(["area", "total", "r", "i"]);
  expect(find("area")).toMatchObject({ kind: "function", detail: "(r)", opens: true });
  expect(find("total")).toMatchObject({ kind: "name", opens: false });
  expect(find("WHILE")).toMatchObject({ kind: "keyword", detail: "(condition)…", opens: true });
  expect(find("ELSE")).toMatchObject({ kind: "keyword", opens: false });
  expect(find("ROUND")).toMatchObject({ kind: "builtin", detail: "(x[,d])", opens: true });
  expect(find("PREC")?.summary).toMatch(/^Short for SETPRECISION\. /);
  expect(find("PI")?.opens).toBe(false);
  for (const { name, signature, summary } of builtins) {
    expect(find(name)).toMatchObject({ detail: signature.slice(name.length), summary });
  }
  expect(find("tot")).toBeUndefined();
});

test.each([
  ["in a text", '{PRINT("a|b")}'],
  ["in a text that never closes", '{PRINT("a|'],
  ["in a number", "{1e|5}"],
  ["before the program", "|#pi{1}"],
  ["behind the program", "#pi{1}|"],
  ["where there is no program", "hel|lo"],
])("nothing is offered %s", (_, marked) => {
  expect(offered(marked)).toBeNull();
});

test.each([
  ["between statements", "{x=1; |}", 0],
  ["behind a text", '{PUT("a")|}', 0],
  ["behind a number that another statement follows", "{x=0P|}", 1],
  ["right before a bracket", "{x=1;PR|(x)}", 2],
  ["in an open program behind a space", "{x=1 |", 0],
])("words are offered %s", (_, marked, typed) => {
  const at = marked.indexOf("|");
  const post = marked.replace("|", "");
  const { from, options } = completionsAt(post, at)!;
  expect(at - from).toBe(typed);
  const print = options.find(({ label }) => label === "PRINT");
  expect(print?.opens).toBe(post[at] !== "(");
});

/** What is told of the place before which `|` stands. */
function told(marked: string): string | undefined {
  const help = helpAt(marked.replace("|", ""), marked.indexOf("|"));
  return help === null ? undefined : `${help.title}: ${help.text}`;
}

test.each([
  ["{RO|UND(2.5)}", /^ROUND\(x\[,d\]\): /],
  ["{P|(1)}", /^PRINT\(\[x…\]\): .* P is short for it\.$/],
  ["{sum|(k,1,9,k)}", /^SUM\(k,a,b,expr\): The sum of/],
  ["{√|(2)}", /^SQRT\(x\): .* √ is read as SQRT\.$/],
  ["{2*|π}", /^PI\(\): .* π is read as PI\.$/],
  ["{If|(x)1}", /^IF\(condition\)… ELSE …: Does what/],
  ["{7|//2}", /^a\/\/b: .*-4\.$/],
  ["{1|≤2}", /^a<b: .* ≤ is read as <=\.$/],
  ["{2|²}", null],
  ["{n=1;n++;PRINT(|n)}", /^n: A name of this program: set 2 times, read 2 times\.$/],
  ["{x|=1}", /^x: A name of this program: set once, read never\.$/],
  ["{PRINT(|k)}", /^k: It is never given a value here: it reads 0\.$/],
  ["{f(a,b)=a+b;|f(1,2)}", /^f\(a,b\): A function of this program\.$/],
  ["{f(a,b)=|a+b}", /^a: A parameter of f\(a,b\)\.$/],
  ["{SUM(k,1,3,|k)}", /^k: Counts the terms/],
  ["{n|ope(1)}", null],
  ["#p|i{1}", /^#pi\{…\}: /],
  ['{PRINT("i|t")}', null],
  ["{1; |  2}", null],
  ["out|side {1}", null],
  ["#pi{1} outs|ide", null],
])("help at %s", (marked, wanted) => {
  if (wanted === null) expect(told(marked)).toBeUndefined();
  else expect(told(marked)).toMatch(wanted);
});

test.each([
  ["a built-in that swallowed a name", "#pi{PRINT(1)yPRINT(2)}", "#pi{PRINT(1)y;PRINT(2)}"],
  ["a function of the program that did", "{foo(x)=x;yfoo(2)}", "{foo(x)=x;y;foo(2)}"],
  ["another case", "{foo(x)=x;Foo(2)}", "{foo(x)=x;foo(2)}"],
  ["a misspelt built-in", "{PRITN(2)}", "{PRINT(2)}"],
  ["a missing )", "{PRINT(2}", "{PRINT(2)}"],
  ["several missing )", "{PRINT((2+(1}", "{PRINT((2+(1)))}"],
  ["a missing ]", "{a=[1,2}", "{a=[1,2]}"],
  ["a missing }", "{PRINT(2)", "{PRINT(2)}"],
  ["a spare }", "{PRINT(2)}  };", "{PRINT(2)}  "],
  ["a text that never closes", '#pi{PRINT("a b)}', '#pi{PRINT("a b")}'],
  ["the same with a curly quote", "{PRINT(“a b", "{PRINT(“a b“)}"],
  ["= for ==", "{IF(x=1)PRINT(2)}", "{IF(x==1)PRINT(2)}"],
  ["===", "{PRINT(1===1)}", "{PRINT(1==1)}"],
  ["** for ^", "{PRINT(2**3)}", "{PRINT(2^3)}"],
  ["two values side by side", "{PRINT(1 2)}", "{PRINT(1,2)}"],
  ["a backslash", "{PRINT(7\\2)}", "{PRINT(7//2)}"],
  ["a sign that means nothing", "{$x=1}", "{x=1}"],
  ["a built-in without its brackets", "{PRINT}", "{PRINT()}"],
  ["behind entities and emoji", ' #pi{PUT("😀&lt;")yPRINT(2)}', ' #pi{PUT("😀&lt;")y;PRINT(2)}'],
])("a quick fix: %s", (_, post, wanted) => {
  let mended = post;
  // Each fix is one step: a text that is closed shows the next closer that is missing.
  for (let steps = 0; steps < 4; steps++) {
    const fix = problemsOf(mended).find((problem) => problem.fix !== null)?.fix;
    if (!fix) break;
    expect(fix.label).toMatch(/^(?:Put in|Take out|Write) /);
    mended = mended.slice(0, fix.from) + fix.insert + mended.slice(fix.to);
  }
  expect(mended).toBe(wanted);
});

test("supplied closers can be put in: the same program without the warning", () => {
  const programs = corpus().filter(({ source }) => problemsOf(source).some(({ fix }) => fix !== null));
  expect(programs.length).toBeGreaterThan(5);
  for (const { source } of programs) {
    const [problem] = problemsOf(source).filter(({ fix }) => fix !== null);
    const { from, to, insert } = problem!.fix!;
    const mended = source.slice(0, from) + insert + source.slice(to);
    expect(problemsOf(mended).length, mended).toBeLessThanOrEqual(problemsOf(source).length);
    if (problem!.severity === "error") continue;
    expect(run(mended, environment()).out, mended).toEqual(run(source, environment()).out);
  }
});

test("what is found without running is what parse finds, at a place that is not empty", () => {
  fc.assert(
    fc.property(fc.oneof(anyRaw, anyProgram()), (post) => {
      const read = parse(post);
      const found = problemsOf(post);
      const wanted = "error" in read ? [read.error] : read.warnings;
      expect(found.map(({ message }) => message)).toEqual(wanted.map(({ message }) => message));
      for (const { from, to } of found) if (post.trim() !== "") expect(to).toBeGreaterThan(from);
    }),
    { numRuns: 1000 },
  );
});

test("the count of characters is the one that the language refuses by, halves of characters and all", () => {
  for (const letter of ["x", "🥧", "\ud83e", "&lt;", "e\u0301"]) {
    for (const count of [271, 272]) {
      const post = ` #pi{PUT("${letter.repeat(count - 4)}")} `;
      const isLong = problemsOf(post).some((problem) => problem.class === "LONG");
      expect(isLong, letter).toBe(lengthOfPost(post) > 280);
      expect(lengthOfPost(post), letter).toBe(count + 8);
    }
  }
});

test("a post that is too long is marked where it is too long", () => {
  const post = `#pi{PRINT("${"😀".repeat(290)}")}`;
  const [problem] = problemsOf(post);
  expect(problem).toMatchObject({ class: "LONG", severity: "error", fix: null });
  expect([...post.slice(0, problem!.from)]).toHaveLength(280);
  expect(problem!.to).toBe(post.length);
  expect(problemsOf("x".repeat(30_000))).toMatchObject([{ class: "LONG" }]);
});

test("hand-written programs of the corpus are coloured without a strange sign, and no help is missing for a called word", () => {
  for (const { source, expect: wanted } of corpus()) {
    if (wanted.error !== undefined) continue;
    for (const { from, to, kind } of tokensOf(source)) {
      expect(kind, source).not.toBe("strange");
      if (kind === "builtin" || kind === "keyword" || kind === "function") expect(helpAt(source, from)?.to).toBe(to);
    }
  }
});
