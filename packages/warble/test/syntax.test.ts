import { expect, test } from "vitest";
import { printed, runPost } from "./world.ts";

test.each([
  ["two signs in a row are a minus of a minus", "{PRINT(5--3)}", "8"],
  ["after a name that begins a statement they count down", "{x=1x--PRINT(x)}", "0"],
  ["a long dash counts down, too", "{x=3x—PRINT(x)}", "2"],
  ["a power binds tighter than a minus", "{PRINT(-2^2,2^-1,2^3^2)}", "-4 0.5 512"],
  ["a chain of comparisons asks each pair", "{PRINT(1<2<3,3>2>2,1<2==2)}", "1 0 1"],
  ["brackets end a chain", "{PRINT((3>2)>0)}", "1"],
  ["bits bind tighter than comparisons", "{PRINT(6&3==2,4|1==5)}", "1 1"],
  ["raised digits are powers", "{x=3PRINT(x²,x⁻¹,2¹⁰)}", "9 0.3333333333333333 1024"],
  [
    "signs of mathematics are built-ins",
    "{PRINT(√(16),∑(k,1,3,k),Σ(k,1,3,k),∏(k,1,4,k),2*π)}",
    "4.0 6 6 24 6.283185307179586",
  ],
  ["full-width forms are ASCII", "＃ｐｉ｛ＰＲＩＮＴ（１＋２）｝", "3"],
  ["any double quote opens and closes", '{PRINT(«a“+„b❞+″c")}', "abc"],
  ["any single quote does, too", "{PRINT(‘a`+'b´)}", "ab"],
  ["the other quote is a letter", '{PRINT("it\'s",\'"so"\')}', 'it\'s "so"'],
  ["backslashes before a quote are dropped", '{PRINT(\\"a\\\\\\")}', "a"],
  ["a backslash inside a text stays", '{PRINT("a\\b")}', "a\\b"],
  ["entities are decoded once", "{PRINT(&quot;&amp;lt;&#39;&quot;)}", "&lt;'"],
  ["a line end in a text is a line end", '{PRINT("a\nb")}', "a\nb"],
  ["what stands around the program is not looked at", '@pi #a{ "( #pi{PRINT(1)} #pi{PRINT(2)} "', "1"],
  ["spaces may stand in the mark", "hello # PI  {PRINT(1)}", "1"],
  ["braces inside text do not count", '{PRINT("}")PRINT("{")}', "}\n{"],
  ["an ELSE finds its IF over semicolons", "{IF(0)PRINT(1);;ELSE IF(0)PRINT(2);ELSE PRINT(3)}", "3"],
  ["a loop may have no body of its own", "{FOR(i=0;i<3;i++);PRINT(i)}", "3"],
  ["a loop may step by several", "{FOR(i=0,j=9;i<j;i++,j-=2)PRINT(i,j)}", "0 9\n1 7\n2 5"],
  [
    "BREAK and CONTINUE act on the innermost loop",
    "{FOR(i=0;i<3;i++){FOR(;;){BREAK}IF(i==1)CONTINUE;PRINT(i)}}",
    "0\n2",
  ],
  ["a number may begin or end with its point", "{PRINT(.5,5.,1.e2,1E-5,007)}", "0.5 5.0 100.0 1e-05 7"],
  ["an e that no digit follows is a name", "{e=2x=3e=4PRINT(x,e)}", "3 4"],
  ["a name is known by its capitals", "{a=1A=2PRINT(a,A)}", "1 2"],
  ["built-ins and keywords are not", "{For(i=0;I<1;i++){Put(1)Break}Print(PI>3)}", "11"],
  ["names may be of any script", "{größe=2σ=3変数=4PRINT(größe*σ*変数)}", "24"],
  ["a built-in name may be a variable", "{PRINT=3PRINT(PRINT)PI=2PRINT(PI)}", "3\n2"],
  ["the user's function wins over the built-in", "{max(a,b)=7PRINT(max(1,2),MAX(1,2))}", "7 2"],
  ["functions may be used before they are written", "{PRINT(f(2))f(x)=x*g(x)g(x)=x+1}", "6"],
  ["a function sees what top level assigns, and may change it", "{n=1f(x){n+=x RETURN n}PRINT(f(2),n)}", "3 3"],
  ["each call has its own names", "{f(n){k=n IF(n)f(n-1)PRINT(k)}f(2)}", "0\n1\n2"],
  ["a function without RETURN prints nothing of itself", "{f(x){PRINT(x)}f(3)g(x)=x+1g(3)}", "3\n4"],
  ["RETURN leaves loops", "{f(n){WHILE(1){FOR(;;)RETURN n}}PRINT(f(5))}", "5"],
  ["a choice of commands prints nothing of itself", "{1?PRINT(1):PRINT(2)0||PRINT(3)}", "1\n3"],
  ["bare values print themselves", '{1+1"a";[1,2]x=3;x}', "2\na\n[1, 2]\n3"],
  ["what follows [ on a text is an index", '{"abc"[1]}', "b"],
  ["elements of elements can be set", "{a=[1,[2,3]]a[1][0]=7a[1][1]+=1a[0]++PRINT(a)}", "[2, [7, 4]]"],
  ["and and or look no further than they must", "{PRINT(0&&1/0,1||1/0)}", "0 1"],
  ["text is false when empty", '{PRINT(!"",!"0",![],![0],!0.0)}', "1 0 1 0 1"],
  ["aliases", "{P(1)PREC(3)P(1/3)}", "1\n0.333"],
])("%s", (_, post, expected) => {
  expect(printed(post)).toBe(expected);
});

test.each([
  ["{PRINT(1 2)}", "SYNTAX @10", "operator or a comma"],
  ["{PRINT(1;2)}", "SYNTAX @9", "not ;"],
  ["{(1;}", "SYNTAX @4", "not ;"],
  ["{x=i++}", "SYNTAX @7", "Expected a value"],
  ["{PRINT(2**3)}", "SYNTAX @10", "x^2"],
  ["{x=y=1}", "SYNTAX @5", "=="],
  ["{IF x PRINT(1)}", "SYNTAX @5", "IF is followed by ("],
  ["{IF(1)}", "SYNTAX @7", "What shall IF do"],
  ["{FOR(i=0,i<3,i++)PRINT(i)}", "SYNTAX @17", "three parts"],
  ["{ELSE PRINT(1)}", "SYNTAX @2", "no IF"],
  ["{BREAK}", "SYNTAX @2", "WHILE or a FOR"],
  ["{RETURN 1}", "SYNTAX @2", "function"],
  ["{f(a,a)=1}", "SYNTAX @6", "parameter"],
  ["{f(a)=1f(b)=2}", "SYNTAX @8", "twice"],
  ['🥧🥧#pi{PRINT("abc)}', "SYNTAX @13", "quote is missing"],
  ["{a\\b}", "SYNTAX @3", "\\"],
  ["{√2}", "SYNTAX @2", "brackets"],
  ["{2⁻}", "SYNTAX @3", "raised"],
  ["{x=1€}", "SYNTAX @5", "€"],
  ["{PRINT(1)🥧}", "SYNTAX @10", "🥧"],
  ["{PRINT(1)\u001b[2J}", "SYNTAX @10", "The character U+001B means"],
  ["{PRINT(1)\ud83e}", "SYNTAX @10", "The character U+D83E means"],
  ["{PRINT(1)\udb40}", "SYNTAX @10", "The character U+DB40 means"],
  ["{PRINT(1)\u{e0001}}", "SYNTAX @10", "The character U+E0001 means"],
  ["{yPRINT(1)}", "NAME @2", "y;PRINT"],
  ["{prnt(1)}", "NAME @2", "PRINT"],
  ["{f(x)=1F(2)}", "NAME @8", "you wrote f"],
  ["{f(x)=1f(1,2)}", "ARGS @8", "1 argument"],
  ["{LIGHTS(1)}", "ARGS @2", "LIGHTS(i,r,g,b)"],
  ["{SUM(1,2,3,4)}", "SYNTAX @6", "SUM(k,1,9,k*k)"],
  ["{SUM(k,1,9,RAND())}", "PURE @12", "RAND"],
  ['{f(x){SAVE("a",x)}SUM(k,1,9,f(k))}', "PURE @29", "SAVE"],
  ["{f(x){g=x}g=0SUM(k,1,9,f(k))}", "PURE @24", "g"],
])("%s is %s", (post, error, said) => {
  const result = runPost(post);
  expect(`${result.error?.class} @${result.error?.pos}`).toBe(error);
  expect(result.error?.message).toContain(said);
  expect(result.out).toEqual([]);
});

test("what is forgiven is told, and never on stdout", () => {
  const closers = runPost("{x=1/3*(2+[1,2][k}");
  expect(closers.error).toBeNull();
  expect(closers.warnings.map(({ message }) => message.slice(0, 17))).toEqual([
    "A ] was missing h",
    "A ) was missing h",
    "k is never given ",
  ]);
  const names = runPost("{PRINT(k)PRINT(k)PRINT PRINT(1)}}");
  expect(names.out).toEqual(["0", "0", "0", "1"]);
  expect(names.warnings.map(({ pos }) => pos)).toEqual([33, 8, 18]);
});

test("a post of 281 characters is too long, however it is spelt, and one of 280 is not", () => {
  const text = `{PRINT("${"é".repeat(269)}")}`;
  expect(runPost(text).error).toBeNull();
  expect(runPost(text.normalize("NFD")).error).toBeNull();
  expect(runPost(`  ${text.replaceAll('"', "&quot;")}\n`).error).toBeNull();
  expect(runPost(`${text}.`).error?.class).toBe("LONG");
  expect(runPost("{".repeat(1_000_000)).error?.class).toBe("LONG");
  expect(runPost(`{PRINT("${"🥧".repeat(269)}")}`).error).toBeNull();
});

test.each(["", "   ", "hello", "#pie{1}", "pi{1}", "# {PRINT(1)}", "#pi PRINT(1)"])("%j is no Warble", (post) => {
  expect(runPost(post).error?.class).toBe("NOTWARBLE");
});
