import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLog } from "@bramble/core/base";
import type { RoleBundle } from "@bramble/core/work";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type DiskApplierParts, diskApplier } from "./disk-applier.ts";
import { fakeRole, fileOf, packed } from "./fake-role.ts";
import { roleFiles } from "./role-files.ts";
import type { ProgramEnd, RunTerms } from "./run-program.ts";

let root: string;
let ran: { words: string; terms: RunTerms }[];
/** What a program ends with, by the start of its words. */
let ends: Record<string, Partial<ProgramEnd>>;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "bramble-board-"));
  ran = [];
  ends = {};
  mkdirSync(join(root, "etc"));
  writeFileSync(
    join(root, "etc/passwd"),
    "root:x:0:0:root:/root:/bin/sh\nbramble:x:990:991::/var/lib/bramble:/bin/sh\npostgres:x:101:102::/:/bin/sh\n",
  );
});
afterEach(() => rmSync(root, { recursive: true }));

const never = new AbortController().signal;

function board(change: Partial<DiskApplierParts> = {}) {
  const applier = diskApplier({
    files: roleFiles(root),
    state: "/run/bramble",
    ...{ allowsRoot: false, isRoot: true, bootId: "first", log: silentLog },
    async run(words, terms) {
      ran.push({ words: words.join(" "), terms });
      const end = Object.entries(ends).find(([start]) => words.join(" ").startsWith(start))?.[1];
      return { code: 0, isTimedOut: false, output: "", ...end };
    },
    ...change,
  });
  return {
    begin: () => applier.begin(never),
    remove: () => applier.remove(never),
    apply: (role: RoleBundle) => {
      const { ref, bytes } = packed(role);
      return applier.apply(ref, role, bytes, never);
    },
  };
}

const withSystemd = (): void => void mkdirSync(join(root, "run/systemd/system"), { recursive: true });
const text = (path: string): string | null =>
  existsSync(join(root, path)) ? readFileSync(join(root, path), "utf8") : null;
const programs = (): string[] => ran.map(({ words }) => words.replace("/usr/bin/systemctl", "systemctl"));
const service = (name: string, text = "[Service]\nExecStart=/bin/true\n", isEnabled = true) => ({
  name,
  isEnabled,
  text,
});
const start = { run: ["/opt/bramble/worker/start.sh", "--once"], as: null, timeoutMs: 5000 };
const [one, two] = ["one", "two"].map((what) =>
  fakeRole({
    env: [["LANES", "4"]],
    files: [
      fileOf("/opt/bramble/worker/a", what),
      fileOf(`/opt/bramble/worker/${what}/only`, "x"),
      fileOf("/opt/bramble/worker/start.sh", "#!/bin/sh\n", 0o755),
    ],
    units: [service("worker.service"), service(`${what}.service`)],
    start,
  }),
) as [RoleBundle, RoleBundle];

describe("a role on a board", () => {
  test("files, units and the start, in this order, as the user bramble", async () => {
    withSystemd();
    expect(await board().apply(one)).toBeNull();
    expect(text("/opt/bramble/worker/a")).toBe("one");
    expect(statSync(join(root, "/opt/bramble/worker/start.sh")).mode & 0o777).toBe(0o755);
    expect(text("/run/systemd/system/worker.service")).toBe("[Service]\nExecStart=/bin/true\n");
    expect(text("/run/systemd/system/worker.service.d/90-bramble.conf")).toBe(
      '[Service]\nEnvironment="LANES=4"\nUser=bramble\nGroup=\nSupplementaryGroups=\nDynamicUser=no\nNoNewPrivileges=yes\nCapabilityBoundingSet=\nAmbientCapabilities=\n',
    );
    expect(programs()).toEqual([
      "systemctl daemon-reload",
      "systemctl restart -- worker.service",
      "systemctl restart -- one.service",
      "/opt/bramble/worker/start.sh --once",
    ]);
    expect(ran.at(-1)!.terms).toMatchObject({
      user: { uid: 990, gid: 991 },
      timeoutMs: 5000,
      env: { LANES: "4", BRAMBLE_ROLE: "worker", USER: "bramble", HOME: "/var/lib/bramble" },
    });
    expect(readdirSync(join(root, "run/bramble")).sort()).toEqual(["role.boot", "role.good"]);
  });

  test("another role in its place: what only the first had is gone", async () => {
    withSystemd();
    const { apply } = board();
    await apply(one);
    ran = [];
    await apply(two);
    expect(text("/opt/bramble/worker/a")).toBe("two");
    expect(text("/opt/bramble/worker/two/only")).toBe("x");
    expect(existsSync(join(root, "/opt/bramble/worker/one"))).toBe(false);
    expect(text("/run/systemd/system/one.service")).toBeNull();
    expect(programs().slice(0, 2)).toEqual(["systemctl stop -- one.service", "systemctl daemon-reload"]);
    await board().remove();
    expect(existsSync(join(root, "/opt/bramble/worker"))).toBe(false);
    expect(readdirSync(join(root, "run/systemd/system")).filter((name) => name.endsWith(".service"))).toEqual([]);
    expect(readdirSync(join(root, "run/bramble"))).toEqual([]);
    expect(await board().begin()).toBeNull();
  });

  test("a variable is quoted as systemd reads it, and a unit that only a timer starts is not started", async () => {
    withSystemd();
    const units = [service("worker.service", "[Service]", false), service("worker.timer", "[Timer]")];
    await board().apply(fakeRole({ units, env: [["A", 'a "b" \\ 100% $c']] }));
    expect(text("/run/systemd/system/worker.service.d/90-bramble.conf")).toContain(
      'Environment="A=a \\"b\\" \\\\ 100%% $c"',
    );
    expect(text("/run/systemd/system/worker.timer.d/90-bramble.conf")).toBeNull();
    expect(programs().slice(1)).toEqual(["systemctl stop -- worker.service", "systemctl restart -- worker.timer"]);
  });

  test("without systemd its units are left out, and that is said", async () => {
    expect(await board().apply(one)).toBe("no systemd on this board: 2 units left out");
    expect(programs()).toEqual(["/opt/bramble/worker/start.sh --once"]);
  });

  test("nothing is written while nothing changes", async () => {
    withSystemd();
    await board().apply(one);
    const before = times();
    ran = [];
    expect(await board().begin()).toEqual(packed(one).ref);
    expect(ran).toEqual([]);
    expect(times()).toEqual(before);
  });
});

describe("a role that fails", () => {
  test.each<[string, Record<string, Partial<ProgramEnd>>, string, string]>([
    ["a start that ends badly", { "/opt": { code: 3, output: "no lanes" } }, "start", "exit code 3: no lanes"],
    ["a start that hangs", { "/opt": { code: null, isTimedOut: true } }, "start", "ended after 5 s without an end"],
    ["a start that is killed", { "/opt": { code: null } }, "start", "was killed"],
    [
      "a unit that does not start",
      { "/usr/bin/systemctl restart -- two": { code: 1, output: "bad" } },
      "units",
      "systemctl restart -- two.service ended with 1: bad",
    ],
    [
      "a systemctl that hangs",
      { "/usr/bin/systemctl restart -- two": { code: null } },
      "units",
      "systemctl restart -- two.service was ended",
    ],
  ])("%s: the last good one is in force again", async (_, wrong, step, why) => {
    withSystemd();
    const { apply } = board();
    await apply(one);
    const [before, kept] = [tree(), readFileSync(join(root, "run/bramble/role.good"))];
    ends = wrong;
    ran = [];
    await expect(apply(two)).rejects.toMatchObject({ step, message: why });
    expect(tree()).toEqual(before);
    expect(readFileSync(join(root, "run/bramble/role.good"))).toEqual(kept);
    expect(programs().slice(-3)).toEqual([
      "systemctl daemon-reload",
      "systemctl restart -- worker.service",
      "systemctl restart -- one.service",
    ]);
    expect(await board().begin()).toEqual(packed(one).ref);
  });

  test("the first role of a board leaves nothing behind", async () => {
    withSystemd();
    ends = { "/opt": { code: 1 } };
    await expect(board().apply(one)).rejects.toMatchObject({ step: "start" });
    expect(existsSync(join(root, "opt/bramble/worker"))).toBe(false);
    expect(text("/run/systemd/system/worker.service")).toBeNull();
    expect(await board().begin()).toBeNull();
  });

  test("units that systemd has not heard of are taken back all the same", async () => {
    withSystemd();
    ends = {
      "/usr/bin/systemctl daemon-reload": { code: 1 },
      "/usr/bin/systemctl stop": { code: 5, output: "not loaded" },
    };
    await expect(board().apply(one)).rejects.toMatchObject({ step: "units" });
    expect(text("/run/systemd/system/worker.service")).toBeNull();
  });

  test("a unit that does not stop keeps its role in force", async () => {
    withSystemd();
    const { apply, remove } = board();
    await apply(one);
    const before = tree();
    ends = { "/usr/bin/systemctl stop": { code: 1 } };
    await expect(remove()).rejects.toMatchObject({ step: "units" });
    expect(tree()).toEqual(before);
    expect(await board().begin()).toEqual(packed(one).ref);
  });

  test("a link in the way of a file is not followed", async () => {
    mkdirSync(join(root, "opt/bramble"), { recursive: true });
    symlinkSync(join(root, "etc"), join(root, "opt/bramble/worker"));
    await expect(
      board().apply(fakeRole({ files: [fileOf("/opt/bramble/worker/passwd", "evil")] })),
    ).rejects.toMatchObject({
      step: "files",
      message: expect.stringContaining("/opt/bramble/worker is a link"),
    });
    expect(text("etc/passwd")).toContain("root:x:0");
  });

  test("a unit of the system is not replaced but by a root role", async () => {
    withSystemd();
    mkdirSync(join(root, "usr/lib/systemd/system"), { recursive: true });
    writeFileSync(join(root, "usr/lib/systemd/system/ssh.service"), "theirs");
    const role = fakeRole({ units: [service("ssh.service")] });
    await expect(board().apply(role)).rejects.toMatchObject({
      step: "units",
      message: expect.stringContaining("ssh.service is a unit of the system"),
    });
    expect(text("/run/systemd/system/ssh.service")).toBeNull();
    await board({ allowsRoot: true }).apply({ ...role, isRoot: true });
    expect(text("/run/systemd/system/ssh.service.d/90-bramble.conf")).toBe("[Service]\n");
  });

  test("what was before and cannot be put back is told too", async () => {
    const { apply } = board();
    await apply(one);
    ends = { "/opt": { code: 1 } };
    const broken = { ...two, files: [...two.files, fileOf("/opt/bramble/worker/z", "z")] };
    const files = roleFiles(root);
    const full = {
      ...files,
      write: async (path: string, bytes: Uint8Array, mode: number) => {
        if (new TextDecoder().decode(bytes) === "one") throw new Error("no space left");
        return files.write(path, bytes, mode);
      },
    };
    await expect(board({ files: full }).apply(broken)).rejects.toThrow(
      "exit code 1; and what was before could not be put back whole: no space left",
    );
    // The next start of the agent tries again.
    expect(await board().begin()).toEqual(packed(one).ref);
    expect(text("/opt/bramble/worker/a")).toBe("one");
  });
});

describe("who may", () => {
  const asRoot = { ...one, isRoot: true, units: [], files: [fileOf("/etc/motd", "hello")] };
  test.each<[string, RoleBundle, Partial<DiskApplierParts>, string]>([
    ["a root role on a board that takes none", asRoot, {}, "was not started with --roles root"],
    ["a root role by an agent that is not root", asRoot, { allowsRoot: true, isRoot: false }, "the agent is not root"],
    ["units by an agent that is not root", one, { isRoot: false }, "cannot give them to systemd"],
    [
      "an account that is not there",
      { ...asRoot, start: { ...start, as: "nobody2" } },
      { allowsRoot: true },
      "there is no user nobody2",
    ],
  ])("%s: refused before anything is touched", async (_, role, change, why) => {
    withSystemd();
    await expect(board(change).apply(role)).rejects.toMatchObject({
      step: "allow",
      message: expect.stringContaining(why),
    });
    expect(text("/etc/motd")).toBeNull();
    expect(existsSync(join(root, "run/bramble"))).toBe(false);
    expect(ran).toEqual([]);
  });

  test("a board without the user bramble runs nothing as root instead", async () => {
    writeFileSync(join(root, "etc/passwd"), "bramble:x:0:0::/:/bin/sh\n");
    await expect(board().apply(one)).rejects.toMatchObject({
      step: "allow",
      message: "there is no user bramble on this board",
    });
    await board().apply({ ...one, units: [], start: null });
    expect(ran).toEqual([]);
  });

  test("a root role runs as root, or as whom it names; without root the agent's own user runs it", async () => {
    const { apply } = board({ allowsRoot: true });
    await apply(asRoot);
    expect(text("/etc/motd")).toBe("hello");
    expect(ran.at(-1)!.terms.user).toBeUndefined();
    await apply({ ...asRoot, start: { ...start, as: "postgres" } });
    expect(ran.at(-1)!.terms.user).toMatchObject({ uid: 101, gid: 102 });
    await board({ isRoot: false }).apply({ ...one, units: [] });
    expect(ran.at(-1)!.terms.user).toBeUndefined();
  });
});

describe("a start of the agent", () => {
  test("after a start of the board the last good role is applied again, without the head", async () => {
    await board().apply(one);
    rmSync(join(root, "opt"), { recursive: true });
    ran = [];
    const { begin } = board({ bootId: "second" });
    expect(await begin()).toEqual(packed(one).ref);
    expect(text("/opt/bramble/worker/a")).toBe("one");
    expect(programs()).toEqual(["/opt/bramble/worker/start.sh --once"]);
    ran = [];
    await begin();
    expect(ran).toEqual([]);
  });

  test("a role that a crash left half applied is taken back", async () => {
    await board().apply(one);
    const before = tree();
    writeFileSync(join(root, "run/bramble/role.next"), packed(two).bytes);
    writeFileSync(join(root, "opt/bramble/worker/a"), "two");
    mkdirSync(join(root, "opt/bramble/worker/two"));
    writeFileSync(join(root, "opt/bramble/worker/two/only"), "x");
    expect(await board().begin()).toEqual(packed(one).ref);
    expect(tree()).toEqual(before);
  });

  test("a crash during the first role leaves none", async () => {
    mkdirSync(join(root, "run/bramble"), { recursive: true });
    writeFileSync(join(root, "run/bramble/role.next"), packed(one).bytes);
    mkdirSync(join(root, "opt/bramble/worker/one"), { recursive: true });
    writeFileSync(join(root, "opt/bramble/worker/one/only"), "x");
    expect(await board().begin()).toBeNull();
    expect(existsSync(join(root, "opt/bramble/worker"))).toBe(false);
  });

  test("a kept role that is damaged is forgotten", async () => {
    await board().apply(one);
    writeFileSync(join(root, "run/bramble/role.good"), packed(one).bytes.slice(0, 50));
    expect(await board().begin()).toBeNull();
    await board().apply(two);
    expect(await board().begin()).toEqual(packed(two).ref);
  });
});

/** Every file with its content, the state of the agent left out. */
function tree(): Record<string, string> {
  return Object.fromEntries(
    readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.parentPath.endsWith("run/bramble"))
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .map((path) => [path.slice(root.length), readFileSync(path, "utf8")]),
  );
}

function times(): string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true }).map((entry) => {
    const path = join(entry.parentPath, entry.name);
    return `${path} ${statSync(path).mtimeMs} ${statSync(path).ino}`;
  });
}
