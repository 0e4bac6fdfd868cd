import { expect, test } from "vitest";
import { foldUnit } from "../characters.ts";
import { decodeValue, type Environment, run } from "../index.ts";
import { environment, printed, runPost } from "./world.ts";

// What the parser, the checker and the machine do at the edges of what a post may say.
test.each([
  ["a function may end early and with nothing", "{f(n){IF(n)RETURN;PUT(1)}f(0)f(1)PRINT(f(0)+2)}", "112"],
  ["a whole counts up beyond 32 bits", "{x=2147483647x++PRINT(x)x++PRINT(x)}", "2147483648\n2147483649"],
  ["a float counts up, too", "{x=.5x++PRINT(x)}", "1.5"],
  [
    "an element may change its kind and its weight",
    '{a=[1,2]a[0]="a longer text"a[0]+="!"PRINT(a)}',
    '["a longer text!", 2]',
  ],
  ["a sum of nothing is 0, a product 1, a map empty", "{PRINT(SUM(k,1,0,k),PROD(k,1,0,k),MAP(k,1,0,k))}", "0 1 []"],
  [
    "sums are joined in chunks of 1024 terms",
    "{PRINT(SUM(k,1,3000,k),PROD(k,1,1030,k)//PROD(k,1,1029,k))}",
    "4501500 1030",
  ],
  ["the name of a fold hides that of the program", "{k=7PRINT(SUM(k,1,3,k),k)}", "6 7"],
  ["letters beyond ASCII go on after those within it", "{aß9=3PRINT(aß9)}", "3"],
  ["characters of two units count as one", '{s="a🥧b"PRINT(s[0],s[1],s[2],LEN(s))}', "a 🥧 b 3"],
  ["a raised minus begins the next power", "{x=2PRINT(x²⁻¹)}", "1.4142135623730951"],
  ["a raised minus alone is no power", "{x=2PRINT(x⁻)}", "SYNTAX @12"],
  ["a sign that means nothing is named", "{PRINT(1 🥧)}", "SYNTAX @10"],
  ["half a character counts as one, as whole ones do", '{PUT("\ud83ex\ud83ey")$}', "SYNTAX @13"],
  ["a variation selector beyond the first plane is nothing", "{PRINT(1\u{e0100})}", "1"],
  ["brackets cannot be set", "{(1)=2}", "SYNTAX @5"],
  ["two signs need a value behind them", "{PRINT(2*++)}", "SYNTAX @12"],
  ["a number is cut where a message names it", "{x=(1 1234567890123456789012345)}", "SYNTAX @7"],
  ["a text is not shown where a message names it", '{x=(1 "secret")}', "SYNTAX @7"],
  ["an element past the end has no value to add to", "{a=[]a[0]+=1}", "INDEX @7"],
  ["nothing stands in an empty list", "{a=[]a[1]=1}", "INDEX @7"],
  ["a fold counts in wholes of any size", "{x=SUM(k,2^60,2^61,k)}", "STEPS @4"],
  ["a fold counts in wholes", "{x=SUM(k,0,1.5,k)}", "TYPE @4"],
  ["a fold needs all its parts", "{x=SUM(k,0,9)}", "ARGS @4"],
  ["a fold starts with a name", "{x=SUM(1,0,9,1)}", "SYNTAX @8"],
  ["an index is a whole number", "{a=[1]PRINT(a[.5])}", "TYPE @14"],
  ["a text is no index", '{a=[1]PRINT(a["0"])}', "TYPE @14"],
  ["half a mark is none", "#px{1} #p #", "NOTWARBLE @1"],
  ["there is no character past the last, however long its units", '{PRINT("🥧"[1])}', "INDEX @11"],
  ["only texts and lists have a length", "{LEN(5)}", "TYPE @2"],
  ["equal texts stand in no order", '{PRINT("ab"<"ab","ab"<="ab","a"<"ab","b">"ab")}', "0 1 1 1"],
  ["a drawing takes its places, with a colour or without", "{DRAW(1,2,3)}", "ARGS @2"],
  [
    "lists differ in their first different element",
    "{PRINT([1,2]==[1,3],[1,[2]]==[1,[2]],[1]==[1,2],[1]==1)}",
    "0 1 0 0",
  ],
])("%s", (_, post, expected) => {
  expect(printed(post)).toBe(expected);
});

test.each([
  ["two letters swapped", "{PRITN(1)}", "Did you mean PRINT"],
  ["a letter too few", "{PRIN(1)}", "Did you mean PRINT"],
  ["a letter too many", "{PRINTT(1)}", "Did you mean PRINT"],
  ["another letter", "{SQRR(1)}", "Did you mean SQRT"],
  ["the wrong capitals of a function of the post", "{fx(n)=n;PRINT(FX(1))}", "you wrote fx"],
  ["a name that runs into a built-in", "{xPRINT(1)}", "write x;PRINT"],
  ["a name that runs into a function of the post", "{go(n)=n;PRINT(igo(1))}", "write i;go"],
  ["a whole where a float is", "{GCD(1.5,2)}", "make wholes"],
  ["a whole where a text is", '{GCD("a",2)}', "takes a whole number, not a text."],
  ["bits where a condition was meant", "{PRINT(1.5&2)}", "write &&"],
  ["a printed value inside a fold", "{f(n){n}PRINT(SUM(k,1,2,f(k)))}", "it uses a printed value"],
  ["an impure built-in of a function of a function", "{f(n)=RAND()g(n)=f(n)PRINT(SUM(k,1,2,g(k)))}", "it uses RAND"],
])("the message for %s says what to do", (_, post, words) => {
  expect(runPost(post).error?.message).toContain(words);
});

test("a function that calls itself may stand in a fold", () => {
  expect(printed("{f(n)=n<2?1:n*f(n-1)PRINT(SUM(k,1,4,f(k)))}")).toBe("33");
});

test("texts and decimals that grow past what may be saved or printed are refused before they are written", () => {
  expect(runPost('{s="x"FOR(i=0;i<13;i++)s+=s;SAVE("a",s)}').error?.class).toBe("MEMORY");
  expect(runPost('{PREC(5000)SAVE("a",1/3)}').error?.class).toBe("MEMORY");
  expect(runPost("{PREC(300)x=STR([1/3])}", {}, { textLength: 200 }).error?.class).toBe("MEMORY");
  expect(runPost("{PREC(300)PRINT(1/3)}", {}, { outputBytes: 200 }).error?.class).toBe("OUTPUT");
  expect(runPost("{a=ARRAY(9)}", {}, { listLength: 8 }).error?.class).toBe("MEMORY");
  expect(runPost("{a=[1,2,3]}", {}, { listLength: 2 }).error?.class).toBe("MEMORY");
});

test("names saved before and names saved now count together", () => {
  const saved = { a: "1" };
  const names = (count: number) => `{SAVE("a",2)FOR(i=0;i<${count};i++)SAVE("n"+i,i)}`;
  expect(runPost(names(63), { saved }).error).toBeNull();
  expect(runPost(names(64), { saved }).error?.class).toBe("MEMORY");
});

test("a saved number beyond the floats is no saved value", () => {
  expect(() => decodeValue("1e999")).toThrow("no saved Warble value");
  expect(() => decodeValue('"\\x"')).toThrow("no saved Warble value");
  expect(printed('{PREC(5)SAVE("a",0.0)PRINT(LOAD("a"))}')).toBe("0.0");
});

test("a remark is made once, where it first applies", () => {
  const { out, warnings } = runPost("{PRINT(TEMP())FOR(i=0;i<3;i++)TEMP()}", { temperatureC: null });
  expect(out[0]).toBe("0");
  expect(warnings.map(({ pos }) => pos)).toEqual([8]);
});

test.each([
  ["Maximum BigInt size exceeded", "MEMORY"],
  ["Maximum call stack size exceeded", "DEPTH"],
])("the engine's own wall, %s, ends a program with %s and throws nothing", (message, expected) => {
  expect(run("{PRINT(USER())}", brokenBy(new RangeError(message))).error?.class).toBe(expected);
});

test("a mistake of ours is told as ours and throws nothing", () => {
  expect(run("{PRINT(USER())}", brokenBy(new TypeError("oops"))).error).toMatchObject({
    class: "RANGE",
    message: expect.stringContaining("a mistake of ours: TypeError: oops"),
  });
});

/** An environment whose user cannot be read. */
function brokenBy(error: Error): Environment {
  return Object.defineProperty(environment(), "user", {
    get: () => {
      throw error;
    },
  });
}

test("every full-width form reads as its ASCII form, and a grave accent of any width as a quote", () => {
  for (let ascii = 0x21; ascii <= 0x7e; ascii++) expect(foldUnit(ascii + 0xfee0)).toBe(ascii === 96 ? 39 : ascii);
  expect([foldUnit(0xff00), foldUnit(0xff5f), foldUnit(96)]).toEqual([0xff00, 0xff5f, 39]);
  expect(printed("{x=3PRINT(！0,x！=3,｀a´)}")).toBe("1 0 a");
});

test.each([
  0x9, 0xa0, 0xad, 0x85, 0x1680, 0x180e, 0x2000, 0x200b, 0x2028, 0x202f, 0x205f, 0x2060, 0x3000, 0xfe0f, 0xfeff,
])("the unit %i is a space between names", (unit) => {
  const space = String.fromCharCode(unit);
  expect(printed(`{PRINT(1${space}+${space}2)}`)).toBe("3");
  expect(foldUnit(unit)).toBe(32);
});

test("texts stand in the order of their code points, beyond the first plane, too", () => {
  expect(printed('{PRINT("🥧">"￮","🥧">"a","￮">"a","🥧a"<"🥧b","a"<"ab")}')).toBe("1 1 1 1 1");
});

test("saved lists nest two hundred deep and no deeper", () => {
  const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
  expect(() => decodeValue(nested(200))).not.toThrow();
  expect(() => decodeValue(nested(201))).toThrow("no saved Warble value");
  expect(() => decodeValue(`[${nested(199)},${nested(199)}]`)).not.toThrow();
});
