import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type ChunkAnswer,
  type FoldAnswers,
  type FoldOrder,
  type Limits,
  publicLimits,
  type RunResult,
  run,
  runChunks,
  runSpread,
} from "../index.ts";
import { environment } from "./world.ts";

type Board = (post: string, order: FoldOrder, limits: Limits) => (ChunkAnswer | undefined)[];

/** Every chunk, in batches of three, as JSON over a wire. */
const everything: Board = (post, order, limits) => {
  const answers: ChunkAnswer[] = [];
  while (answers.length < order.chunks) {
    const sent = JSON.parse(JSON.stringify(order)) as FoldOrder;
    const part = runChunks(post, sent, { from: answers.length, count: 3 }, 50_000, limits);
    answers.push(...(JSON.parse(JSON.stringify(part)) as ChunkAnswer[]));
    if (part.at(-1) === null) break;
  }
  return answers;
};

/** Runs the post over `board` as often as it asks, with folds of any size. */
function spread(
  post: string,
  board = everything,
  some: Partial<Limits> = {},
  leastSteps = 0,
): { readonly result: RunResult; readonly orders: FoldOrder[]; readonly answers: FoldAnswers[] } {
  const limits = { ...publicLimits, ...some };
  const orders: FoldOrder[] = [];
  const answers: FoldAnswers[] = [];
  for (;;) {
    const end = runSpread(post, environment(), answers, limits, leastSteps);
    if (end.kind === "done") return { result: end.result, orders, answers };
    orders.push(end.order);
    answers.push(board(post, end.order, limits).map((answer) => answer ?? null));
  }
}

const alone = (post: string, some: Partial<Limits> = {}): RunResult =>
  run(post, environment(), { ...publicLimits, ...some });

test.each([
  ["a sum of whole numbers", "{SUM(k,1,9000,k*k)}"],
  ["a sum of floats, whose order matters", "{SUM(k,1,9000,1/k)}"],
  ["bounds below zero", "{SUM(k,-5000,5000,k^3)}"],
  ["a big product", "{PRINT(LEN(STR(PROD(k,1,3000,k))))}"],
  ["digits with their guard digits", "{PREC(50)SUM(k,1,3000,1/k^2)}"],
  ["texts in order", "{LEN(SUM(k,1,4000,STR(k)))}"],
  ["the variables around it", "{n=7 t='ab' r=0.5 l=[1,[2.0]] SUM(k,1,4000,k%n*r+LEN(t)+l[1][0])}"],
  ["variables under a precision", "{PREC(30)x=1/3 SUM(k,1,3000,x*k)}"],
  ["functions and the names that they share", "{c=3 f(n)=n<2?c:f(n-1)+1 SUM(k,1,3000,f(k%20))}"],
  ["a fold inside a function", "{f(n){s=n*2 RETURN SUM(k,1,3000,k*s)}PRINT(f(3),f(4))}"],
  ["a fold inside a function inside a fold", "{f(n)=SUM(k,1,2000,k*n)SUM(i,1,3,f(i))}"],
  ["a fold inside a fold that is spread", "{SUM(k,1,2500,SUM(j,1,k%4,j*k))}"],
  ["a fold inside one of few terms", "{SUM(k,1,3,SUM(j,1,3000,j*k))}"],
  ["folds in a loop, more than are spread", "{FOR(i=0;i<12;i++){SUM(k,1,2000,k+i)}}"],
  ["a fold in a hot loop", "{FOR(i=0;i<30000;i++){x+=i;IF(i==25000)s=SUM(k,1,3000,k+x)}PRINT(s,x)}"],
  [
    "a fold in a turn that is made again",
    "{FOR(i=0;i<30000;i++){IF(i%9999==1){s=SUM(k,1,3000,k+i)x=2^70}x+=1}PRINT(s,x)}",
  ],
  ["a hot loop inside the terms", "{f(n){s=0 FOR(j=0;j<n;j++)s+=j%3 RETURN s}SUM(k,1,1500,f(k%50))}"],
  ["a list", "{m=MAP(k,1,4000,k*k)PRINT(m[0],m[3999],LEN(m))}"],
  ["a list of lists that change afterwards", "{m=MAP(k,1,3000,[k,k])m[2000][0]=5 PRINT(m[2000],m[2001])}"],
  ["a list of one list that everybody shares", "{a=[1]m=MAP(k,1,3000,a)m[0][0]=7 PRINT(m[2999],a)}"],
  ["a list inside a sum", "{SUM(k,1,3000,LEN([k,k]))}"],
  ["names that nobody sets", "{SUM(k,1,3000,k+nothing)}"],
  ["what was printed before", "{PRINT(1)PUT(2)SUM(k,1,3000,k)SAVE('a',1)}"],
])("the result is the same with other boards: %s", (_what, post) => {
  const { result, orders } = spread(post);
  expect(orders.length).toBeGreaterThan(0);
  expect(result.error).toBeNull();
  expect(result).toEqual(alone(post));
});

test.each([
  ["DIV0", "{PRINT(1)SUM(k,1,9000,1/(5000-k))PRINT(2)}"],
  ["INDEX", "{a=ARRAY(4000,1)SUM(k,0,9000,a[k])}"],
  ["TYPE", "{SUM(k,1,9000,k<8000?k:'x'*k)}"],
  ["DOMAIN", "{SUM(k,-8000,8000,SQRT(-k))}"],
  ["PURE", "{a=[1]f(n){IF(n>5000){a[0]=2}RETURN 1}SUM(k,1,9000,f(k))}"],
  ["DEPTH", "{f(n)=n<1?0:f(n-1)SUM(k,1,9000,f(k<6000?1:300))}"],
  ["MEMORY", "{LEN(MAP(k,1,70000,k))}"],
])("an error inside a chunk is found at its place: %s", (kind, post) => {
  const { result, orders } = spread(post);
  expect(orders).toHaveLength(1);
  expect(result.error?.class).toBe(kind);
  expect(result).toEqual(alone(post));
});

test("steps end at the same place, in whichever chunk that is", () => {
  const post = "{PRINT(1)SUM(k,1,90000,k*k+1)}";
  for (let steps = 2000; steps < 60_000; steps += 1777) {
    const { result, orders } = spread(post, everything, { steps });
    expect(orders).toHaveLength(1);
    expect(result.error?.class).toBe("STEPS");
    expect(result).toEqual(alone(post, { steps }));
  }
});

test("list cells end at the same place", () => {
  const post = "{SUM(k,1,9000,LEN([k,k+1]))}";
  const listCells = 50_000;
  const { result } = spread(post, everything, { listCells });
  expect(result.error?.class).toBe("MEMORY");
  expect(result).toEqual(alone(post, { listCells }));
});

test("only chunks that the steps left can pay for are asked for", () => {
  const { orders } = spread("{SUM(k,1,10^15,k)}", () => [], { steps: 1_000_000 });
  expect(orders[0]!.chunks).toBe(Math.floor((1_000_000 - 1026) / 1024) + 1);
});

test("what functions ask that no term calls keeps nothing at home", () => {
  const post = "{h()=NODES()f(n)=n%7 PRINT(h())SUM(k,1,999999,f(k))}";
  const { result, orders } = spread(post, everything);
  expect(orders).toHaveLength(1);
  expect(result).toEqual(alone(post));
});

test.each([
  ["a fold of one chunk", "{SUM(k,1,1024,k)}"],
  ["a fold of little work", "{SUM(k,1,20000,k)}"],
  ["a fold that ends in its first chunk", "{SUM(k,0,10^9,1/k)}"],
  ["variables that are too large to travel", "{a=ARRAY(20000,1)SUM(k,0,999999,a[0])}"],
  ["who posted it and how many boards there are", "{SUM(k,1,999999,k%NODES()+LEN(USER()))}"],
  ["what a function asks of the world", "{f(n){IF(n%2)RETURN LEN(user())RETURN n}SUM(k,1,999999,f(k))}"],
  ["bounds beyond 2^53", "{a=2^60 SUM(k,a,a+99999,k-a)}"],
  ["a number that is too large to travel", "{a=2^300000 SUM(k,0,999999,a%7)}"],
  ["big numbers in calls that could fill the memory", "{a=2^150000 f(x,y)=x%7 SUM(k,0,100000,f(a,k))}"],
])("%s stays on its board", (_what, post) => {
  const { orders, result } = spread(post, everything, {}, 500_000);
  expect(orders).toHaveLength(0);
  expect(result).toEqual(alone(post));
});

test("large variables that the terms do not read are no hindrance", () => {
  expect(spread("{a=ARRAY(60000,'x')SUM(k,1,3000,k)}").orders).toHaveLength(1);
});

test.each([
  ["a number too long to be written quickly", "{SUM(k,1,3000,k==2000?2^250000:1)%1009}"],
  ["numbers that could fill the memory", "{SUM(k,1,3000,k<2000?1:2^250000)%1009}"],
  [
    "a text too long for a message",
    "{LEN(SUM(k,1,3000,k<2000?'':k<2900?'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa':''))}",
  ],
])("a chunk whose value cannot travel is computed where the program runs: %s", (_what, post) => {
  const { answers, result } = spread(post);
  expect(answers[0]).toContain(null);
  expect(result).toEqual(alone(post));
});

test("an order that does not fit the post is answered with nothing", () => {
  const post = "{SUM(k,1,9000,k)}";
  const { orders } = spread(post);
  const order = orders[0]!;
  const ask = (text: string, some: Partial<FoldOrder> = {}) =>
    runChunks(text, { ...order, ...some }, { from: 0, count: 1 });
  expect(ask(post)).toHaveLength(1);
  expect(ask("hello")).toEqual([]);
  expect(ask(post, { at: 3 })).toEqual([]);
  expect(ask(post, { depth: 1 })).toEqual([]);
  expect(ask(post, { globals: [[0, "nonsense"]] })).toEqual([]);
  expect(ask(post, { globals: [[99, "1"]] })).toEqual([]);
});

test("answers that cannot be right are not taken", () => {
  const sum = "{SUM(k,1,3000,k)}";
  for (const value of ["nonsense", "[1]"]) {
    const { result } = spread(sum, () => [{ value, steps: 1024, cells: 0, made: 0 }]);
    expect(result).toEqual(alone(sum));
  }
  const map = "{MAP(k,1,3000,k)[2999]}";
  for (const value of ["7", "[1,2]"]) {
    const { result } = spread(map, () => [{ value, steps: 1024, cells: 1024, made: 0 }]);
    expect(result).toEqual(alone(map));
  }
});

test("a large batch is answered in parts", () => {
  const post = "{SUM(k,1,900000,k)}";
  const [order] = spread(post, () => []).orders;
  const some = runChunks(post, order!, { from: 2, count: 100 }, 5000);
  expect(some).toHaveLength(5);
  expect(some[0]).toEqual(runChunks(post, order!, { from: 2, count: 1 })[0]);
  const texts = "{LEN(SUM(k,1,900000,'abcdefghij'))}";
  const [other] = spread(texts, () => []).orders;
  expect(runChunks(texts, other!, { from: 0, count: 1000 }).length).toBeLessThan(40);
});

test("a text that is no Warble ends as it does elsewhere", () => {
  expect(runSpread("hello", environment(), [])).toEqual({ kind: "done", result: run("hello", environment()) });
});

test("memory held ends at the same place", () => {
  const post = "{x=2^900000 y=x+1 SUM(k,1,4000,(2^20000+k)%7)z=x*x PRINT(z%10)}";
  for (const wholeBits of [40_000, 100_000, 1_000_000, 4_000_000]) {
    const some = { wholeBits };
    expect(spread(post, everything, some).result).toEqual(alone(post, some));
  }
});

test("whatever is lost on the way, random folds end as they do on one board", { timeout: 60_000 }, () => {
  const term = fc.letrec<{ term: string }>((tie) => ({
    term: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      fc.constantFrom("k", "k", "a", "b", "l[k%3]", "f(k%9)", "0.5", "3", "2^70", "k%7", "(k-1500)"),
      fc
        .tuple(tie("term"), fc.constantFrom("+", "-", "*", "/", "//", "%", "<", "&"), tie("term"))
        .map(([a, op, b]) => `(${a}${op}${b})`),
      fc.tuple(fc.constantFrom("ABS", "FLOOR", "SQRT"), tie("term")).map(([f, a]) => `${f}(${a})`),
      tie("term").map((a) => `SUM(j,1,k%3,${a}*j)`),
      fc.tuple(tie("term"), tie("term")).map(([a, b]) => `LEN([${a},STR(${b})])`),
      fc.tuple(tie("term"), tie("term"), tie("term")).map(([t, a, b]) => `(${t}?${a}:${b})`),
    ),
  })).term;
  const program = fc
    .tuple(
      ...([
        fc.constantFrom("", "PREC(20)"),
        fc.constantFrom("SUM", "PROD", "MAP"),
        fc.oneof(
          term,
          term,
          term.map((a) => `[${a},'x']`),
        ),
        term,
      ] as const),
      fc.constantFrom("1", "-800", "1000"),
      fc.constantFrom("2500", "1025", "4100"),
      fc.constantFrom("{", "{IF(1)", "{FOR(i=0;i<2;i++)"),
    )
    .map(
      ([p, fold, a, b, from, to, open]) =>
        `{f(n)=n<1?b:f(n-1)+1;${p}a=${b};b=2.5;l=[1,0.5,3]${open}{r=${fold}(k,${from},${to},${a})PRINT(r)}}}`,
    );
  let met = 0;
  fc.assert(
    fc.property(
      program,
      fc.array(fc.boolean(), { minLength: 1, maxLength: 7 }),
      fc.constantFrom(10_000_000, 300_000, 30_000, 9_000),
      (post, kept, steps) => {
        const some = { steps, postLength: 1000 };
        const lossy: Board = (text, order, limits) =>
          everything(text, order, limits).map((answer, i) => (kept[i % kept.length] ? answer : undefined));
        const { result, orders } = spread(post, lossy, some);
        met += orders.length;
        expect(result).toEqual(alone(post, some));
      },
    ),
    { numRuns: 400 },
  );
  expect(met).toBeGreaterThan(100);
});
