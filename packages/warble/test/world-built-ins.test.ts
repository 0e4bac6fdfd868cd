import { expect, test } from "vitest";
import { printed, runPost } from "./world.ts";

test("lights have numbers and colours, floored; colours are clamped", () => {
  expect(runPost("{LIGHTS(1.9,300,-5,2.7)LIGHTS(23,2^80,-2^80,0.0)}").effects).toEqual([
    ["LIGHTS", 1, 255, 0, 2],
    ["LIGHTS", 23, 255, 0, 0],
  ]);
  for (const i of ["-1", "24", "-.1", "2^80"]) expect(runPost(`{LIGHTS(${i},0,0,0)}`).error?.class).toBe("RANGE");
  expect(runPost('{LIGHTS("a",0,0,0)}').error?.class).toBe("TYPE");
});

test("effects stand in order, keep what came before an error, and survive JSON", () => {
  const { effects, error } = runPost(
    '{LOG("a",1,[2.0])SLEEP(1.5)DRAW(1,2)DRAW(1,2.5,300,0,0)DRAWLINE(1,2,3,4)PLAYSOUND("u")PLAYSOUND("")PREC(9)DRAW(1/4,0)1/0}',
  );
  expect(error?.class).toBe("DIV0");
  expect(effects).toEqual([
    ["LOG", "a 1 [2.0]"],
    ["SLEEP", 1.5],
    ["DRAW", 1, 2],
    ["DRAW", 1, 2.5, 255, 0, 0],
    ["DRAWLINE", 1, 2, 3, 4],
    ["PLAYSOUND", "u"],
    ["DRAW", 0.25, 0],
  ]);
  expect(JSON.parse(JSON.stringify(effects))).toEqual(effects);
});

test("a program sleeps 60 seconds in all", () => {
  expect(runPost("{FOR(i=0;i<6;i++)SLEEP(10)}").error).toBeNull();
  expect(runPost("{FOR(i=0;i<6;i++)SLEEP(10)SLEEP(.1)}").error?.class).toBe("RANGE");
  expect(runPost("{SLEEP(-1)}").error?.class).toBe("RANGE");
});

test("the world is what the environment says", () => {
  const post = "{PRINT(USER(),NODE(),NODES(),TEMP(),TIME())}";
  expect(printed(post)).toBe("ada 3 1050 42.5 1793000000");
  expect(printed("{PRINT(TEMP())}", { temperatureC: 42 })).toBe("42.0");
  const cold = runPost("{PRINT(TEMP())}", { temperatureC: null });
  expect(cold.out).toEqual(["0"]);
  expect(cold.warnings[0]?.message).toContain("cannot measure");
});

test("random numbers follow from the seed, lie in their range and are even", () => {
  const post = "{FOR(i=0;i<5;i++)PRINT(RAND(10^9),RAND())}";
  expect(printed(post, { seed: 1 })).toBe(printed(post, { seed: 1 }));
  expect(printed(post, { seed: 1 })).not.toBe(printed(post, { seed: 2 }));
  expect(printed("{SEED(5)x=RAND()SEED(5)PRINT(x==RAND(),x>=0&&x<1)}")).toBe("1 1");
  const counts = printed("{a=ARRAY(6)FOR(i=0;i<60000;i++)a[RAND(6)]++;PRINT(MIN(a)>9600,MAX(a)<10400)}");
  expect(counts).toBe("1 1");
  expect(runPost("{RAND(0)}").error?.class).toBe("RANGE");
});

test("PUT stays on the line and the last line ends with the program", () => {
  expect(runPost('{PUT(1)PUT("a","b")PRINT(2)PUT(3)}').out).toEqual(["1ab2", "3"]);
  expect(runPost('{PUT("a\n\nb")}').out).toEqual(["a", "", "b"]);
  expect(runPost("{PUT(1)1/0}").out).toEqual(["1"]);
  expect(runPost("{PUT()}").out).toEqual([]);
});

test("texts and lists", () => {
  expect(printed('{s="🥧é"PRINT(LEN(s),s[0],s[1],s+1+2.0+[1])}')).toBe("2 🥧 é 🥧é12.0[1]");
  expect(printed('{PRINT("Z"<"a","a"<"ab","😀">"！",STR(1.0)+"x",CHR(960))}')).toBe("1 1 1 1.0x π");
  expect(printed("{a=[]a[0]=1b=a;b[1]=2PRINT(a,a==[1,2.0],a==[1],LEN([]))}")).toBe("[1, 2] 1 0 0");
  expect(printed('{PRINT(["a",1.0,[]],1=="1",""==[])}')).toBe('["a", 1.0, []] 0 0');
  expect(runPost("{CHR(55296)}").error?.class).toBe("RANGE");
  expect(runPost("{ARRAY(-1)}").error?.class).toBe("RANGE");
});

test("SUM, PROD and MAP see the other names as they are, and their own only inside", () => {
  expect(printed("{k=9n=2PRINT(SUM(k,1,3,k*n),k,PROD(j,1,0,j),SUM(j,1,0,j),MAP(j,2,4,j^2),j)}")).toBe(
    "12 9 1 0 [4, 9, 16] 0",
  );
  expect(printed("{f(n)=SUM(i,1,n,SUM(j,1,i,j*n))PRINT(f(4))}")).toBe("80");
  expect(printed("{f(n)=n<1?0:SUM(i,1,2,f(n-1)+i)PRINT(f(3))}")).toBe("21");
  expect(runPost("{SUM(k,1,2.0,k)}").error?.class).toBe("TYPE");
});

test("SUM folds chunks of 1024 terms, each from its left", () => {
  let total = 0;
  for (let from = 1; from <= 5000; from += 1024) {
    let chunk = 1 / from;
    for (let k = from + 1; k <= Math.min(5000, from + 1023); k++) chunk += 1 / k;
    total = from === 1 ? chunk : total + chunk;
  }
  expect(printed("{PRINT(SUM(k,1,5000,1/k))}")).toBe(String(total));
});

test("a function inside SUM may change lists of its own but none from outside", () => {
  expect(printed("{f(x){a=[0]a[0]=x RETURN a[0]}PRINT(SUM(k,1,3,f(k)))}")).toBe("6");
  expect(runPost("{a=[1]f(x){a[0]=x RETURN x}PRINT(SUM(k,1,3,f(k)))}").error?.class).toBe("PURE");
  expect(runPost("{a=[1]f(x,b){b[0]=x RETURN x}PRINT(SUM(k,1,3,f(k,a)))}").error?.class).toBe("PURE");
  expect(printed("{a=[1]x=SUM(k,1,3,k)a[0]=x;PRINT(a)}")).toBe("[6]");
});
