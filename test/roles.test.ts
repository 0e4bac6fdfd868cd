import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RoleStatesAnswer } from "@bramble/core/api";
import { type Clock, clockFrom, mac, seededRandom, silentLog } from "@bramble/core/base";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Agent, startAgent } from "../apps/agent/src/agent.ts";
import { sampleAt } from "../apps/agent/src/fake-parts.ts";
import { diskApplier } from "../apps/agent/src/roles/disk-applier.ts";
import { roleFiles } from "../apps/agent/src/roles/role-files.ts";
import { roleKeeping } from "../apps/agent/src/roles/role-keeping.ts";
import { processRunner } from "../apps/agent/src/roles/run-program.ts";
import { fakeConfig } from "../apps/head/src/fake-config.ts";
import { startHead } from "../apps/head/src/head.ts";
import { repository } from "./support/demo-process.ts";

/** Roles from end to end: the real head, the real agent on a board whose root is a folder, real programs, a real wire. */

const clock: Clock = clockFrom({
  now: Date.now,
  monotonic: () => performance.now(),
  setTimeout: (run, ms) => setTimeout(run, ms),
  clearTimeout: (handle) => clearTimeout(handle as NodeJS.Timeout),
});
const example = readFileSync(join(repository, "examples/desk-5.yaml"), "utf8");
const good = (lanes: number) => `
roles:
  - id: worker
    for: b1
    env: { LANES: ${lanes} }
    files: [{ path: /opt/bramble/worker/start.sh, from: start.sh, mode: "0755" }]
    start: { run: [START], timeout_s: 20 }
`;

let site: string;
let board: string;
let file: string;
beforeEach(() => {
  site = mkdtempSync(join(tmpdir(), "bramble-site-"));
  board = mkdtempSync(join(tmpdir(), "bramble-board-"));
  file = join(site, "cluster.yaml");
  writeRole(good(4), 'echo "$LANES lanes" >> "$BOARD/said"');
});
afterEach(() => {
  for (const folder of [site, board]) rmSync(folder, { recursive: true, force: true });
});

/** A start is named by its path on the board, whose root is a folder here: so `sh` runs it from there. */
function writeRole(roles: string, script: string): void {
  const path = join(board, "opt/bramble/worker/start.sh");
  writeFileSync(
    file,
    example + roles.replace("START", `/bin/sh, ${path}`).replace("env: {", `env: { BOARD: ${board},`),
  );
  writeFileSync(join(site, "start.sh"), `#!/bin/sh\n${script}\n`);
}

function startBoard(url: string, bootId: string): Agent {
  const applier = () =>
    diskApplier({
      files: roleFiles(board),
      state: "/run/bramble",
      ...{ allowsRoot: false, isRoot: false, bootId, run: processRunner(clock), log: silentLog },
    });
  const identity = {
    ...{ mac: mac("b8:27:eb:00:00:01"), serial: null, model: "test", address: "192.168.77.21", cores: 4 },
    ...{ memoryMb: 900, bootId, isSimulated: true },
  };
  return startAgent(
    {
      hardware: { identity: async () => identity, read: async () => sampleAt(clock.now()) },
      runner: { slots: 1, run: () => new Promise<never>(() => {}), [Symbol.asyncDispose]: async () => {} },
      findHead: async () => ({ url }),
      ...{ clock, random: seededRandom("roles"), log: silentLog, version: "1", roles: roleKeeping(applier) },
    },
    new AbortController().signal,
  );
}

const said = (): string => (existsSync(join(board, "said")) ? readFileSync(join(board, "said"), "utf8") : "");
const script = (): string => join(board, "opt/bramble/worker/start.sh");

test("a role comes to a board, changes, fails and is kept, outlives the head, and goes", async () => {
  const parts = { clock, random: seededRandom("head"), log: silentLog };
  using config = fakeConfig(["--cluster", file]);
  let agent: Agent;
  let url: string;
  {
    await using head = await startHead(config, parts);
    ({ url } = head);
    agent = startBoard(url, "first");
    await state(url, "applied");
    expect(said()).toBe("4 lanes\n");
    expect(statSync(script()).mode & 0o777).toBe(0o755);

    writeRole(good(8), 'echo "$LANES lanes" >> "$BOARD/said"');
    expect(await call(url, "/roles/apply", {})).toMatchObject({ asked: 1, current: 4 });
    await until(async () => said() === "4 lanes\n8 lanes\n");
    const kept = (await state(url, "applied")).inForce;

    writeRole(good(16), 'echo "no lanes left" >&2; exit 3');
    await call(url, "/roles/apply", {});
    const failed = await state(url, "kept");
    expect(failed).toMatchObject({ inForce: kept, error: "start: exit code 3: no lanes left" });
    expect(readFileSync(script(), "utf8")).toContain('"$LANES lanes"');
  }
  // No head: what is in force stays, and a board that starts anew applies its last good role by itself.
  expect(readFileSync(script(), "utf8")).toContain('"$LANES lanes"');
  await agent.stop("restart");
  rmSync(join(board, "opt"), { recursive: true });
  agent = startBoard(url, "second");
  await until(async () => said() === "4 lanes\n8 lanes\n8 lanes\n");
  await agent.stop("restart");

  // The head is back with a good role; the agent starts again in the same life of the board.
  writeRole(good(32), 'echo "$LANES lanes" >> "$BOARD/said"');
  await using head = await startHead(config, parts);
  agent = startBoard(head.url, "second");
  await state(head.url, "applied");
  expect(said()).toBe("4 lanes\n8 lanes\n8 lanes\n32 lanes\n");
  await agent.stop("restart");
  agent = startBoard(head.url, "second");
  await state(head.url, "applied");
  expect(said().split("\n")).toHaveLength(5);

  await call(head.url, "/roles/assignments", { set: "b1", role: "none" }, "PUT");
  await call(head.url, "/roles/apply", {});
  await until(async () => !existsSync(script()));
  await state(head.url, "none");
  expect(existsSync(join(board, "opt/bramble/worker"))).toBe(false);
  await agent.stop("test");
}, 60_000);

test("a start that hangs is ended, and the role of before stays", async () => {
  using config = fakeConfig(["--cluster", file]);
  await using head = await startHead(config, { clock, random: seededRandom("head"), log: silentLog });
  const agent = startBoard(head.url, "first");
  await state(head.url, "applied");
  writeRole(good(8).replace("timeout_s: 20", "timeout_s: 1"), "sleep 1000 & yes; wait");
  await call(head.url, "/roles/apply", {});
  expect((await state(head.url, "kept")).error).toMatch(/^start: ended after 1 s without an end: (y )+y?/);
  expect(readFileSync(script(), "utf8")).toContain('"$LANES lanes"');
  await agent.stop("test");
}, 60_000);

async function call(url: string, path: string, body: unknown, method = "POST"): Promise<unknown> {
  const headers = { "content-type": "application/json" };
  return await (await fetch(`${url}/api/v1${path}`, { method, headers, body: JSON.stringify(body) })).json();
}

/** Until b1 stands so. */
async function state(url: string, wanted: string): Promise<RoleStatesAnswer["boards"][number]> {
  let found: RoleStatesAnswer["boards"][number] | undefined;
  await until(async () => {
    const answer = (await (await fetch(`${url}/api/v1/roles/state?set=b1`)).json()) as RoleStatesAnswer;
    found = answer.boards[0];
    const isSo = found?.wanted === null || wanted !== "applied" || found?.wanted.checksum === found?.inForce?.checksum;
    return found?.state === wanted && isSo;
  });
  return found!;
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let turn = 0; turn < 1500; turn++) {
    if (await holds()) return;
    await clock.sleep(20);
  }
  throw new Error(`it did not come about within thirty seconds; the board said: ${said()}`);
}
