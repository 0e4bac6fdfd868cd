import { expect, test } from "vitest";
import { type Explanation, explain, publicLimits } from "../index.ts";
import { environment } from "./world.ts";

function explained(post: string): Explanation {
  const explanation = explain(post, environment(), { ...publicLimits, steps: 50_000 });
  if ("error" in explanation) throw new Error(explanation.error.message);
  return explanation;
}

/** The words of each line, indented as they stand. */
function words(post: string): string[] {
  return explained(post).lines.map(({ depth, words: said }) => `${"  ".repeat(depth)}${said}`);
}

test.each([
  ["{x=1}", "x becomes 1"],
  ["{x++}", "x goes up by 1"],
  ["{x-=y+1}", "x goes down by y + 1"],
  ["{x*=2}", "x is multiplied by 2"],
  ["{x/=2}", "x is divided by 2"],
  ["{x//=2}", "x is divided by 2 and rounded down"],
  ["{x%=2}", "x becomes what is left when it is divided by 2"],
  ["{x^=2}", "x is raised to the power of 2"],
  ["{a=[0]a[0]+=2}", "a becomes [0]", "element 0 of a goes up by 2"],
  ["{x=a?1:b?2:3}", "x becomes 1 if a is not 0 or empty, otherwise 2 if b is not 0 or empty, otherwise 3"],
  ["{2+2}", "prints 2 + 2"],
  ["{PRINT(a,b)}", "prints a, then b"],
  ["{P()}", "ends the line"],
  ['{PUT("a",b)}', 'writes "a", then b and stays on the line'],
  ["{SLEEP(.5)}", "waits .5 s"],
  ['{SAVE("n",1)}', 'keeps 1 on the cluster as "n"'],
  ['{SETDATA("n",1)}', 'keeps 1 on this board as "n"'],
  ["{PREC(50)}", "from here on counts with 50 digits"],
  ['{PLAYSOUND("")}', "plays the sound at an address (PLAYSOUND(url))"],
  ["{x>3&&SLEEP(1)}", "if x is more than 3: waits 1 s"],
  ["{x||SLEEP(1)}", "unless x is not 0 or empty: waits 1 s"],
  ["{!x?SLEEP(1):P(1,2)}", "if x is 0 or empty: waits 1 s; otherwise: prints 1, then 2"],
  ["{IF(a<b&&c!=1||!(a>=2))x=1}", "if a is less than b and c is not 1 or not (a is at least 2):", "  x becomes 1"],
  [
    "{IF(1<a<=9){x=1}ELSE{y=2}}",
    "if 1 is less than a, which is at most 9:",
    "  x becomes 1",
    "otherwise:",
    "  y becomes 2",
  ],
  ["{WHILE(1){BREAK}}", "again and again, until BREAK or a limit ends it:", "  leaves the loop"],
  ["{WHILE(0)x=1}", "never:", "  x becomes 1"],
  ["{IF(0)x=1}", "if never:", "  x becomes 1"],
  ["{IF(2)x=1}", "if always:", "  x becomes 1"],
  [
    "{WHILE(x<3){x++CONTINUE}}",
    "as long as x is less than 3, again and again:",
    "  x goes up by 1",
    "  goes on with the next turn of the loop",
  ],
  ["{FOR(i=0;i<9;i++)i}", "for i from 0 up to just below 9:", "  prints i"],
  ["{FOR(;i<=9;i+=3)i}", "for i from where it stands up to 9 in steps of 3:", "  prints i"],
  ["{FOR(i=9;i>0;i--)i}", "for i from 9 down to just above 0:", "  prints i"],
  ["{FOR(i=9;i>=0;i--)i}", "for i from 9 down to 0:", "  prints i"],
  [
    "{FOR(i=0;i>9;i++)i}",
    "first i becomes 0; then as long as i is more than 9, again and again (after each turn i goes up by 1):",
    "  prints i",
  ],
  [
    "{FOR(i=0;j<9;i++)i}",
    "first i becomes 0; then as long as j is less than 9, again and again (after each turn i goes up by 1):",
    "  prints i",
  ],
  [
    "{a=[1]FOR(i=1,a[0]=2;i<9;i*=2,i)i}",
    "a becomes [1]",
    "first i becomes 1, element 0 of a becomes 2; then as long as i is less than 9, again and again (after each turn i is multiplied by 2, prints i):",
    "  prints i",
  ],
  ["{FOR(;;)BREAK}", "again and again, until BREAK or a limit ends it:", "  leaves the loop"],
  ["{f(n)=n<2?1:n*f(n-1)f(3)}", "f(n) is 1 if n is less than 2, otherwise n * f(n - 1)", "prints f(3)"],
  [
    "{g(a,b){a;RETURN}g(1,2)}",
    "whenever it is called:",
    "  prints a",
    "  ends the function",
    "does what g says with 1, 2",
  ],
  ["{h(){RETURN 7}h()}", "whenever it is called:", "  gives back 7", "prints h()"],
  ["{g(){{SLEEP(1)}}g()}", "whenever it is called:", "  waits 1 s", "does what g says"],
])("%s in words", (post, ...said) => {
  expect(words(post)).toEqual(said);
});

test("each line has its source as it is laid out, and its place in the post", () => {
  const lines = explained("hi 🥧 #pi{FOR(i=1;i<4;i++){IF(i==2)i}}").lines;
  expect(lines.map(({ pos, depth, source }) => [pos, depth, source])).toEqual([
    [10, 0, "FOR (i = 1; i < 4; i++)"],
    [27, 1, "IF (i == 2)"],
    [35, 2, "i;"],
  ]);
});

test("what it cost: each limit that it touched, the one used up most first", () => {
  const { uses, result } = explained('{PRINT("é")SLEEP(30)LIGHTS(0,0,0,0)}');
  expect(result.out).toEqual(["é"]);
  expect(uses).toEqual([
    { what: "seconds of SLEEP", used: 30, most: 60 },
    { what: "characters of the post", used: 36, most: 280 },
    { what: "steps", used: result.steps, most: 50_000 },
    { what: "effects", used: 2, most: 10_000 },
    { what: "bytes of output", used: 3, most: 65_536 },
  ]);
});

test.each([
  ["a loop", "{x=1FOR(i=0;i<999;i++)x+=i}", "the FOR", 5],
  ["the inner of two loops", "{WHILE(j<20){j++i=0WHILE(i<99)i++}}", "the WHILE", 20],
  ["a SUM", "{WHILE(j<20)j++SUM(k,1,9999,k*k)}", "the SUM", 16],
  ["a MAP in a function", "{f(n)=MAP(k,1,n,k)LEN(f(999))}", "the MAP", 7],
  ["a PROD in a function with a block", "{f(n){RETURN PROD(k,1,n,1)}f(999)}", "the PROD", 14],
  ["a function", "{f(n)=n<2?1:f(n-1)+f(n-2)f(15)}", "the function f", 2],
  ["a loop in a function", "{f(){FOR(;i<99;i++);}f()}", "the FOR", 6],
  ["a loop that a limit ends", "{FOR(;;)x++}", "the FOR", 2],
])("the dearest part: %s", (_, post, what, pos) => {
  const { dearest } = explained(post);
  expect(dearest).toMatchObject({ what, pos });
  expect(dearest!.share).toBeGreaterThan(0.8);
  expect(dearest!.share).toBeLessThanOrEqual(1);
});

test("a program without a loop has no dearest part, nor one that does nothing", () => {
  expect(explained("{2+2}").dearest).toBeNull();
  expect(explained("{f(x)=x}").dearest).toBeNull();
  expect(explained("{P(1)P(2)P(3)P(4)WHILE(0);}").dearest).toBeNull();
});

test("the built-ins that it calls, each once, and none that the program wrote itself", () => {
  const { calls } = explained("{ABS(x)=x f(n)=LN(n)g(n){SUM(k,1,n,k)}p(ABS(1),sqrt(2),√(3))f(1)g(1)}");
  expect(calls.map(({ signature }) => signature)).toEqual(["PRINT([x…])", "SQRT(x)", "LN(x)", "SUM(k,a,b,expr)"]);
});

test("warnings and errors of the run are told", () => {
  const { result } = explained("{PRINT(k)PRINT(1/0");
  expect(result.warnings.map(({ pos }) => pos)).toEqual([19, 19, 8]);
  expect(result.error).toMatchObject({ class: "DIV0" });
});

test("a post that is too long is explained all the same, and its length is the limit used up most", () => {
  const post = `{${"x++".repeat(100)}}`;
  const explanation = explain(post, undefined, publicLimits);
  expect(explanation).toMatchObject({ uses: [{ what: "characters of the post", used: 302, most: 280 }] });
});

test("a post that cannot be read says why", () => {
  expect(explain("{PRINT(1+)}")).toMatchObject({ error: { class: "SYNTAX", pos: 10 } });
});
