import { spawnSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runCommandLine } from "../command-line.ts";
import { bramblePath } from "../programs.ts";

async function type(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const out: string[] = [];
  const err: string[] = [];
  const terminal = {
    out: (text: string) => void out.push(text),
    note: (text: string) => void err.push(text),
    isTty: false,
    columns: 60,
    now: () => 1_800_000_000_000,
  };
  const code = await runCommandLine(["warble", ...args], terminal, new AbortController().signal);
  return { code, out: out.join("\n"), err: err.join("\n") };
}

const tooLong = `{${"total=total+1;".repeat(30)}PRINT(total)}`;
/** Too long however it is written. */
const farTooLong = `{PRINT("${"🥧".repeat(300)}")}`;

describe("check", () => {
  test("an error is told with its line and a caret below, and fails", async () => {
    const { code, out, err } = await type("check", "#pi{x=1yPRINT(x)}");
    expect([code, out]).toEqual([1, ""]);
    expect(err).toBe("error NAME @8: There is no function yPRINT: write y;PRINT\n  #pi{x=1yPRINT(x)}\n         ^");
  });

  test("warnings are told in the order of their places, and do not fail", async () => {
    const { code, out, err } = await type("check", "🥧 #pi{f()=1f()+g+PRINT(k");
    expect([code, out]).toEqual([0, "This can be posted: 24 of 280 characters, one function."]);
    expect(err.match(/^warning @\d+/gm)).toEqual(["warning @16", "warning @24", "warning @25", "warning @25"]);
    expect(err).toContain("\n  🥧 #pi{f()=1f()+g+PRINT(k\n                  ^\n");
  });

  test("a post that is too long is checked all the same, and told by how much", async () => {
    const { code, out, err } = await type("check", tooLong);
    expect([code, out]).toEqual([0, "This is right but too long to be posted: 434 of 280 characters."]);
    expect(err).toBe(
      "warning: 434 characters, 154 more than the 280 that a post may have; bramble warble shrink makes it 92, and fits",
    );
    expect((await type("check", farTooLong)).err).toContain("still 23 too many");
    expect((await type("check", `{1+${"x".repeat(300)}y(}`)).err).toMatch(/NAME @4[\s\S]*warning: 306 characters/);
  });

  test("a post of several lines shows the one of the mistake, and a long line what is near it", async () => {
    const file = join(mkdtempSync(join(tmpdir(), "bramble-check-")), "post");
    writeFileSync(file, `#pi{\n  x=1\n  PRINT(x+)\n}`);
    expect((await type("check", file)).err).toBe(
      "error SYNTAX @22: Expected a value here, not ). Something is missing before it.\n    PRINT(x+)\n            ^",
    );
    const { err } = await type("check", `#pi{${"x=1;".repeat(30)}x+)${";x=1".repeat(20)}}`);
    expect(err.split("\n")[1]!.length).toBeLessThanOrEqual(60);
    expect(err.split("\n")[1]![err.split("\n")[2]!.indexOf("^")]).toBe(")");
  });

  test("nothing of a post reaches the terminal as a control character", async () => {
    const { err } = await type("check", '#pi{PRINT("\u001b[2J\u202e")+}');
    expect(err).not.toContain("\u001b");
    expect(err).not.toContain("\u202e");
  });

  test("as JSON", async () => {
    expect(JSON.parse((await type("check", "{PRINT(1", "--json")).out)).toMatchObject({
      valid: true,
      length: 8,
      over: 0,
      error: null,
      warnings: [{ pos: 9 }, { pos: 9 }],
    });
    const wrong = await type("check", "hello", "--json");
    expect(wrong).toMatchObject({ code: 1, err: "" });
    expect(JSON.parse(wrong.out)).toMatchObject({ valid: false, error: { class: "NOTWARBLE" } });
  });

  test("what is no post at all has no line to show", async () => {
    expect(await type("check", "")).toMatchObject({ code: 1, err: expect.stringMatching(/^error NOTWARBLE @1: .*$/) });
    expect((await type("check", `{${"x".repeat(5000)}`)).err).toMatch(/^error LONG @\d+: .*\n.*\n +\^$/);
  });
});

describe("format and shrink", () => {
  test("a program is laid out", async () => {
    expect(await type("format", "#pi{x=0FOR(i=0;i<9;i++)x+=i PRINT(x)}")).toEqual({
      code: 0,
      out: "#pi{\n  x = 0;\n  FOR (i = 0; i < 9; i++)\n    x += i;\n  PRINT(x);\n}",
      err: "",
    });
    expect((await type("format", tooLong)).err).toMatch(
      /^\d+ characters like this, \d+ too many for a post; shrunk it has 92$/,
    );
  });

  test("a program is shrunk, and whether it fits is said", async () => {
    expect(await type("shrink", "#pi{PRINT(2^2)}")).toEqual({
      code: 0,
      out: "#pi{4",
      err: "5 characters, 10 fewer than before",
    });
    expect(await type("shrink", "#pi{x²")).toMatchObject({ out: "#pi{x²", err: "6 characters, nothing to leave out" });
    expect(await type("shrink", "#pi{x²", "--ascii")).toMatchObject({ out: "#pi{x²" });
    expect(await type("shrink", "#pi{PRINT(x²)}", "--ascii")).toMatchObject({ out: "#pi{x^2" });
    expect((await type("shrink", tooLong)).err).toBe("92 characters, 342 fewer than before; now it fits");
    expect((await type("shrink", farTooLong)).err).toContain("; still 23 too many for a post");
  });

  test("what cannot be read is shown with its place, or as JSON", async () => {
    for (const command of ["format", "shrink", "explain"]) {
      expect(await type(command, "{1+}")).toMatchObject({
        code: 1,
        out: "",
        err: expect.stringMatching(/^error SYNTAX @4: .*\n {2}\{1\+\}\n {5}\^$/),
      });
      const { code, out } = await type(command, "{1+}", "--json");
      expect([code, JSON.parse(out)]).toMatchObject([1, { error: { class: "SYNTAX" } }]);
    }
    expect(JSON.parse((await type("shrink", "{PRINT(1)}", "--json")).out)).toMatchObject({
      post: "{1",
      length: 2,
      lengthBefore: 10,
    });
  });
});

describe("explain", () => {
  test("lines, calls, what it did and what it cost", async () => {
    const { code, out, err } = await type("explain", "#pi{FOR(i=0;i<24;i++){LIGHTS(i,0,0,255)}2/(k-k)}");
    expect(code).toBe(0);
    expect(out).toMatch(/^@5 +FOR \(i = 0; i < 24; i\+\+\) +for i from 0 up to just below 24:$/m);
    expect(out).toMatch(/^@23 +LIGHTS\(i, 0, 0, 255\); +sets light i/m);
    expect(out).toMatch(/^ +LIGHTS\(i,r,g,b\) +Sets light i/m);
    expect(out).toContain("It printed no lines, 24 effects, and ended with DIV0.");
    expect(out).toMatch(/^ +48 of 280 +characters of the post, 17 %$/m);
    expect(out).toMatch(/^ +24 of 10,000 +effects, 0\.2 %$/m);
    expect(out).toMatch(/^Dearest: the FOR at @5, (?:about \d+ %|all) of the steps\.$/m);
    expect(err).toMatch(/^warning @44: k is never given a value[\s\S]*^error DIV0 @42: /m);
  });

  test("of a program without anything dear", async () => {
    expect(await type("explain", "{2+2}")).toEqual({
      code: 0,
      out: "@2  2 + 2;  prints 2 + 2\n\nIt printed one line.\n\n   5 of 280         characters of the post, 1.8 %\n   2 of 65,536      bytes of output, below 0.1 %\n   1 of 10,000,000  steps, below 0.1 %",
      err: "",
    });
    expect(JSON.parse((await type("explain", "{2+2}", "--json")).out)).toMatchObject({
      lines: [{ pos: 2 }],
      dearest: null,
    });
  });
});

describe("bench", () => {
  test("a program's median, steps and dearest part", async () => {
    const { code, out } = await type("bench", "{FOR(i=0;i<999;i++)x+=i}", "--runs", "5");
    expect(code).toBe(0);
    expect(out).toMatch(/^median {7}[\d.]+ (?:µs|ms) of 5 runs, the fastest [\d.]+ (?:µs|ms)/);
    expect(out).toMatch(/^WebAssembly {2}\S/m);
    expect(out).toMatch(/^steps +[\d,]+, [\d,]+ a second$/m);
    expect(out).toMatch(/^dearest {6}the FOR at @2: all of the steps$/m);
  });

  test("a program that is done at once, one that a limit ends, and one that cannot be read", async () => {
    expect((await type("bench", "{2+2}", "--runs", "3")).out).toContain("no loop, SUM or function");
    const limit = await type("bench", "{x=0WHILE(x<9)PRINT(1)}", "--runs", "1");
    expect(limit).toMatchObject({ code: 0, err: expect.stringMatching(/^error (?:OUTPUT|STEPS) @/) });
    expect(await type("bench", "{1+}")).toMatchObject({ code: 1, out: "", err: expect.stringContaining("SYNTAX") });
    expect(JSON.parse((await type("bench", "{1+}", "--json")).out)).toMatchObject({ error: { class: "SYNTAX" } });
    expect(JSON.parse((await type("bench", "{P(1)}", "--json", "--runs", "4")).out)).toMatchObject({
      runs: 4,
      error: null,
    });
  });
});

test("a session on standard input: names keep their values, an error loses none, what is saved is kept", () => {
  const store = join(mkdtempSync(join(tmpdir(), "bramble-repl-")), "saved");
  const repl = (input: string) =>
    spawnSync(process.execPath, [bramblePath("apps", "cli", "src", "main.ts"), "warble", "repl", "--store", store], {
      input,
      encoding: "utf8",
    });
  const first = repl('x=5\ny=x*2\ny\nPRINT(1/0)\nSAVE("n",y)\nLIGHTS(1,2,3,4)\nPRINT(x+y)');
  expect(first).toMatchObject({ status: 0, stdout: "10\n15\n" });
  expect(first.stderr).toBe(
    "DIV0: Nothing can be divided by zero.\n    PRINT(1 / 0);\n            ^\n(LIGHTS 1 2 3 4)\n",
  );
  expect(repl('PRINT(LOAD("n"))k\n')).toMatchObject({
    status: 0,
    stdout: "10\n0\n",
    stderr: "warning: k is never given a value here: it reads 0.\n",
  });
});
