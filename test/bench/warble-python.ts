import { spawnSync } from "node:child_process";
import { medianMs } from "./row.ts";

/** What CPython took for the same work, in ms. */
export type Python = {
  /** Each tiny program compiled and executed in one process. */
  readonly tiny: number;
  /** The first of them in a `python3` of its own. */
  readonly process: number;
  readonly loop: number;
  readonly terms: number;
};

/** A tiny program and its like in Python. */
export type Tiny = { readonly post: string; readonly python: string };

/** Ten thousand tiny programs, no two alike, of five kinds. */
export function tinyPrograms(): readonly Tiny[] {
  return Array.from({ length: 10_000 }, (_, n) => tinyProgram(n));
}

/** The ten-million-turn loop and the million BBP terms in Python. */
const loop = "x=0\ni=0\nwhile i<10000000:\n    x=x+i%7\n    i+=1\n";
const terms =
  "x=0\np=1\nk=0\nwhile k<1000000:\n    x=x+p*(4/(8*k+1)-2/(8*k+4)-1/(8*k+5)-1/(8*k+6))\n    p=p/16\n    k+=1\n";

/** CPython on `programs` and on both loops, medians in one process; null where there is no python3. */
export function measurePython(programs: readonly Tiny[]): Python | null {
  const script = `
import io,json,sys,time
programs=json.load(sys.stdin)
def median(times,work):
    taken=[]
    for _ in range(times):
        t=time.perf_counter(); work(); taken.append((time.perf_counter()-t)*1000)
    return sorted(taken)[times//2]
def tiny():
    for text in programs: exec(compile(text,"p","exec"),{})
out=sys.stdout; sys.stdout=io.StringIO()
a=median(5,tiny)
sys.stdout=out
b=median(3,lambda: exec(compile(${JSON.stringify(loop)},"p","exec"),{}))
c=median(3,lambda: exec(compile(${JSON.stringify(terms)},"p","exec"),{}))
print(json.dumps({"tiny":a,"loop":b,"terms":c}))`;
  const input = JSON.stringify(programs.map(({ python }) => python));
  const done = spawnSync("python3", ["-c", script], { encoding: "utf8", input });
  if (done.status !== 0) return null;
  const process = medianMs(9, () => void spawnSync("python3", ["-c", programs[0]!.python]));
  return { ...(JSON.parse(done.stdout) as Omit<Python, "process">), process };
}

function tinyProgram(n: number): Tiny {
  switch (n % 5) {
    case 0:
      return {
        post: `#pi{i=0;WHILE(i<10){PRINT(i+${n});i++}}`,
        python: `i=0\nwhile i<10:\n    print(i+${n})\n    i+=1\n`,
      };
    case 1:
      return { post: `#pi{PRINT(${n}*3.5+1)}`, python: `print(${n}*3.5+1)\n` };
    case 2:
      return {
        post: `#pi{a=[${n},2,3];a[1]=a[0]*2;PRINT(a,LEN(a))}`,
        python: `a=[${n},2,3]\na[1]=a[0]*2\nprint(a,len(a))\n`,
      };
    case 3:
      return {
        post: `#pi{f(n)=n<2?1:n*f(n-1);PRINT(f(5)+${n})}`,
        python: `f=lambda n: 1 if n<2 else n*f(n-1)\nprint(f(5)+${n})\n`,
      };
    default:
      return {
        post: `#pi{x=${n};IF(x%2==0){PRINT("even",x)}ELSE{PRINT("odd",x)}}`,
        python: `x=${n}\nif x%2==0:\n    print("even",x)\nelse:\n    print("odd",x)\n`,
      };
  }
}
