import { expect, test } from "vitest";
import type { Cluster } from "./model.ts";
import { type ParseOptions, parseCluster } from "./parse.ts";
import { mayWrite, roleLimits } from "./role-rules.ts";
import { exampleSource } from "./testing.ts";

function read(roles: string, options: ParseOptions = {}) {
  return parseCluster(exampleSource("desk-5").replace("\nrules:\n", `\nroles: ${roles}\nrules:\n`), options);
}

function rolesOf(roles: string, options: ParseOptions = {}): Cluster["roles"] {
  const result = read(roles, options);
  if (result.kind === "invalid") throw new Error(JSON.stringify(result.problems));
  return result.cluster.roles;
}

function problemsOf(roles: string, options: ParseOptions = {}) {
  const result = read(roles, options);
  return result.kind === "invalid" ? result.problems : [];
}

test("a file without roles has none", () => {
  const result = parseCluster(exampleSource("desk-5"));
  expect(result).toMatchObject({ kind: "ok", cluster: { roles: [] } });
});

test("a role is read with everything that it names", () => {
  const [role] = rolesOf(
    `[{ id: worker, for: "@k1", text: counts, env: { LANES: 4, SLOW: false, NAME: a b },
        files: [{ path: /opt/bramble/worker/start.sh, from: roles/start.sh, mode: "0755" }],
        units: [{ name: worker.service, text: "[Service]", enable: false }],
        start: { run: [/opt/bramble/worker/start.sh, --once], timeout_s: 5 } }]`,
  );
  expect(role).toEqual({
    id: "worker",
    text: "counts",
    for: "@k1",
    boards: ["b1", "b2", "b3", "b4", "b5"],
    isRoot: false,
    env: { LANES: "4", SLOW: "false", NAME: "a b" },
    files: [
      {
        path: "/opt/bramble/worker/start.sh",
        mode: 0o755,
        content: { kind: "beside", from: "roles/start.sh" },
      },
    ],
    units: [{ name: "worker.service", isEnabled: false, content: { kind: "text", text: "[Service]" } }],
    start: { run: ["/opt/bramble/worker/start.sh", "--once"], as: null, timeoutMs: 5000 },
  });
});

test("of two roles that name one board the later has it", () => {
  const roles = rolesOf('[{ id: all-of-them, for: all }, { id: some, for: "b[2-3]" }, { id: nobody }]');
  expect(roles.map(({ boards }) => boards)).toEqual([["b1", "b4", "b5"], ["b2", "b3"], []]);
});

test("files beside the cluster file are looked at, where somebody can look", () => {
  const role = "[{ id: w, files: [{ path: /opt/bramble/w/a, from: roles/a }] }]";
  const asked: string[] = [];
  const beside = (from: string) => {
    asked.push(from);
    return { kind: "file", bytes: 5 } as const;
  };
  expect(rolesOf(role, { beside })).toHaveLength(1);
  expect(asked).toEqual(["roles/a"]);
  expect(problemsOf(role, { beside: () => ({ kind: "none", why: "there is no such file" }) })).toMatchObject([
    {
      code: "cluster.role-file",
      path: "roles[0].files[0].from",
      message: "roles/a cannot be read: there is no such file",
    },
  ]);
});

const own = "path: /opt/bramble/w/a";

test.each<[what: string, role: string, says: string]>([
  ["two roles of one name", "{ id: w }, { id: w }", '"w" is already the name of a role on line'],
  ["a role with a bank's name", "{ id: k1 }", '"k1" is already the name of a bank'],
  ["a word of the command line", "{ id: none }", '"none" is a word of the command line'],
  ["a set that names no board", '{ id: w, for: "@k9" }', "there is no group @k9"],
  ["a living group", '{ id: w, for: "@silent" }', "there is no group @silent"],
  [
    "a path with two dots",
    "{ id: w, files: [{ path: /opt/bramble/w/../x, text: x }] }",
    "may not write /opt/bramble/w/../x",
  ],
  ["a path that only begins alike", "{ id: w, files: [{ path: /opt/bramble/wo/x, text: x }] }", "may not write"],
  ["a file twice", `{ id: w, files: [{ ${own}, text: x }, { ${own}, text: y }] }`, "/opt/bramble/w/a stands twice"],
  ["a file without content", `{ id: w, files: [{ ${own} }] }`, "must say either from or text"],
  ["a file with two contents", `{ id: w, files: [{ ${own}, text: x, from: y }] }`, "must say either from or text"],
  [
    "a unit twice",
    "{ id: w, units: [{ name: a.timer, text: x }, { name: a.timer, text: y }] }",
    "a.timer stands twice",
  ],
  ["a socket without root", "{ id: w, units: [{ name: a.socket, text: x }] }", "only a root role may bring a.socket"],
  ["a start that is no path", "{ id: w, start: { run: [start.sh] } }", '"start.sh" is no absolute path'],
  [
    "a start that nobody may run",
    `{ id: w, files: [{ ${own}, text: x }], start: { run: [/opt/bramble/w/a] } }`,
    "nobody may run",
  ],
  [
    "another user without root",
    "{ id: w, start: { run: [/bin/true], as: postgres } }",
    "only a root role may run as postgres",
  ],
  ["too many words", `{ id: w, start: { run: [/bin/true, ${"x, ".repeat(64)}x] } }`, "66 words are too many"],
])("%s is told", (_, role, says) => {
  expect(
    problemsOf(`[${role}]`)
      .map(({ message }) => message)
      .join(),
  ).toContain(says);
});

test("a set-user-ID bit, a shell line, an odd name of a variable or a unit do not fit the form", () => {
  const wrong = [
    `{ id: w, files: [{ ${own}, text: x, mode: "4755" }] }`,
    `{ id: w, files: [{ ${own}, text: x, mode: 0644 }] }`,
    "{ id: w, start: { run: rm -rf / } }",
    "{ id: w, env: { 1A: x } }",
    '{ id: w, env: { A: "x\\ny" } }',
    "{ id: w, units: [{ name: ../a.service, text: x }] }",
    "{ id: W }",
  ];
  for (const role of wrong) expect(problemsOf(`[${role}]`), role).toMatchObject([{ line: expect.any(Number) }]);
});

test("a role has 1 MB a file and 8 MB in all", () => {
  const files = Array.from({ length: 9 }, (_, i) => `{ path: /opt/bramble/w/${i}, from: f${i} }`);
  const sized = (bytes: number) => ({ beside: () => ({ kind: "file", bytes }) as const });
  const role = `[{ id: w, files: [${files.join(", ")}] }]`;
  expect(problemsOf(role, sized(roleLimits.fileBytes)).map(({ message }) => message)).toEqual([
    "with /opt/bramble/w/8 the role is too large",
  ]);
  expect(problemsOf(role, sized(roleLimits.fileBytes + 1))).toHaveLength(9);
  expect(problemsOf(role, sized(900_000))).toEqual([]);
});

test("a root role may write anywhere, but by a clean path", () => {
  const role = { id: "w", isRoot: true };
  expect(mayWrite(role, "/etc/motd")).toBe(true);
  for (const path of [
    "etc/motd",
    "/etc/../motd",
    "/etc//motd",
    "/etc/",
    "/",
    "/a\u0000b",
    "/a b",
    `/${"a".repeat(300)}`,
  ])
    expect(mayWrite(role, path), path).toBe(false);
  expect(
    rolesOf("[{ id: w, root: true, start: { run: [/bin/true], as: postgres }, units: [{ name: a.socket, text: x }] }]"),
  ).toMatchObject([{ isRoot: true, start: { as: "postgres" } }]);
});
