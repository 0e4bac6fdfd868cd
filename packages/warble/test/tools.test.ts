import fc from "fast-check";
import { expect, test } from "vitest";
import { publicLimits, type RunResult, run } from "../index.ts";
import { format, type Rewritten } from "../tools/format.ts";
import { joinPieces } from "../tools/pieces.ts";
import { printTree } from "../tools/print-tree.ts";
import { shrink } from "../tools/shrink.ts";
import { anyProgram } from "./grammar.ts";
import { anyLoops } from "./loops.ts";
import { anyTree } from "./trees.ts";
import { corpus, environment } from "./world.ts";

const limits = { ...publicLimits, steps: 20_000, postLength: 4000 };
const atLimits = ["STEPS", "MEMORY", "DEPTH", "OUTPUT"];

function runLong(post: string): RunResult {
  return run(post, environment({ saved: { k: "[1,2.5]" } }), limits);
}

function postOf(result: Rewritten): string {
  if ("error" in result) throw new Error(`${result.error.class}: ${result.error.message}`);
  return result.post;
}

/** What a run did, as far as anybody can see it. */
function seen({ out, effects, error, saves, data }: RunResult): unknown {
  return { out, effects, saves, data, error: error?.class ?? null };
}

function anyPost(): fc.Arbitrary<string> {
  const fromTree = anyTree().map((tree) => {
    const functions = new Set(tree.functions.map(({ name }) => name));
    const style = { isShort: false, isAscii: true, hasPi: false, functions };
    return `hi #pi {${joinPieces(printTree(tree, style, 1), false)}}`;
  });
  return fc.oneof({ arbitrary: fromTree, weight: 3 }, { arbitrary: anyLoops(), weight: 2 }, anyProgram());
}

/** The same output, effects, saves and class of error; one that ends at a limit ends elsewhere when its cost is another. */
function expectSame(post: string, other: string): void {
  const before = runLong(post);
  const after = runLong(other);
  if (before.error !== null && atLimits.includes(before.error.class)) {
    const [a, b] = [before.out.join("\n"), after.out.join("\n")];
    expect(a.startsWith(b) || b.startsWith(a), `${post}\n${other}`).toBe(true);
    return;
  }
  expect(seen(after), `${post}\n${other}`).toEqual(seen(before));
  // A number written as a power costs a little, and only where it is worked out once.
  expect(after.steps, `${post}\n${other}`).toBeLessThanOrEqual(before.steps + 60);
}

test("formatting keeps what a program does, to the last step, and formatting again changes nothing", () => {
  fc.assert(
    fc.property(anyPost(), (post) => {
      const result = format(post);
      if ("error" in result) {
        expect(result.error).toEqual(runLong(post).error);
        return;
      }
      expect(seen(runLong(result.post)), result.post).toEqual(seen(runLong(post)));
      expect(runLong(result.post).steps).toBe(runLong(post).steps);
      expect(postOf(format(result.post))).toBe(result.post);
    }),
    { numRuns: 150 },
  );
}, 120_000);

test("the corpus does the same when it is laid out and when it is shrunk, and shrinks by a third", () => {
  let before = 0;
  let after = 0;
  for (const { source, user = "ada" } of corpus()) {
    const shrunk = shrink(source);
    if ("error" in shrunk) continue;
    const world = environment({ user, saved: { pi: "1", b: "1267650600228229401496703205376" } });
    const [as, wide, short] = [source, postOf(format(source)), shrunk.post].map((post) =>
      run(post, world, { ...publicLimits, steps: 300_000, postLength: 4000 }),
    );
    expect(seen(wide!), source).toEqual(seen(as!));
    expect(seen(short!), `${source}\n${shrunk.post}`).toEqual(seen(as!));
    before += shrunk.lengthBefore;
    after += shrunk.length;
  }
  expect(before).toBeGreaterThan(5000);
  expect(after).toBeLessThan(before * 0.66);
});

test.each([[false], [true]])(
  "shrinking keeps what a program does and never makes it longer; ASCII: %s",
  (isAscii) => {
    fc.assert(
      fc.property(anyPost(), (post) => {
        const result = shrink(post, { isAscii });
        if ("error" in result) {
          expect(result.error).toEqual(runLong(post).error);
          return;
        }
        expectSame(post, result.post);
        expect(result.length).toBeLessThanOrEqual(result.lengthBefore);
        // A wide layout is never the shortest: were it kept, the shrunk program would have been read differently.
        if (post.startsWith("hi ") && post.length > 40) expect(result.length).toBeLessThan(result.lengthBefore);
      }),
      { numRuns: 150 },
    );
  },
  120_000,
);
