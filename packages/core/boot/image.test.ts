import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { pathFault, readManifest } from "./image.ts";
import type { ImageManifest } from "./plan.ts";
import { testManifest } from "./testing.ts";

const read = (change: (draft: { [key: string]: never }) => void = () => {}) => {
  const draft = structuredClone(testManifest) as unknown as { [key: string]: never };
  change(draft);
  return readManifest(JSON.stringify(draft));
};
const problemsOf = (change: Parameters<typeof read>[0]) => {
  const result = read(change);
  return result.kind === "ok" ? "ok" : result.problems.join("\n");
};
// Tests reach into any place of the draft.
type Draft = { -readonly [K in keyof ImageManifest]: ImageManifest[K] } & { files: Record<string, unknown> };
const edit = (change: (draft: Draft) => void) => problemsOf((draft) => change(draft as unknown as Draft));

test("a manifest is read as it was written", () => {
  expect(read()).toEqual({ kind: "ok", manifest: testManifest, warnings: [] });
});

describe("what is wrong is told", () => {
  test.each<[string, (draft: Draft) => void, string]>([
    ["another version", (draft) => Object.assign(draft, { bramble: 2 }), "/bramble"],
    ["no name", (draft) => Object.assign(draft, { name: undefined }), "name"],
    ["a name that climbs", (draft) => Object.assign(draft, { name: "../etc" }), "/name"],
    ["a day that is none", (draft) => Object.assign(draft, { builtAt: "yesterday" }), "/builtAt"],
    ["a processor that is none", (draft) => Object.assign(draft, { arch: "vax" }), "/arch"],
    [
      "a kernel that is not there",
      (draft) => Object.assign(draft, { kernel: "bzImage" }),
      'kernel is "bzImage", which is not',
    ],
    [
      "a Pi's kernel that is not there",
      (draft) => Object.assign(draft, { piKernel: "k.img" }),
      'piKernel is "tree/k.img"',
    ],
    ["a tree without a kernel", (draft) => Object.assign(draft, { piKernel: null }), "tree and piKernel go together"],
    ["a tree that climbs", (draft) => Object.assign(draft, { tree: "../tree" }), 'tree "../tree" leads upward'],
    [
      "a size below nothing",
      (draft) => Object.assign(draft.files, { x: { bytes: -1, sha256: "0".repeat(64) } }),
      "/files/x",
    ],
    ["a checksum that is none", (draft) => Object.assign(draft.files, { x: { bytes: 1, sha256: "no" } }), "/files/x"],
    [
      "start.elf without its table",
      (draft) => delete draft.files["tree/fixup.dat"],
      "start.elf and fixup.dat belong together",
    ],
    [
      "a table without start4.elf",
      (draft) => Object.assign(draft.files, { "tree/fixup4.dat": testManifest.files.vmlinuz }),
      "start4.elf",
    ],
    ["a plan too few", (draft) => Object.assign(draft, { plans: { live: draft.plans.live } }), "/plans"],
  ])("%s", (_, change, says) => {
    expect(edit(change)).toContain(says);
  });

  test.each([
    ["an initrd that is not there", { initrd: "nothing.img" }, 'the initrd of live is "nothing.img"'],
    ["a root that is not there", { root: { kind: "http", file: "r" } }, 'the root of live is "r"'],
    ["an export with a space", { root: { kind: "nfs", export: "/srv/my root" } }, "/plans/live"],
    ["an unknown variable", { cmdline: `a=\${nmae}` }, `unknown variable \${nmae}`],
    ["a second line", { cmdline: "a\nb" }, "not plain ASCII"],
    ["a quotation that would end", { cmdline: "a='b" }, "may not have"],
    ["an iPXE operator", { cmdline: "quiet && shell" }, "may not have"],
  ])("%s", (_, plan, says) => {
    expect(edit((draft) => Object.assign(draft.plans.live, plan))).toContain(says);
  });

  test.each([
    ["text", "not JSON"],
    ["[]", "the manifest"],
    ["null", "the manifest"],
    [" ".repeat((4 << 20) + 1), "longer than"],
  ])("what is no manifest at all, case %#", (text, says) => {
    const result = readManifest(text);
    expect(result.kind === "invalid" && result.problems.join()).toContain(says);
  });
});

test.each([
  ["", "empty"],
  ["a".repeat(241), "longer"],
  ["/etc/passwd", "absolute"],
  ["a/../../b", ".."],
  ["..", ".."],
  ["a\u0000b", "control"],
  ["a\nb", "control"],
  ["a\\b", "backslash"],
  ["a//b", "empty part"],
  ["a/./b", "empty part"],
  ["a/", "empty part"],
])("the path %j may not be used", (path, says) => {
  expect(pathFault(path)).toContain(says);
  expect(edit((draft) => Object.assign(draft.files, { [path]: { bytes: 1, sha256: "0".repeat(64) } }))).not.toBe("ok");
});

test.each(["a", "tree/overlays/disable-bt.dtbo", "...", "a..b", "vmlinuz-6.12+deb13"])(
  "the path %j may be used",
  (path) => {
    expect(pathFault(path)).toBeNull();
  },
);

test("a file that old EEPROMs cannot load in one piece is a warning, not an error", () => {
  const result = read((draft) => {
    const files = (draft as unknown as Draft).files;
    Object.assign(files, { "tree/big.img": { bytes: 65_535 * 1024 + 1, sha256: "0".repeat(64) } });
    Object.assign(files, { "tree/large.img": { bytes: 65_535 * 1024, sha256: "0".repeat(64) } });
  });
  expect(result.kind === "ok" && result.warnings).toEqual([expect.stringContaining("tree/big.img")]);
});

test("any text and any change of a manifest gives a manifest or problems, never a throw", () => {
  const source = JSON.stringify(testManifest);
  fc.assert(
    fc.property(fc.nat(source.length - 1), fc.nat(20), fc.string(), (at, length, text) => {
      const result = readManifest(source.slice(0, at) + text + source.slice(at + length));
      if (result.kind === "ok")
        for (const path of Object.keys(result.manifest.files)) expect(pathFault(path)).toBeNull();
      else expect(result.problems.length).toBeGreaterThan(0);
    }),
    { numRuns: 500 },
  );
});
