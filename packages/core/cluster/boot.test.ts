import { expect, test } from "vitest";
import { resolveNodeSet } from "./node-set.ts";
import { parseCluster } from "./parse.ts";
import { exampleCluster, exampleSource } from "./testing.ts";

const desk = exampleCluster("desk-5");

function bootOf(section: string) {
  const result = parseCluster(exampleSource("desk-5").replace("\nmodels:\n", `\nboot: ${section}\nmodels:\n`));
  return result.kind === "ok" ? result.cluster.boot : result.problems;
}

test("a file that says nothing of it boots live", () => {
  expect(desk.boot).toEqual({ plan: "live", image: null, root: null, plans: [] });
});

test("plans are kept in the order of the file, with the boards that each names", () => {
  expect(bootOf('{ plan: rescue, image: trixie-arm64, root: nfs, plans: { "@pi4b": local, "all!b1": live } }')).toEqual(
    {
      plan: "rescue",
      image: "trixie-arm64",
      root: "nfs",
      plans: [
        {
          set: "@pi4b",
          boards: desk.boards.filter(({ model }) => model === "pi4b").map(({ name }) => name),
          plan: "local",
        },
        { set: "all!b1", boards: desk.boards.slice(1).map(({ name }) => name), plan: "live" },
      ],
    },
  );
});

test("a plan that is none is told", () => {
  expect(bootOf("{ plan: disk }")).toMatchObject([
    { code: "cluster.value", expected: "one of live, discovery, local, rescue" },
  ]);
});

test("a model is a group of its boards, unless something else has its name", () => {
  const all = exampleCluster("police-box");
  const read = (cluster: typeof all, set: string) => resolveNodeSet(set, { cluster });
  expect(read(all, "@pi3b+")).toMatchObject({ kind: "ok", boards: { length: 1050 } });
  const clash = { ...all, boards: all.boards.map((board) => ({ ...board, model: "k01" })) };
  expect(read(clash, "@k01")).toMatchObject({ kind: "ok", boards: { length: 21 } });
});
