import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { repository } from "../support/demo-process.ts";

/** `npm pack` of the language, installed and used where nothing else of Bramble is. */
const cache = join(repository, ".cache");
const place = mkdtempSync(join(tmpdir(), "bramble-pack-"));
const project = join(place, "project");
const npm = ["--offline", "--no-audit", "--no-fund", "--no-update-notifier", "--cache", join(place, "npm")];
let source = "";

/** Runs a program and gives what it printed. */
function done(command: string, args: readonly string[], cwd: string): string {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: "utf8" });
  expect(status, `${command} ${args.join(" ")}\n${stdout}\n${stderr}`).toBe(0);
  return stdout;
}

describe("the package @bramble/warble", () => {
  beforeAll(() => {
    // Packed from a copy two folders deep: other tests import the package of the clone meanwhile.
    mkdirSync(cache, { recursive: true });
    source = mkdtempSync(join(cache, "pack-"));
    const parts = readdirSync(join(repository, "packages/warble")).filter((name) => !["test", "dist"].includes(name));
    for (const part of parts)
      cpSync(join(repository, "packages/warble", part), join(source, part), { recursive: true });
    done("npm", ["pack", "--pack-destination", place, ...npm], source);
    const tarball = readdirSync(place).find((name) => name.endsWith(".tgz"))!;
    mkdirSync(project);
    writeFileSync(join(project, "package.json"), '{"name":"user","private":true,"type":"module"}');
    done("npm", ["install", join(place, tarball), ...npm], project);
  }, 120_000);
  afterAll(() => {
    for (const folder of [source, place]) rmSync(folder, { recursive: true, force: true });
  });

  const installed = (...names: string[]): string => join(project, "node_modules", "@bramble", "warble", ...names);

  test("packing leaves the clone's manifest as it was", () => {
    const manifest = readFileSync(join(source, "package.json"), "utf8");
    expect(manifest).toBe(readFileSync(join(repository, "packages/warble/package.json"), "utf8"));
    expect(readdirSync(source)).not.toContain("package.source.json");
  });

  test("it holds what it needs, and depends on nothing", () => {
    const manifest = JSON.parse(readFileSync(installed("package.json"), "utf8")) as Record<string, unknown>;
    expect(manifest).toMatchObject({ license: "Apache-2.0", types: "./dist/index.d.ts" });
    for (const key of ["private", "dependencies", "devDependencies", "scripts"])
      expect(manifest).not.toHaveProperty(key);
    expect(readdirSync(installed()).sort()).toEqual(["LICENSE", "README.md", "SPEC.md", "dist", "package.json"]);
    expect(readdirSync(join(project, "node_modules", "@bramble"))).toEqual(["warble"]);
  });

  test("its README leads nowhere outside, and its licence is that of the whole", () => {
    const links = [...readFileSync(installed("README.md"), "utf8").matchAll(/\]\(([^)]+)\)/g)].map(
      (match) => match[1]!,
    );
    expect(links).toContain("SPEC.md");
    for (const link of links) expect(readdirSync(installed())).toContain(link);
    expect(readFileSync(installed("LICENSE"), "utf8")).toBe(readFileSync(join(repository, "LICENSE"), "utf8"));
  });

  test("the Node of this machine runs it, and what its README shows is true", () => {
    const program = `
      import { defaultEnvironment, explain, format, parse, run, shrink } from "@bramble/warble";
      const { out, error } = run("#pi{2+2}", defaultEnvironment);
      const short = shrink("#pi{sum=0;FOR(i=1;i<=9;i++){sum=sum+i}PRINT(sum)}").post;
      const laid = format("{x=1}").post;
      const { lines } = explain("{2+2}");
      console.log(JSON.stringify([out, error, short, laid, lines[0].words, "program" in parse("{1}")]));`;
    expect(JSON.parse(done("node", ["--input-type=module", "--eval", program], project))).toEqual([
      ["4"],
      null,
      "#pi{FOR(i=1;i≤9;i++)s+=i;s",
      "{\n  x = 1;\n}",
      "prints 2 + 2",
      true,
    ]);
    expect(readFileSync(installed("README.md"), "utf8")).toContain("#pi{FOR(i=1;i≤9;i++)s+=i;s");
  });

  test.each(["NodeNext", "Bundler"])("its types hold for a user's program: %s", (resolution) => {
    const program = `import { run, parse, format, shrink, explain, builtins, defaultEnvironment, type Environment, type RunResult, type Explanation } from "@bramble/warble";
const world: Environment = { ...defaultEnvironment, user: "ada" };
const result: RunResult = run("#pi{2+2}", world);
const shrunk = shrink("{PRINT(1)}", { isAscii: true }), laid = format("{1}"), parsed = parse("{1}");
const explained: Explanation | { readonly error: object } = explain("{1}", world);
export const lengths: number[] = ["length" in shrunk ? shrunk.length : 0, "length" in laid ? laid.length : 0, result.out.length, builtins.length];
export const size: number = "program" in parsed ? parsed.program.tree.body.length : "lines" in explained ? explained.lines.length : 0;
`;
    writeFileSync(join(project, "right.ts"), program);
    writeFileSync(join(project, "wrong.ts"), 'import { run } from "@bramble/warble";\nrun(7);\n');
    const flags = `--noEmit --strict --ignoreConfig --target ES2022 --lib ES2022 --module ${resolution === "Bundler" ? "Preserve" : resolution} --moduleResolution ${resolution}`;
    const tsc = join(repository, "node_modules/typescript/bin/tsc");
    done(process.execPath, [tsc, "right.ts", ...flags.split(" ")], project);
    const wrong = spawnSync(process.execPath, [tsc, "wrong.ts", ...flags.split(" ")], {
      cwd: project,
      encoding: "utf8",
    });
    expect(wrong.stdout).toMatch(/wrong\.ts.*error TS/);
  });

  test("a browser's bundle of it runs the whole corpus, byte for byte", async () => {
    symlinkSync(join(repository, "packages/warble/test/corpus.jsonl"), join(project, "corpus.jsonl"));
    const page = `import { run, defaultEnvironment } from "@bramble/warble"; globalThis.warble = { run, defaultEnvironment };`;
    writeFileSync(join(project, "page.js"), page);
    const outfile = join(project, "page.iife.js");
    const { warnings } = await build({
      entryPoints: [join(project, "page.js")],
      bundle: true,
      minify: true,
      format: "iife",
      platform: "browser",
      outfile,
      logLevel: "silent",
    });
    expect(warnings).toEqual([]);
    const check = `
      import { readFileSync } from "node:fs";
      import { createContext, Script } from "node:vm";
      const page = createContext({ TextEncoder });
      new Script(readFileSync("page.iife.js", "utf8")).runInContext(page);
      const { run, defaultEnvironment } = page.warble;
      const wrong = [];
      let count = 0;
      for (const line of readFileSync("corpus.jsonl", "utf8").trim().split("\\n")) {
        const { name, source, user = "ada", before = [], expect, prefix, pos, effects } = JSON.parse(line);
        const shelves = new Map();
        const runAs = (who, post) => {
          const kept = shelves.get(who) ?? { saved: {}, data: {} };
          const result = run(post, { ...defaultEnvironment, user: who, boards: 1050, seed: 7, ...kept });
          shelves.set(who, { saved: { ...kept.saved, ...result.saves }, data: { ...kept.data, ...result.data } });
          return result;
        };
        for (const each of before) runAs(each.user, each.source);
        const { out, error, effects: did } = runAs(user, source);
        const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
        count++;
        if (prefix !== true && !same(out, expect.out)) wrong.push(name);
        else if (expect.error === undefined ? error !== null : !expect.error.includes(error?.class)) wrong.push(name);
        else if (pos !== undefined && error?.pos !== pos) wrong.push(name);
        else if (effects !== undefined && !same(did, effects)) wrong.push(name);
      }
      console.log(JSON.stringify({ count, wrong }));`;
    expect(JSON.parse(done("node", ["--input-type=module", "--eval", check], project))).toEqual({
      count: 164,
      wrong: [],
    });
  });
});
