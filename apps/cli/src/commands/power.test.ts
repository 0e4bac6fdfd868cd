import { afterEach, describe, expect, test } from "vitest";
import { runCommandLine } from "../command-line.ts";
import { fakeHead, plan, planned, power, reply } from "../power/fake-power.ts";
import { bramblePath } from "../programs.ts";

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

type Person = { readonly isTty?: boolean; readonly says?: string | null; readonly stopAt?: RegExp };

/** Types a command line; `says` is what the person answers when asked, `stopAt` when they press Ctrl+C. */
async function type(args: readonly string[], { isTty = false, says, stopAt = /never/ }: Person = {}) {
  const out: string[] = [];
  const err: string[] = [];
  const questions: string[] = [];
  const stop = new AbortController();
  const terminal = {
    out: (text: string) => void out.push(text),
    note(text: string) {
      err.push(text);
      if (stopAt.test(text)) stop.abort();
    },
    ...(says === undefined
      ? {}
      : {
          async ask(question: string) {
            questions.push(question);
            return says;
          },
        }),
    ...{ isTty, columns: 120, now: () => 1_800_000_000_000 },
  };
  const code = await runCommandLine(args, terminal, stop.signal);
  return { code, out: out.join("\n"), err: err.join("\n"), questions };
}

async function head(answers: Readonly<Record<string, readonly unknown[]>>) {
  const fake = await fakeHead(answers);
  closers.push(fake.close);
  return fake;
}

const ended = plan({ state: "done", message: "all boards are up", endedAt: 1_800_000_060_000, up: 42, leftMs: null });
const posts = "POST /power/plans";
const look = "GET /power/plans/p7";

describe("bramble up, down and cycle", () => {
  test("up is planned, started once under a key of its own, and followed by lines to its end", async () => {
    const fake = await head({
      [posts]: [reply({}), reply({ kind: "started", id: "p7" })],
      [look]: [plan({ wave: 0, message: "pdu1.3 on" }), plan(), plan({ up: 30 }), ended],
      "GET /power": [power()],
    });
    const { code, out, err } = await type(["up", "@g03", "--reason", "show", ...fake.head]);
    expect({ code, out }).toEqual({ code: 0, out: "plan p7 done, after 60 s: all boards are up" });
    expect(err.split("\n")).toEqual([
      "up @g03: 2 boards (b[0085-0086]), 1 outlet in 1 move, 1 wave",
      "  nearest to its limit: supply u03, for a second: 315 of 360 W (88 %)",
      "08:00:00 12 of 42 boards up, about 40 s left: pdu1.3 on (380 W of 19200 W; at full work supply u03: 210 of 240 W (88 %))",
      "08:00:00 wave 1 of 1, 12 of 42 boards up, about 40 s left: wave 1: g03 (380 W of 19200 W; at full work supply u03: 210 of 240 W (88 %))",
    ]);
    const [dry, real] = fake.asked;
    expect(dry?.body).toEqual({ action: "on", set: "@g03", why: "show", dryRun: true });
    expect(real?.body).toEqual({ action: "on", set: "@g03", why: "show", confirm: null });
    expect([dry?.key, real?.key]).toEqual([undefined, expect.stringMatching(/^[0-9a-f-]{36}$/)]);
  });

  test("a dry run starts nothing; with --why each step has its reason, with --json it is the head's own", async () => {
    const along = [{ outlet: "pdu1.3", boards: ["b0087"], working: ["b0087"] }];
    const fake = await head({ [posts]: [reply({ plan: planned({ collateral: along, notes: ["u03 stays on"] }) })] });
    const flags = ["--dry-run", "--why", "--profile", "garage", "--with-parents", ...fake.head];
    const { code, out } = await type(["up", "@g03", ...flags]);
    expect(code).toBe(0);
    expect(out).toContain("along with pdu1.3: b0087; 1 board of them at work\n");
    expect(out).toContain("note: u03 stays on\n");
    expect(out).toContain("wave 1\n  pdu1.3 on\n      why: c-g03 feeds b[0085-0126]");
    expect(JSON.parse((await type(["up", "@g03", "--dry-run", "--json", ...fake.head])).out).kind).toBe("plan");
    expect(fake.asked.map(({ body }) => body.dryRun)).toEqual([true, true]);
    expect(fake.asked[0]?.body).toMatchObject({ profile: "garage", withParents: true });
  });

  test("an outlet with more boards than a wave may have is not told as a limit that breaks", async () => {
    const wave = { limit: "wave", unit: "boards", kind: "peak", used: 168, allowed: 42 } as const;
    const fake = await head({ [posts]: [reply({ plan: planned({ loads: [...planned().loads, wave] }) })] });
    expect((await type(["up", "@g03", "--dry-run", ...fake.head])).out).toContain("nearest to its limit: supply u03");
  });

  test("a refusal tells each reason, what to do and other ways", async () => {
    const problem = {
      rule: "collateral",
      thing: "pdu1.3",
      limit: null,
      message: "pdu1.3 takes 41 along",
      hint: "ask for them",
    };
    const budget = { ...problem, rule: "over-breaker", limit: "1440 W (80 % of 15 A)", message: "pdu1 bears no more" };
    const alternatives = [{ kind: "group", boards: [], thing: "pdu1.3", message: "all 42 together" }];
    const fake = await head({
      [posts]: [reply({ kind: "refused", plan: null, problems: [problem, budget], alternatives })],
    });
    const { code, err } = await type(["down", "b0085", ...fake.head]);
    expect(code).toBe(1);
    expect(err).toBe(
      "bramble: pdu1.3 takes 41 along\n  ask for them\npdu1 bears no more (1440 W (80 % of 15 A))\n  ask for them\n  instead: all 42 together",
    );
  });

  test("--now asks for power to go at once, in the question and in the order", async () => {
    const fake = await head({ [posts]: [reply({}), reply({ kind: "started", id: "p7" })] });
    expect((await type(["down", "@g03", "--now", "--no-wait", ...fake.head])).code).toBe(0);
    expect(fake.asked.map(({ body }) => body.atOnce)).toEqual([true, true]);
  });

  test("what is so already is said, and nothing is started", async () => {
    const fake = await head({ [posts]: [reply({ kind: "nothing", plan: null, why: "all of these boards are off" })] });
    expect(await type(["down", "all", ...fake.head])).toMatchObject({
      code: 0,
      out: "nothing to do: all of these boards are off",
    });
    expect(fake.asked).toHaveLength(1);
  });

  test.each([
    ["typed", { says: "84" }, [], 0],
    ["given", {}, ["--yes", "84"], 0],
    ["typed wrong", { says: "48" }, [], 1],
    ["given wrong", {}, ["--yes", "83"], 2],
    ["not given where nobody can be asked", {}, [], 2],
    ["not typed (Ctrl+C)", { says: null }, [], 2],
  ] as const)("where many boards go dark, their number %s", async (_what, person, flags, exit) => {
    const fake = await head({
      [posts]: [reply({ confirm: 84 }), reply({ kind: "started", id: "p7" })],
      [look]: [ended],
    });
    const { code, questions } = await type(["cycle", "all", "--collateral", ...flags, ...fake.head], person);
    expect(code).toBe(exit);
    expect(fake.asked.filter(({ body }) => body.confirm === 84)).toHaveLength(exit === 0 ? 1 : 0);
    if ("says" in person) expect(questions).toEqual(["cycle takes power from 84 boards. Type their number to go on: "]);
  });

  test("a plan that failed names what is missing by the step at which it stopped, and ends with 1", async () => {
    const missing = ["b0085", "b0086", "b0090"].map((board) => ({
      board,
      step: board === "b0090" ? "kernel" : "power",
    }));
    const fake = await head({
      [posts]: [reply({}), reply({ kind: "started", id: "p7" })],
      [look]: [plan({ ...ended, state: "failed", message: "pdu1 does not answer", missing })],
    });
    const { code, out } = await type(["up", "@g03", ...fake.head]);
    expect(code).toBe(1);
    expect(out).toBe(
      "plan p7 failed, after 60 s: pdu1 does not answer\n  stopped at power: b[0085-0086] (2)\n  stopped at kernel: b0090 (1)",
    );
  });

  test("--no-wait starts it and lets it run", async () => {
    const fake = await head({ [posts]: [reply({}), reply({ kind: "started", id: "p7" })] });
    expect((await type(["up", "@g03", "--no-wait", ...fake.head])).out).toBe("plan p7 runs; `bramble power` shows it");
  });

  test("on a terminal it is a picture that is drawn over itself", async () => {
    const fake = await head({
      [posts]: [reply({}), reply({ kind: "started", id: "p7" })],
      [look]: [plan(), plan({ up: 42, leftMs: null }), ended],
      "GET /power": [power()],
    });
    const { err } = await type(["up", "@g03", ...fake.head], { isTty: true });
    for (const part of [
      "29 %",
      "wave 1 of 1, 12 of 42 boards up, about 40 s left",
      "380 W of 19200 W",
      "supply u03: 210 of 240 W (88 %)",
    ])
      expect(err).toContain(part);
    expect(err).toContain("now     wave 1: g03\n          pdu1.3 on: c-g03 feeds b[0085-0126]");
    expect(err).toContain("\x1b[7A\x1b[J");
  });

  test.each([
    ["Enter leaves it running", "", undefined, "Plan p7 goes on"],
    ["c cancels it", "c", { undo: false }, "Plan p7 is cancelled."],
    ["u cancels and undoes it", "U", { undo: true }, "plan p8 undoes it"],
    ["without anybody to ask it goes on", undefined, undefined, "Plan p7 goes on"],
  ] as const)("Ctrl+C: %s", async (_what, says, body, told) => {
    const fake = await head({
      [posts]: [reply({}), reply({ kind: "started", id: "p7" })],
      [look]: [plan()],
      "GET /power": [power()],
      "POST /power/plans/p7/cancel": [{ cancelled: true, undo: says === "U" ? "p8" : null }],
    });
    const person = { ...(says === undefined ? {} : { says }), stopAt: /wave 1 of 1/ };
    const { code, err } = await type(["up", "@g03", ...fake.head], person);
    expect(code).toBe(0);
    expect(err).toContain(told);
    expect(fake.asked.find(({ path }) => path.endsWith("/cancel"))?.body).toEqual(body);
  });
});

describe("bramble power", () => {
  test("tells outlets, what is not believed, load against each limit, plans and schedules", async () => {
    const { steps: _, phases: __, loads: ___, collateral: ____, notes: _____, ...facts } = plan();
    const fake = await head({ "GET /power": [power({ running: [{ ...facts, steps: 4, stepsDone: 1 }] })] });
    const { out } = await type(["power", ...fake.head]);
    expect(out).toMatch(/pdu1\.1 +on +misc +- +150 W +210 W +always on; router/);
    expect(out).toMatch(/pdu1\.4 +on +g04 +40 of 42 .*NOT BELIEVED: none of its 42 boards shows life/);
    expect(out).toMatch(/pdu1\.5 +\? +g05 .* no answer/);
    expect(out).toMatch(/supply u03 +steady +210 W +240 W +█+░+ 88 %\nsite/);
    expect(out).toContain("plan p7, up @g03, running: wave 1 of 1, 12 of 42 boards up, about 40 s left; wave 1: g03");
    expect(out).toContain("shutdown all: at 00:00 America/Los_Angeles, next in 60 min");
    expect(out).toMatch(/DAY +ENERGY *\n2027-01-15 +15\.0 kWh *\nWhat it costs: `bramble head --price-per-kwh/);
  });

  test("tells what each day cost once the head knows the price, and which days no meter counted", async () => {
    const energy = [
      { day: "2027-01-15", kWh: 15.04, cost: 4.66, isMeasured: true },
      { day: "2027-01-14", kWh: 100, cost: 31, isMeasured: false },
    ];
    const fake = await head({ "GET /power": [power({ energy, pricePerKwh: 0.31 })] });
    const { out } = await type(["power", ...fake.head]);
    expect(out).toMatch(
      /DAY +ENERGY +COST *\n2027-01-15 +15\.0 kWh +4\.66 *\n2027-01-14 +100\.0 kWh +31\.00 +by the file's figures/,
    );
    expect(out).not.toContain("--price-per-kwh");
  });

  test("of some boards only their outlets", async () => {
    const board = (group: string | null) => ({ place: group === null ? null : { group } });
    const fake = await head({
      "GET /power": [power()],
      "GET /boards": [
        { boards: [board("g03"), board(null)], next: null },
        { boards: [board(null)], next: null },
      ],
    });
    const { out } = await type(["power", "@g03", ...fake.head]);
    expect(out.split("\n")).toHaveLength(2);
    expect(out).toContain("pdu1.3");
    expect((await type(["power", "x-1", ...fake.head])).err).toBe("no outlet switches these boards");
  });
});

describe("bramble power --why", () => {
  test("tells who switched each outlet last, what it needs and what needs it", async () => {
    const { steps: _, phases: __, loads: ___, collateral: ____, notes: _____, ...facts } = plan({ why: "the show" });
    const [misc, g03, g04, g05] = power().outlets;
    const outlets = [misc!, { ...g03!, needs: ["pdu1.1"] }, g04!, g05!];
    const at = 1_800_000_000_000;
    const trace = [
      { at: at - 90_000, outlet: "pdu1.3", on: false, plan: "p6" },
      { at: at - 42_000, outlet: "pdu1.3", on: true, plan: "p7" },
      { at: at - 9000, outlet: "pdu1.4", on: true, plan: null },
    ];
    const fake = await head({
      "GET /power": [power({ outlets, recent: [{ ...facts, steps: 4, stepsDone: 4 }] })],
      "GET /power/trace": [{ speed: 1, trace }],
    });
    const { code, out } = await type(["power", "--why", "--dry-run", ...fake.head]);
    expect(code).toBe(0);
    expect(out.split("\n").slice(-7)).toEqual([
      "pdu1.1 is on: it always is, by the cluster file",
      "  needed by pdu1.3",
      "pdu1.3 is on for 42 s: plan p7, up @g03 (operator: the show)",
      "  needs pdu1.1 (on)",
      "pdu1.4 is on: found so, or switched by hand, 9 s ago",
      "  not believed: none of its 42 boards shows life",
      "pdu1.5 is not known",
    ]);
    const told = JSON.parse((await type(["power", "--why", "--json", ...fake.head])).out);
    expect(told).toEqual({ ...power({ outlets, recent: told.recent }), trace });
  });

  test("limits that are alike stand in one row", async () => {
    const supply = { unit: "W", kind: "steady", used: 210, allowed: 240, peak: null } as const;
    const limits = ["u01", "u02", "u03"].map((id) => ({ ...supply, limit: `supply ${id}` }));
    const fake = await head({ "GET /power": [power({ limits: [...limits, { ...supply, limit: "site" }] })] });
    expect((await type(["power", ...fake.head])).out).toMatch(
      /LIMIT +FOR.*\nsupply u01 and 2 alike +steady +210 W +240 W .*\nsite +steady/,
    );
  });

  test("of limits that are used less each is counted, not each row", async () => {
    const use = { unit: "W", kind: "steady", allowed: 1000, peak: null } as const;
    const limits = Array.from({ length: 14 }, (_, at) => ({ ...use, limit: `breaker ${at}`, used: 900 - at }));
    const supplies = ["u01", "u02", "u03"].map((id) => ({ ...use, limit: `supply ${id}`, used: 10 }));
    const fake = await head({ "GET /power": [power({ limits: [...limits, ...supplies] })] });
    expect((await type(["power", ...fake.head])).out).toContain("\n… and 5 limits that are used less (--json)");
  });
});

describe("bramble plan", () => {
  test("explains the limits of a file without a head, the open questions too", async () => {
    const { code, out } = await type(["plan", bramblePath("examples", "police-box-garage.yaml")]);
    expect(code).toBe(0);
    expect(out).toMatch(/^profile garage: 126 boards\n {2}why: 3 supplies of 42/m);
    expect(out).toMatch(/^profile garage-fourth-group: 168 boards$/m);
    expect(out).toMatch(/^rule back-switch: .*\n.*\n {2}OPEN: .*safe under both readings$/m);
  });

  test("without a file those of the head", async () => {
    const limits = [{ limit: "wave", value: "42 boards", from: "the file", open: null }];
    const fake = await head({ "GET /power/limits": [{ limits }] });
    expect((await type(["plan", ...fake.head])).out).toBe("wave: 42 boards\n  why: the file");
    expect(JSON.parse((await type(["plan", "--json", ...fake.head])).out)).toEqual({ limits });
  });

  test.each([
    ["a file that is not there", "nowhere.yaml", "there is no file nowhere.yaml"],
    ["a file that is no cluster file", bramblePath("package.json"), "package.json:"],
  ])("%s is told as such", async (_what, file, told) => {
    const { code, err } = await type(["plan", file]);
    expect(code).not.toBe(0);
    expect(err).toContain(told);
  });
});
