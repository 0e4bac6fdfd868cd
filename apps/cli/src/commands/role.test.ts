import { once } from "node:events";
import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { runCommandLine } from "../command-line.ts";
import { bramblePath } from "../programs.ts";

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

async function type(...args: string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const terminal = {
    out: (text: string) => void out.push(text),
    note: (text: string) => void err.push(text),
    ...{ isTty: false, columns: 100, now: () => 0 },
  };
  const code = await runCommandLine(args, terminal, new AbortController().signal);
  return { code, out: out.join("\n"), err: err.join("\n") };
}

/** A head that gives its answers to a path one after another, the last again and again. */
async function fakeHead(answers: Record<string, unknown[]>) {
  const asked: string[] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const part of request) body += part;
    const path = request.url!.replace("/api/v1", "");
    asked.push(`${request.method} ${path} ${body}`.trim());
    const line = answers[path.split("?")[0]!];
    const answer = line !== undefined && line.length > 1 ? line.shift() : line?.[0];
    response.writeHead(answer === undefined ? 404 : 200, { "content-type": "application/json" });
    response.end(JSON.stringify(answer ?? { error: { code: "role.unknown", message: "no such role", hint: "list" } }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closers.push(() => server.close());
  return { head: ["--head", `http://127.0.0.1:${(server.address() as AddressInfo).port}`], asked };
}

const ref = { id: "worker", checksum: "ab".repeat(32) };
const row = { board: "b01", state: "applied", wanted: ref, inForce: ref, since: 990_000, error: null };
const states = (counts: object, boards: unknown[] = []) => ({ now: 1_000_000, counts, boards });
const asked = { boards: 3, asked: 2, current: 0, unlinked: 1, off: 0, unknown: 0 };

describe("bramble role", () => {
  test("list is a table of roles, or says where to read when there is none", async () => {
    const role = {
      ...{ id: "worker", text: "counts", for: "@k01", root: false, checksum: ref.checksum, bytes: 9 },
      ...{ files: 1, units: 2, start: true, boards: 21, applied: 20 },
    };
    const { head } = await fakeHead({ "/roles": [{ roles: [role] }, { roles: [] }] });
    expect((await type("role", "list", ...head)).out).toMatch(
      /worker +@k01 +21 +20 +1 +2 +yes +no +abababababab +counts/,
    );
    expect((await type("role", "list", ...head)).err).toContain("docs/roles.md");
  });

  test("show tells everything that a role brings, with words as a shell would need them", async () => {
    const role = {
      ...{
        id: "worker",
        text: "counts",
        for: null,
        root: false,
        checksum: ref.checksum,
        bytes: 9,
        boards: 0,
        applied: 0,
      },
      ...{ env: [["A", "1"]], files: [{ path: "/opt/bramble/worker/a", mode: "0755", bytes: 3 }] },
      units: [{ name: "a.service", enable: false }],
      start: { run: ["/opt/bramble/worker/a", "it's"], as: null, timeoutMs: 5000 },
    };
    const { head } = await fakeHead({ "/roles/worker": [role] });
    const { out } = await type("role", "show", "worker", ...head);
    for (const line of ["runs as    bramble", "A=1", "0755 /opt/bramble/worker/a (3 octets)", "a.service, not started"])
      expect(out).toContain(line);
    expect(out).toContain("start      /opt/bramble/worker/a 'it'\\''s', 5 s at most");
    expect(await type("role", "show", "wroker", ...head)).toMatchObject({
      code: 1,
      err: "bramble: no such role\nlist",
    });
  });

  test("set says what counts now; `file` takes the word back", async () => {
    const { head, asked } = await fakeHead({ "/roles/assignments": [{ boards: 21 }, { boards: 1 }] });
    expect((await type("role", "set", "@k01", "worker", ...head)).out).toContain("21 boards to have the role worker");
    expect((await type("role", "set", "b01", "file", ...head)).out).toContain(
      "1 board to have the role of the cluster",
    );
    expect(asked).toEqual([
      'PUT /roles/assignments {"set":"@k01","role":"worker"}',
      'PUT /roles/assignments {"set":"b01","role":null}',
    ]);
  });

  test("apply waits until all that are linked have their role", async () => {
    const { head, asked: requests } = await fakeHead({
      "/roles/apply": [asked],
      "/roles/state": [states({ fetching: 2, waiting: 1 }), states({ applied: 2, waiting: 1 }, [row])],
    });
    const { code, out, err } = await type("role", "apply", "@k01", ...head);
    expect({ code, out }).toEqual({ code: 0, out: "2 applied, 1 waiting" });
    expect(err).toBe("2 of 3 boards take their role now; 1 take it when they link\n2 fetching, 1 waiting");
    expect(requests[1]).toBe("GET /roles/state?set=%40k01");
  });

  test("apply ends with 1 and the first reason where a role failed; with --no-wait at once", async () => {
    const bad = { ...row, state: "failed", inForce: null, error: "start: exit code 3" };
    const { head } = await fakeHead({ "/roles/apply": [asked], "/roles/state": [states({ failed: 1 }, [bad])] });
    expect(await type("role", "apply", ...head)).toMatchObject({
      code: 1,
      err: expect.stringContaining("the role failed on 1 board: b01: start: exit code 3"),
    });
    expect(await type("role", "apply", "--no-wait", ...head)).toMatchObject({ code: 0, out: "" });
  });

  test("state leaves out boards that should have nothing and have nothing", async () => {
    const none = { ...row, board: "b02", state: "none", wanted: null, inForce: null, since: null };
    const { head } = await fakeHead({ "/roles/state": [states({ applied: 1, none: 1 }, [row, none])] });
    const { out } = await type("role", "state", ...head);
    expect(out).toMatch(
      /^1 applied, 1 none\nBOARD[^\n]*\nb01 +applied +10 s +worker abababababab +worker abababababab$/,
    );
    expect((await type("role", "state", "--all", ...head)).out).toContain("b02");
  });
});

describe("bramble check", () => {
  const written = (roles: string): string => {
    const folder = mkdtempSync(join(tmpdir(), "bramble-check-roles-"));
    mkdirSync(join(folder, "roles"));
    symlinkSync("/etc/passwd", join(folder, "roles", "out"));
    const file = join(folder, "cluster.yaml");
    writeFileSync(file, SMALL + roles);
    return file;
  };

  test.each([
    ["a file that is missing", "files: [{ path: /opt/bramble/w/a, from: roles/a }]", "there is no such file"],
    [
      "a file that a link leads out to",
      "files: [{ path: /opt/bramble/w/a, from: roles/out }]",
      "leads out of the folder",
    ],
    ["a folder", "files: [{ path: /opt/bramble/w/a, from: roles }]", "it is no file"],
    ["a unit that asks for more", 'units: [{ name: a.service, text: "[Service]\\nUser=root" }]', "say User=root"],
  ])("tells of %s in a role", async (_, role, says) => {
    const { code, err } = await type("check", written(`roles: [{ id: w, ${role} }]\n`));
    expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining(says) });
  });

  test("finds nothing wrong in the examples", async () => {
    expect(await type("check", bramblePath("examples", "mini-84.yaml"))).toMatchObject({ code: 0 });
  });
});

const SMALL = `schema: bramble/v1
cluster: { name: shelf }
network: { cidr: 10.9.0.0/24, head: 10.9.0.2, addresses: 10.9.0.<20+board> }
models:
  pi: { kind: board, cpu: { cores: 4, mhz: 1500 }, memory_mb: 4096, watts: { max: 6, idle: 2, inrush: 9 }, netboot: none }
  shelf5: { kind: bank, slots: 5, height_u: 1 }
limits:
  supply: { amps: 10, volts: 230 }
  load_max: 0.8
  profiles: [{ id: all-on, boards: all }]
  wave: { boards: 5, accept: 5, retries: 2, settle_s: 60 }
  stagger: { outlets_s: 2, watts_per_s: 50 }
  thermal_c: { warn: 70, alarm: 80, cut: 85, sustain_s: 60 }
racks: [{ id: r1 }]
switches: []
banks: [{ id: k1, model: shelf5, rack: r1 }]
boards: { model: pi }
`;
