import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type ApplyRolesAnswer,
  type RoleAnswer,
  type RoleStatesAnswer,
  type RolesAnswer,
  readHeadMessage,
} from "@bramble/core/api";
import { clockFrom, seededRandom, silentLog } from "@bramble/core/base";
import { decodeRole } from "@bramble/core/work";
import { afterEach, beforeEach, expect, test } from "vitest";
import { WebSocket } from "ws";
import { loadCluster } from "../cluster-file.ts";
import { fakeConfig } from "../fake-config.ts";
import { startHead } from "../head.ts";
import { helloOf } from "../observe/rig.ts";

const clock = clockFrom({
  now: Date.now,
  monotonic: () => performance.now(),
  setTimeout,
  clearTimeout: (handle) => clearTimeout(handle as NodeJS.Timeout),
});
const parts = { clock, random: seededRandom("roles"), log: silentLog };
const example = readFileSync(join(import.meta.dirname, "../../../../examples/mini-84.yaml"), "utf8").replace(
  /\nroles:\n(?:[ #].*\n)+/,
  "\n",
);
const roles = `
roles:
  - id: worker
    for: "@k01"
    text: counts
    env: { LANES: 4 }
    files:
      - { path: /opt/bramble/worker/start.sh, from: roles/start.sh, mode: "0755" }
    units:
      - { name: worker.service, text: "[Service]\\nExecStart=/opt/bramble/worker/start.sh\\n" }
    start: { run: [/opt/bramble/worker/start.sh, --once] }
  - { id: quiet }
`;

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bramble-roles-"));
  file = join(folder, "cluster.yaml");
  mkdirSync(join(folder, "roles"));
  writeFileSync(join(folder, "roles", "start.sh"), "#!/bin/sh\n");
  writeFileSync(file, example + roles);
});
afterEach(() => rmSync(folder, { recursive: true }));

test("roles are listed, shown, given to boards, applied, and fetched by their checksum", async () => {
  using config = fakeConfig(["--cluster", file]);
  let id: string;
  {
    await using head = await startHead(config, parts);
    const { roles } = await get<RolesAnswer>(head.url, "/roles");
    expect(roles).toMatchObject([
      {
        id: "worker",
        text: "counts",
        for: "@k01",
        boards: 21,
        applied: 0,
        files: 1,
        units: 1,
        start: true,
        root: false,
      },
      { id: "quiet", boards: 0, bytes: expect.any(Number) },
    ]);
    const { checksum } = roles[0]!;
    expect(await get<RoleAnswer>(head.url, "/roles/worker")).toMatchObject({
      env: [["LANES", "4"]],
      files: [{ path: "/opt/bramble/worker/start.sh", mode: "0755", bytes: 10 }],
      units: [{ name: "worker.service", enable: true }],
      start: { run: ["/opt/bramble/worker/start.sh", "--once"], as: null, timeoutMs: 60_000 },
    });

    const path = `/api/v1/roles/worker/bundle/${checksum}`;
    const bundle = await fetch(head.url + path);
    const bytes = new Uint8Array(await bundle.arrayBuffer());
    expect(createHash("sha256").update(bytes).digest("hex")).toBe(checksum);
    expect(decodeRole(bytes).id).toBe("worker");
    const etag = bundle.headers.get("etag")!;
    expect((await fetch(head.url + path, { headers: { "if-none-match": etag } })).status).toBe(304);
    expect((await fetch(`${head.url}/api/v1/roles/worker/bundle/${"0".repeat(64)}`)).status).toBe(404);
    expect((await fetch(`${head.url}/api/v1/roles/..%2f/bundle/${checksum}`)).status).toBe(404);

    const board = await dial(head.url);
    expect(await board.next("welcome")).toMatchObject({ role: { id: "worker", checksum, bytes: bytes.length } });
    const want = { id: "worker", checksum };
    board.say({ type: "role-state", state: "wanted", want, good: null, step: null, error: null });
    expect(await board.next("role")).toEqual({ type: "role", role: { ...want, bytes: bytes.length } });
    board.say({ type: "role-state", state: "applied", want, good: want, step: null, error: null });
    await until(async () => (await states(head.url, "@k01")).counts.applied === 1);
    const first = (await states(head.url, "@k01")).boards[0]!;
    expect(first).toMatchObject({ board: "b01", state: "applied", wanted: want, inForce: want, error: null });
    expect(await (await fetch(`${head.url}/metrics`)).text()).toContain('bramble_roles{state="applied"} 1');

    expect(await put(head.url, { set: "b01", role: "quiet" })).toMatchObject({ status: 200, body: { boards: 1 } });
    writeFileSync(join(folder, "roles", "start.sh"), "#!/bin/sh\nexit 0\n");
    const applied = await post<ApplyRolesAnswer>(head.url, { set: "@k01" });
    expect(applied).toMatchObject({ status: 202, body: { boards: 21, asked: 1, current: 0, unlinked: 20 } });
    id = (await board.next("role", 1)).role!.id;
    expect(id).toBe("quiet");
    expect((await get<RolesAnswer>(head.url, "/roles")).roles[0]!.checksum).not.toBe(checksum);
    // A board that was about to fetch the bundle of before is not sent away.
    expect((await fetch(head.url + path)).status).toBe(200);
    board.close();
  }
  await using again = await startHead(config, parts);
  expect((await states(again.url, "b01")).boards).toMatchObject([{ wanted: { id: "quiet" }, state: "waiting" }]);
});

test("what is wrong is told: the role, the set, the file", async () => {
  using config = fakeConfig(["--cluster", file]);
  await using head = await startHead(config, parts);
  expect(await put(head.url, { set: "@k01", role: "wroker" })).toMatchObject({
    status: 404,
    body: { error: { code: "role.unknown", message: 'there is no role "wroker"; did you mean "worker"?' } },
  });
  expect(await put(head.url, { set: "@k99", role: null })).toMatchObject({ status: 400 });
  expect(await put(head.url, { set: "@k01", role: "x".repeat(100) })).toMatchObject({ status: 400 });
  expect((await fetch(`${head.url}/api/v1/roles/nothing`)).status).toBe(404);
  writeFileSync(file, `${example + roles}  - { id: worker }\n`);
  expect(await post(head.url, {})).toMatchObject({
    status: 409,
    body: {
      error: { code: "role.file", message: expect.stringMatching(/cluster\.yaml:\d+:\d+: "worker" is already/) },
    },
  });
  expect((await get<RolesAnswer>(head.url, "/roles")).roles).toHaveLength(2);
});

test("a board's token fetches bundles and gives no roles", async () => {
  const [operator, board] = ["operator", "board"].map((who) => {
    writeFileSync(join(folder, who), `${who}-secret`);
    return { authorization: `Bearer ${who}-secret` };
  });
  using config = fakeConfig([
    ...["--cluster", file, "--token-file", join(folder, "operator"), "--board-token-file", join(folder, "board")],
  ]);
  await using head = await startHead(config, parts);
  const { roles } = (await (await fetch(`${head.url}/api/v1/roles`, { headers: operator! })).json()) as RolesAnswer;
  const path = `${head.url}/api/v1/roles/worker/bundle/${roles[0]!.checksum}`;
  expect((await fetch(path)).status).toBe(401);
  expect((await fetch(path, { headers: board! })).status).toBe(200);
  expect((await fetch(`${head.url}/api/v1/roles`, { headers: board! })).status).toBe(403);
  const wrong = { method: "POST", headers: { ...board!, "content-type": "application/json" }, body: "{}" };
  expect((await fetch(`${head.url}/api/v1/roles/apply`, wrong)).status).toBe(403);
});

test("a file of a role that is missing, too large, a folder, or led out by a link is told with its line", () => {
  const line = (example + roles).split("\n").findIndex((each) => each.includes("from: roles")) + 1;
  const load = () => loadCluster(file, {}, silentLog);
  const path = join(folder, "roles", "start.sh");
  rmSync(path);
  expect(load).toThrow(
    new RegExp(`cluster\\.yaml:${line}:\\d+: roles/start\\.sh cannot be read: there is no such file`),
  );
  symlinkSync("/etc/passwd", path);
  expect(load).toThrow("it leads out of the folder");
  rmSync(path);
  mkdirSync(path);
  expect(load).toThrow("it is no file");
  rmSync(path, { recursive: true });
  writeFileSync(path, new Uint8Array(2 ** 20 + 1));
  expect(load).toThrow("has 1048577 octets");
});

async function dial(url: string) {
  const socket = new WebSocket(`${url.replace("http", "ws")}/api/v1/link`);
  const heard: NonNullable<ReturnType<typeof readHeadMessage>>[] = [];
  socket.on("message", (data) => heard.push(readHeadMessage(String(data))!));
  await new Promise((resolve) => socket.once("open", resolve));
  const say = (message: unknown): void => socket.send(JSON.stringify(message));
  say(helloOf("b8:27:eb:00:00:01" as never, { address: "10.84.2.1" }));
  return {
    say,
    close: () => socket.close(),
    async next<T extends "welcome" | "role">(type: T, at = 0) {
      const found = () => heard.filter((message) => message.type === type)[at];
      await until(async () => found() !== undefined);
      return found() as Extract<ReturnType<typeof readHeadMessage>, { type: T }>;
    },
  };
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let turn = 0; turn < 1000; turn++) {
    if (await holds()) return;
    await clock.sleep(10);
  }
  throw new Error("it did not come about within ten seconds");
}

async function get<T>(url: string, path: string): Promise<T> {
  return (await (await fetch(`${url}/api/v1${path}`)).json()) as T;
}

function states(url: string, set: string): Promise<RoleStatesAnswer> {
  return get(url, `/roles/state?set=${encodeURIComponent(set)}`);
}

async function send<T>(method: string, url: string, body: unknown): Promise<{ status: number; body: T }> {
  const headers = { "content-type": "application/json" };
  const response = await fetch(url, { method, headers, body: JSON.stringify(body) });
  return { status: response.status, body: (await response.json()) as T };
}

const put = (url: string, body: unknown) => send("PUT", `${url}/api/v1/roles/assignments`, body);
const post = <T>(url: string, body: unknown) => send<T>("POST", `${url}/api/v1/roles/apply`, body);
