import { expect, test } from "vitest";
import { publicLimits, timeError } from "../index.ts";
import { printed, runPost } from "./world.ts";

const big = "x=2^3999990";

test.each([
  ["an endless loop", "{WHILE(1){}}", "STEPS"],
  ["endless recursion", "{f(n)=f(n+1)f(1)}", "DEPTH"],
  ["recursion that grows a tree", "{f(n)=n<2?n:f(n-1)+f(n-2)f(99)}", "STEPS"],
  ["a power beyond all memory", "{9^9^9^9}", "MEMORY"],
  ["squares of squares", "{x=3WHILE(1){x=x*x}}", "MEMORY"],
  ["huge sums", `{${big}WHILE(1)y=x+1}`, "STEPS"],
  ["huge products", "{x=2^1999999+1WHILE(1)y=x*x}", "STEPS"],
  ["huge remainders", `{${big}-1WHILE(1)y=x%(x-1)}`, "STEPS"],
  ["huge signs", `{${big}WHILE(1)y=-x}`, "STEPS"],
  ["huge comparisons", `{${big}y=x+1WHILE(1)z=x<y}`, "STEPS"],
  ["huge roots", "{x=7^1000000WHILE(1)y=ISQRT(x)}", "STEPS"],
  ["huge common divisors", "{y=GCD(2^3999999-1,3^2000000)}", "STEPS"],
  ["huge remainders of powers", "{y=POW(3,2^100000,2^100001-1)}", "STEPS"],
  ["huge choices", "{x=COMB(10^6,5*10^5)}", "STEPS"],
  ["digits of huge numbers", "{x=2^200000WHILE(1)y=STR(x)}", "STEPS"],
  ["a huge number printed", "{PRINT(2^3999999)}", "OUTPUT"],
  ["huge numbers in calls", `{f(n,x)=n?x+1+f(n-1,x+2):0f(199,2^3999990)}`, "MEMORY"],
  ["huge numbers in unfinished sums", `{${big}f(n)=n?(x+1)*0+((x+2)*0+f(n-1)):0f(190)}`, "MEMORY"],
  ["huge numbers in local names", `{${big}f(n){a=x+1b=x+2c=x+3IF(n)f(n-1)}f(190)}`, "MEMORY"],
  ["huge numbers in a list", `{a=[]${big}FOR(i=0;;i++)a[i]=x+i}`, "MEMORY"],
  ["long texts in a list", '{a=[]s="abcd"FOR(i=0;i<13;i++)s+=s;FOR(i=0;;i++)a[i]=s+i}', "MEMORY"],
  ["lists in lists", "{a=[]WHILE(1)a=[a]}", "MEMORY"],
  ["full lists in a list", "{a=[]FOR(i=0;;i++)a[i]=ARRAY(65536)}", "MEMORY"],
  ["a list that grows for ever", "{a=[]FOR(i=0;;i++)a[i]=i}", "MEMORY"],
  ["a small list of huge printed form", "{a=[1]FOR(i=0;i<99;i++)a=[a,a];PRINT(a)}", "OUTPUT"],
  ["the same as a text", "{a=[1]FOR(i=0;i<99;i++)a=[a,a];x=STR(a)}", "MEMORY"],
  ["the same compared", "{a=[1]b=[1]FOR(i=0;i<60;i++){a=[a,a]b=[b,b]}PRINT(a==b)}", "STEPS"],
  ["a list that holds itself, printed", "{a=[1]a[0]=a;PRINT(a)}", "DEPTH"],
  ["a list that holds itself, compared", "{a=[1]b=[1]a[0]=a;b[0]=b;PRINT(a==b)}", "DEPTH"],
  ["a flood of lines", "{WHILE(1)PRINT(1)}", "OUTPUT"],
  ["a flood on one line", '{WHILE(1)PUT("x")}', "OUTPUT"],
  ["a flood of log lines", '{WHILE(1)LOG("xxxxxxxxxxxxxxxxxxxxxxxxxxx")}', "OUTPUT"],
  ["a flood of effects", "{WHILE(1)LIGHTS(1,2,3,4)}", "OUTPUT"],
  ["a text that doubles", '{s="x"WHILE(1)s=s+s}', "MEMORY"],
  ["a precision beyond the budget", "{PREC(10^6)WHILE(1)x=EXP(1)}", "STEPS"],
  ["the sine of a number of a million digits", "{PREC(9)x=SIN(10^1000000)}", "STEPS"],
  ["a sum without end", "{x=SUM(k,1,10^15,k)}", "STEPS"],
  ["a decimal as a whole beyond all memory", "{PREC(9)x=FLOOR(1e999999999)}", "MEMORY"],
  ["a decimal beyond all exponents", "{PREC(9)x=1e9WHILE(1)x=x*x}", "RANGE"],
])("%s ends with its class", (_, post, error) => {
  // Fewer steps than the public limit, which the corpus tries in full: every other class comes before they end.
  expect(runPost(post, {}, { steps: 4_000_000 }).error?.class).toBe(error);
});

test("the deepest call is the one that the limit says", () => {
  expect(printed("{f(n)=n?f(n-1):7PRINT(f(199))}")).toBe("7");
  expect(printed("{f(n)=n?f(n-1):7PRINT(f(200))}")).toBe("DEPTH @9");
});

test("the last byte of output that fits is written", () => {
  expect(printed('{PUT("éa")}', {}, { outputBytes: 3 })).toBe("éa");
  expect(printed('{PRINT("éa")}', {}, { outputBytes: 3 })).toBe("OUTPUT @2");
  expect(printed('{PRINT("🥧")}', {}, { outputBytes: 5 })).toBe("🥧");
  expect(printed('{PRINT("🥧")}', {}, { outputBytes: 4 })).toBe("OUTPUT @2");
});

test("texts and lists may be as long as their limit and no longer", () => {
  const grow = 's="x"FOR(i=0;i<16;i++)s+=s;';
  expect(printed(`{${grow}PRINT(LEN(s))}`)).toBe("65536");
  expect(runPost(`{${grow}s+="x"}`).error?.class).toBe("MEMORY");
  expect(printed('{s="🥧"FOR(i=0;i<16;i++)s+=s;PRINT(LEN(s),s[65535])}')).toBe("65536 🥧");
  expect(printed("{a=ARRAY(65535)a[65535]=1PRINT(LEN(a))}")).toBe("65536");
  expect(runPost("{a=ARRAY(65536)a[65536]=1}").error?.class).toBe("MEMORY");
  expect(runPost("{x=MAP(k,0,65536,k)}").error?.class).toBe("MEMORY");
});

test("a whole number may be as long as its limit and no longer", () => {
  expect(runPost("{x=2^3999999}").error).toBeNull();
  expect(runPost("{x=2^4000000}").error?.class).toBe("MEMORY");
  expect(runPost("{x=2^3999999x+=x}").error?.class).toBe("MEMORY");
  expect(runPost("{x=2^3999999-1y=x+1-2^3999999PRINT(y)}").out).toEqual(["0"]);
});

test("a limit that an operator raises is raised", () => {
  const post = "{FOR(i=0;i<99999;i++){}PRINT(i)}";
  expect(printed(post, {}, { steps: 10_000 })).toBe("STEPS @2");
  expect(printed(post, {}, { steps: 1e9 })).toBe("99999");
});

test("steps are counted to the limit and not beyond, and depend on the program alone", () => {
  const first = runPost("{WHILE(1){}}", {}, { steps: 1000 });
  expect([first.steps, first.error?.class]).toEqual([1000, "STEPS"]);
  const counts = ["ada", "bob"].map((user) => runPost("{FOR(i=0;i<99;i++)PRINT(i^9)}", { user, seed: 3 }).steps);
  expect(counts[0]).toBe(counts[1]);
  expect(counts[0]).toBeGreaterThan(99);
});

test("pi to ten thousand digits fits into the public limits", () => {
  const chudnovsky =
    "{h(x,y)=[x[0]*y[0],x[1]*y[1],x[2]*y[1]+x[0]*y[2]]u(a)=a?(5-6*a)*(2*a-1)*(6*a-1):1g(a)=[u(a),a?a^3*10939058860032000:1,u(a)*(13591409+545140134*a)]f(a,b)=b-a<2?g(a):h(f(a,(a+b)//2),f((a+b)//2,b))d=9999r=f(0,d//14+2)PRINT(r[1]*426880*ISQRT(10005*10^(2*d))//r[2])}";
  const [digits = ""] = runPost(chudnovsky).out;
  expect(digits).toHaveLength(10_000);
  expect(digits.slice(-4)).toBe("7567");
});

test("the host's own error has the class that the language leaves to it", () => {
  expect(timeError()).toMatchObject({ class: "TIME", pos: 1 });
  expect(timeError(7).pos).toBe(7);
  expect(publicLimits).toMatchObject({ steps: 10_000_000, postLength: 280 });
});
