import { spawnSync } from "node:child_process";
import { afterEach, expect, test } from "vitest";
import { publicLimits, type RunResult } from "../index.ts";
import { runIn, type Tier } from "../tiers.ts";
import { corpus, environment } from "./world.ts";

const { Module } = WebAssembly;
let modules = 0;

/** Counts the modules that are made, or refuses them as a page with a strict policy does. */
function watchModules(isRefused: boolean): void {
  modules = 0;
  WebAssembly.Module = class extends Module {
    constructor(bytes: BufferSource) {
      if (isRefused) throw new WebAssembly.CompileError("Wasm code generation disallowed by embedder");
      super(bytes);
      modules++;
    }
  };
}

afterEach(() => {
  WebAssembly.Module = Module;
});

function runPost(tier: Tier, post: string, steps = publicLimits.steps): RunResult {
  return runIn(tier, post, environment(), { ...publicLimits, postLength: 2000, steps });
}

/** The result in closures, which all tiers must give; tells how many modules the eager tier made for it. */
function expectSame(post: string, steps?: number): RunResult {
  const closures = runPost("closures", post, steps);
  expect(runPost("both", post, steps)).toEqual(closures);
  watchModules(false);
  expect(runPost("eager", post, steps)).toEqual(closures);
  return closures;
}

test.each([
  ["a sum of wholes", "{x=0;FOR(i=0;i<20000;i++){x=x+i%7}PRINT(x)}"],
  [
    "remainders by a power of two and by one less, whose logarithms are the same double",
    "{FOR(i=0;i<9;i++){PRINT(i%9007199254740991,i%4503599627370496,i//8,-i//8,-i%4,i//9007199254740991)}}",
  ],
  ["remainders of floats far larger than what divides", "{x=1e300;FOR(i=0;i<9;i++){y=y+x%7+x//1e250;x=x*3}PRINT(y)}"],
  ["a sum of floats", "{s=0;p=1;FOR(k=0;k<900;k++){s=s+p*(4/(8*k+1)-2/(8*k+4)-1/(8*k+5)-1/(8*k+6));p=p/16}PRINT(s)}"],
  ["a variable that is whole, then float, in each turn", "{FOR(i=0;i<9;i++){a=0;FOR(j=0;j<9;j++){a=a*a+i/8}PRINT(a)}}"],
  [
    "nested loops with BREAK and CONTINUE",
    "{c=0;FOR(n=2;n<400;n++){IF(n%5==0)CONTINUE;p=1;FOR(d=2;d*d<=n;d++)IF(n%d==0){p=0;BREAK}c+=p}PRINT(c)}",
  ],
  ["a function that calls itself", "{f(n)=n<2?n:f(n-1)+f(n-2);FOR(i=0;i<15;i++){s+=f(i)}PRINT(s)}"],
  ["a function that gives floats", "{f(n)=n<2?1.0:n*f(n-1);FOR(i=0;i<15;i++){s+=f(i)}PRINT(s)}"],
  [
    "a function that gives either",
    "{f(n)=n%2?n:n/2;FOR(i=0;i<15;i++){s=f(i);t=s*2-1;u=MAX(s,t,1);PRINT(s,t,u,f(s>3))}}",
  ],
  [
    "a function with a loop, names of its own and a shared one",
    "{k=3;g(n){s=0;FOR(i=0;i<n;i++){IF(i==k)CONTINUE;s+=i;IF(s>90)RETURN -s}RETURN s*k}FOR(j=0;j<30;j++){k=j%4;PRINT(g(j))}}",
  ],
  [
    "a loop in a function",
    "{x=1;g(n){s=0;FOR(i=0;i<n;i++){s+=i*x;x=s%9;IF(s>900)RETURN s/2}RETURN -s}PRINT(g(9),x)PRINT(g(99),x)}",
  ],
  ["printing and lights in a loop", '{FOR(i=0;i<24;i++){LIGHTS(i,i*i,0,255-i);IF(i%9==0)PRINT("at "+i,i/4);i*2}}'],
  ["chance in a loop", "{FOR(i=0;i<99;i++){s+=RAND(6)*RAND()}PRINT(s)}"],
  ["loading in a loop", '{SAVE("n",2);FOR(i=0;i<9;i++){s+=LOAD("n")+i}PRINT(s)}'],
  ["reading a list in a loop", "{a=[1,2.5,4];FOR(i=0;i<30;i++){s+=a[i%3]*LEN(a)}PRINT(s)}"],
  ["powers", "{FOR(i=-9;i<30;i++){PRINT(i^2,i^3,2^i,1.5^i,(i+0.5)^2,(i*2+1)^-1,(i==0)^(i<0?0:i))}}"],
  [
    "quotients and rests of every sign",
    "{FOR(i=-9;i<9;i++){d=i-3?i-3:8;PRINT(i//d,i%d,i%7,i//7,i%8,i//8,(i/2)%d,i//(d/4),-i%3.5)}}",
  ],
  ["bits beyond 32", "{b=1;FOR(i=0;i<50;i++){b=b*2;s+=(b&12345678901)+(b|i)-XOR(b,i-9)}PRINT(s)}"],
  [
    "roots, rounding and sizes",
    "{FOR(i=-5;i<9;i++){x=i/2;PRINT(ABS(x),ABS(i),FLOOR(x),CEIL(x),ROUND(x),INT(x),FLOAT(i),SQRT(i*i),ISQRT(i*i+3),MIN(x,i),MAX(x,2),-x,PI)}}",
  ],
  ["a chain of comparisons", "{FOR(i=0;i<9;i++){FOR(j=0;j<9;j++){s+=i<j<=4<i+j;t+=(i>3)+(i==j||!i&&j>7)}}PRINT(s,t)}"],
  ["zero with a sign", "{z=0.0;FOR(i=-3;i<4;i++){PRINT(-z,z*i,i*0,-(i*0),0*i*1.0,z%-2,-z//1)}}"],
])("%s is the same in a module and in closures", (_, post) => {
  expect(expectSame(post).error).toBeNull();
  expect(modules).toBeGreaterThan(0);
});

test.each([
  ["a whole beyond 2^53", "{x=1;FOR(i=0;i<80;i++){x=x*3}PRINT(x)}", null],
  ["a whole beyond 2^53 by one", "{x=9007199254740980;FOR(i=0;i<80;i++){x++}PRINT(x)}", null],
  ["a whole below -2^53", "{x=0;FOR(i=0;i<80;i++){x=x*2-1}PRINT(x)}", null],
  ["a float beyond the largest", "{x=1.5;FOR(i=0;i<2000;i++){x=x*x}PRINT(x)}", "RANGE"],
  ["a division by zero", "{FOR(i=9;i>-9;i--){PRINT(i);x=1/(1/i)}}", "DIV0"],
  ["a rest by zero", "{FOR(i=9;i>-9;i--){x+=7%i}}", "DIV0"],
  ["a root of a negative number", "{FOR(i=9;i>-9;i--){x=SQRT(i)}}", "DOMAIN"],
  ["a text among numbers", '{t=1;FOR(i=0;i<99;i++){IF(i==50)t="x";s=t*2}}', "TYPE"],
  ["calls too deep", "{f(n)=n<1?0:1+f(n-1);FOR(i=190;i<300;i++){x=f(i)}PRINT(x)}", "DEPTH"],
  ["an error in what is printed", "{FOR(i=0;i<99;i++){PRINT(i);IF(i>50)PRINT([1][i])}}", "INDEX"],
  ["more lines than may be printed", "{FOR(;;){PRINT(1234567890)}}", "OUTPUT"],
  ["an endless loop", "{FOR(;;){x+=1;y=x/2}}", "STEPS"],
  ["an endless loop in a loop", "{FOR(;;){FOR(;;){x+=1}}}", "STEPS"],
  ["an endless loop that prints now and then", "{FOR(;;){IF(x%500==0)PRINT(x);x++}}", "STEPS"],
])("%s ends as in closures", (_, post, error) => {
  expect(expectSame(post, 60_000).error?.class ?? null).toBe(error);
  expect(modules).toBeGreaterThan(0);
});

test("precision that is switched on in the middle leaves the loop to closures", () => {
  const { out } = expectSame("{FOR(i=1;i<60;i++){s+=1/i;IF(i==30)PREC(30)}PRINT(s)}");
  expect(out).toEqual(runPost("closures", "{FOR(i=1;i<31;i++){s+=1/i}PREC(30)FOR(;i<60;i++){s+=1/i}PRINT(s)}").out);
});

test("a loop that saves stays in closures, which alone can take it back for little", () => {
  expect(expectSame('{FOR(i=0;i<99;i++){SAVE("n",LOAD("n")+i)}PRINT(LOAD("n"))}').out).toEqual(["4851"]);
  expect(modules).toBe(0);
});

test("steps run out at the same place however many there are", () => {
  const post = "{FOR(i=0;i<9;i++){FOR(j=0;j<i;j++){s+=ABS(i-j)^0.5;IF(s>9)PRINT(s)}s//=2}PRINT(s)}";
  const { steps } = runPost("closures", post);
  const apart = Math.ceil(steps / 60);
  for (let most = 0; most < steps + apart; most += apart)
    expect(runPost("eager", post, most)).toEqual(runPost("closures", post, most));
});

// Short turns are paid for several at once: wherever a loop ends, or its steps do, nothing of that shows.
test.each([
  ["a loop that counts", "{FOR(i=0;i<TURNS;i++){x+=i%7}PRINT(x,i)}"],
  ["a WHILE", "{WHILE(i<TURNS)i++;PRINT(i)}"],
  ["a loop whose variable becomes a float", "{x=1;FOR(i=0;i<TURNS;i++)x=x*1.5;PRINT(x,i)}"],
  ["a short loop in a loop", "{FOR(j=0;j<4;j++){FOR(i=0;i<TURNS;i++)x+=i;y+=x}PRINT(x,y)}"],
  ["a short loop in a function", "{g(n){FOR(i=0;i<n;i++)s+=i;RETURN s}FOR(j=0;j<TURNS;j++){x+=g(j)}PRINT(x)}"],
  ["turns that CONTINUE", "{FOR(i=0;i<TURNS;i++){IF(i%3==0)CONTINUE;x+=i}PRINT(x,i)}"],
  ["a turn that leaves", "{FOR(i=0;i<20;i++){x+=i;IF(i==TURNS)BREAK}PRINT(x,i)}"],
  ["a turn that fails", "{FOR(i=-TURNS;i<20;i++){x+=6//i}PRINT(x,i)}"],
  ["a whole that grows too large", "{x=9007199254740991-TURNS;FOR(i=0;i<20;i++){x++}PRINT(x,i)}"],
])("turns that are paid at once: %s", (_what, post) => {
  for (const turns of [0, 1, 5, 6, 7, 12, 13, 19]) {
    const program = post.replaceAll("TURNS", String(turns));
    const { steps } = expectSame(program);
    for (let most = Math.max(0, steps - 40); most < steps; most++) expectSame(program, most);
  }
});

test("the corpus is the same in every tier", () => {
  for (const { source } of corpus()) expect(runPost("eager", source)).toEqual(runPost("closures", source));
});

test("where no module may be made closures do it all", () => {
  const post = "{x=0;FOR(i=0;i<30000;i++){x=x+i%7}PRINT(x)}";
  watchModules(true);
  expect(runPost("both", post)).toEqual(runPost("closures", post));
});

test("only hot loops of numbers become modules", () => {
  watchModules(false);
  runPost("both", "{FOR(i=0;i<99;i++){x+=i}PRINT(x)}");
  runPost("closures", "{FOR(i=0;i<30000;i++){x+=i}PRINT(x)}");
  runPost("both", "{a=ARRAY(9);FOR(i=0;i<30000;i++){a[i%9]=i}PRINT(a)}");
  expect(modules).toBe(0);
  runPost("both", "{FOR(i=0;i<30000;i++){x+=i}PRINT(x)}");
  expect(modules).toBe(1);
});

test("Node's --disallow-code-generation-from-strings does not stop modules", () => {
  const script = `
    const { runIn } = await import(${JSON.stringify(new URL("../tiers.ts", import.meta.url).href)});
    const { publicLimits } = await import(${JSON.stringify(new URL("../index.ts", import.meta.url).href)});
    let modules = 0;
    const { Module } = WebAssembly;
    WebAssembly.Module = class extends Module { constructor(bytes) { super(bytes); modules++; } };
    const world = ${JSON.stringify(environment())};
    const { out } = runIn("both", "{FOR(i=0;i<30000;i++){x+=i}PRINT(x)}", world, publicLimits);
    console.log(out.join(), modules);`;
  const flags = ["--disallow-code-generation-from-strings", "--input-type=module", "-e", script];
  const { stdout } = spawnSync(process.execPath, flags, { encoding: "utf8" });
  expect(stdout.trim()).toBe("449985000 1");
});

test.each([
  [
    "loops in calls inside calls, each of them hot",
    '{f(n){FOR(i=0;i<9000;i++){y=LEN("a")IF(i>8000){IF(n<190)f(n+1)}}}f(1)}',
  ],
  ["a call that fails two hundred levels down", "{f(n){FOR(i=0;i<9;i++)SLEEP(f(1)*i)}f(1)}"],
  [
    "a call that takes all steps that are left",
    "{f(n){WHILE(1)y=STR(1)RETURN 1}FOR(i=0;i<20000;i++){x+=i>15000?f(1):1}}",
  ],
  [
    "turns that are marked while much is saved",
    '{FOR(i=0;i<64;i++){SAVE(STR(i),1)SETDATA(STR(i),1)}WHILE(1)x=x+LEN("a")+y}',
  ],
  [
    "a loop in calls in a loop is not made again at each level",
    "{h(n){FOR(i=0;i<12000;i++){IF(i>11000){PRINT(n);x=h(n+1)}}RETURN 0}PRINT(h(0))}",
  ],
  [
    "nor when its steps end down there",
    "{h(n){FOR(i=0;i<90000;i++){IF(i>80000){PRINT(n);x=h(n+1)}}RETURN 0}PRINT(h(0))}",
  ],
  [
    "nor when what it gives is no number",
    '{h(n){FOR(i=0;i<12000;i++){IF(i>11998&&n<150){x=h(n+1)}}RETURN "t"}PRINT(h(0))}',
  ],
])("work that is thrown away stays little: %s", (_what, post) => {
  const limits = { ...publicLimits, postLength: 2000 };
  const closures = runIn("closures", post, environment(), limits);
  // The same work again and again would never end, or take minutes: the test's own time-out says so.
  for (const tier of ["both", "eager"] as const) expect(runIn(tier, post, environment(), limits)).toEqual(closures);
});
