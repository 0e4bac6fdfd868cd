import { type ChildProcess, execFile, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ClusterAnswer, PowerAnswer, PowerTraceAnswer } from "@bramble/core/api";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { repository } from "../support/demo-process.ts";

/*
 * Clients that know nothing of us switch 84 simulated boards through our head: Debian's powerman, curl, DMTF's redfishtool,
 * OpenStack's sushy. Those that this machine lacks are skipped, with their names.
 */
const token = "e2e-operator-token";
const children: ChildProcess[] = [];
const data = mkdtempSync(join(tmpdir(), "bramble-doors-"));
let url = "";
let door = "";

beforeAll(async () => {
  const [powerman, pdus, control] = [await freePort(), await freePort(), await freePort()];
  door = `127.0.0.1:${powerman}`;
  writeFileSync(join(data, "token"), token, { mode: 0o600 });
  const cluster = ["--cluster", "examples/mini-84.yaml", "--speed", "100", "--pdu-port", String(pdus)];
  const boot = ["--boot", "simulated", "--dhcp-port", "0", "--tftp-port", "0", "--boot-http-port", "0"];
  const flags = ["--port", "0", "--power", "simulated", "--beacon", "off", "--data", join(data, "head")];
  const guard = ["--powerman", door, "--token-file", join(data, "token")];
  url = await start(["head", ...cluster, ...boot, ...flags, ...guard], /^ready (http:\S+)$/m);
  await start(
    ["sim", ...cluster, "--head", url, "--token-file", join(data, "token"), "--control", String(control)],
    /^(ready) /m,
  );
  await until(async () => (await ask<PowerAnswer>("/power")).pdus.every(({ error }) => error === null));
});

afterAll(async () => {
  for (const child of children.reverse()) {
    if (child.exitCode !== null) continue;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGTERM");
    await ended;
  }
  rmSync(data, { recursive: true, force: true });
});

const powerman = (...args: string[]) => run("powerman", ["-h", door, ...args]);

// Skipped, under its name, where the client is not installed.
describe.skipIf(!existsSync("/usr/bin/powerman"))("powerman (apt install powerman)", () => {
  test("-l lists, -1 switches a range on and ends when it is up, -q agrees", async () => {
    expect((await powerman("-l")).out).toBe("b[01-84]\n");
    const on = await powerman("-T", "-1", "b[01-42]");
    expect(on).toMatchObject({ code: 0, err: "" });
    expect(on.out).toMatch(/\d+ of \d+ steps: .*\nCommand completed successfully\n$/s);
    expect((await powerman("-q")).out).toBe("on:      b[01-42]\noff:     b[43-84]\nunknown: \n");
    expect((await clusterNow()).states.up).toBeGreaterThanOrEqual(40);
  });

  test("-0 of one board of 42 is refused with the others' names, and nothing moves", async () => {
    const before = (await trace()).length;
    const refused = await powerman("-0", "b01");
    expect(refused.code).toBe(210);
    expect(refused.out).toContain("b[02-42]");
    expect(refused.out + refused.err).toContain("instead: ");
    expect(await trace()).toHaveLength(before);
  });

  test("-c cycles a whole group: off and on once, and all are up again", async () => {
    const before = (await trace()).length;
    expect((await powerman("-c", "b[01-42]")).code).toBe(0);
    const moves = (await trace()).slice(before).map(({ outlet, on }) => `${outlet} ${on ? "on" : "off"}`);
    expect(moves).toEqual(["p1.2 off", "p1.2 on"]);
    await until(async () => ((await clusterNow()).states.up ?? 0) >= 40);
  });

  test("-P tells temperatures of boards that are up, -x each board in its line, -0 of the whole group is done", async () => {
    expect((await powerman("-P", "b01")).out).toMatch(/^b01: (\d+\.\d|unknown)\n/);
    expect((await powerman("-x", "-q", "b[42-43]")).out).toBe("b42: on\nb43: off\n");
    expect((await powerman("-0", "b[01-42]")).code).toBe(0);
    expect((await powerman("-q", "b01")).out).toContain("off:     b01\n");
    expect((await powerman("-1", "b99")).code).toBeGreaterThan(200);
  });
});

describe("curl speaks Redfish", () => {
  const curl = async (path: string, ...more: string[]) => {
    const { out } = await run("curl", [
      "-s",
      "-w",
      "\n%{http_code}",
      "-u",
      `bramble:${token}`,
      ...more,
      `${url}${path}`,
    ]);
    const at = out.lastIndexOf("\n");
    return { status: Number(out.slice(at + 1)), body: at > 0 ? JSON.parse(out.slice(0, at)) : null };
  };
  const reset = (board: string, kind: string) => {
    const json = ["-H", "content-type: application/json", "-d", JSON.stringify({ ResetType: kind })];
    return curl(`/redfish/v1/Systems/${board}/Actions/ComputerSystem.Reset`, ...json);
  };

  test("without the password nothing is told", async () => {
    expect((await curl("/redfish/v1/Systems", "-u", "bramble:wrong-token")).status).toBe(401);
  });

  test("On of one board brings it up as a task, whose monitor says when; ForceOff is refused with the neighbours", async () => {
    const on = await reset("b50", "On");
    expect(on.status).toBe(202);
    await until(async () => (await curl(on.body.TaskMonitor.replace(url, ""))).status === 200);
    expect((await curl("/redfish/v1/Systems/b50")).body).toMatchObject({ PowerState: "On" });
    const off = await reset("b50", "ForceOff");
    expect(off.status).toBe(409);
    expect(JSON.stringify(off.body)).toContain("b[43-49,51-84]");
    expect((await reset("b50", "PushPowerButton")).status).toBe(400);
  });

  test("GracefulRestart starts one board anew by its agent: no outlet moves, no neighbour goes down", async () => {
    await until(async () => (await clusterNow()).states.up === 42);
    const before = (await trace()).length;
    expect((await reset("b50", "GracefulRestart")).status).toBe(204);
    await until(async () => ((await clusterNow()).states.up ?? 0) < 42);
    await until(async () => (await clusterNow()).states.up === 42);
    expect(await trace()).toHaveLength(before);
  });

  test("the outlet is switched with its whole group", async () => {
    const at = "/redfish/v1/PowerEquipment/RackPDUs/p1/Outlets/3";
    const control = ["-H", "content-type: application/json", "-d", '{"PowerState":"Off"}'];
    expect((await curl(`${at}/Actions/Outlet.PowerControl`, ...control)).status).toBe(202);
    await until(async () => (await curl(at)).body.PowerState === "Off");
  });

  test("MAAS's webhook sees the same", async () => {
    expect((await curl("/maas/b50/on", "-X", "POST")).status).toBe(202);
    await until(async () => (await curl("/maas/b50/power")).body.status === "running");
    expect((await curl("/maas/b50/off", "-X", "POST")).status).toBe(409);
  });
});

const hasTool = existsSync("/usr/bin/redfishtool");
// Skipped, under its name, where the client is not installed.
test.skipIf(!hasTool)("DMTF's redfishtool (apt install redfishtool) reads and resets a board", async () => {
  const tool = (...args: string[]) =>
    run("redfishtool", [
      "-r",
      url.replace("http://", ""),
      "-S",
      "Never",
      "-A",
      "Basic",
      "-u",
      "bramble",
      "-p",
      token,
      ...args,
    ]);
  expect((await tool("Systems", "list")).out).toContain('"Members@odata.count": 84');
  expect((await tool("Systems", "-I", "b50", "get")).out).toContain('"PowerState": "On"');
  expect((await tool("Systems", "-I", "b50", "reset", "On")).code).toBe(0);
});

const hasSushy = existsSync("/usr/lib/python3/dist-packages/sushy");
// Skipped, under its name, where the client is not installed.
test.skipIf(!hasSushy)("OpenStack's sushy (apt install python3-sushy) reads and resets a board", async () => {
  const script = `
import sushy
root = sushy.Sushy("${url}/redfish/v1", auth=sushy.auth.BasicAuth("bramble", "${token}"))
board = root.get_system("/redfish/v1/Systems/b50")
board.reset_system(sushy.RESET_ON)
print(board.power_state.value, len(root.get_system_collection().members_identities))
try:
    board.reset_system(sushy.RESET_FORCE_OFF)
except sushy.exceptions.HTTPError as refused:
    print(refused.status_code, "takes" in str(refused))
`;
  const { out, err } = await run("/usr/bin/python3", ["-c", script]);
  expect(err).not.toMatch(/Traceback/);
  expect(out).toBe("On 84\n409 True\n");
});

async function start(args: readonly string[], ready: RegExp): Promise<string> {
  const child = spawn(process.execPath, ["bin/bramble.mjs", ...args], {
    cwd: repository,
    stdio: ["ignore", "pipe", "pipe"],
  });
  children.push(child);
  let said = "";
  return new Promise((resolve, reject) => {
    const listen = (text: unknown): void => {
      said += String(text);
      const found = ready.exec(said)?.[1];
      if (found !== undefined) resolve(found);
    };
    child.stdout.on("data", listen);
    child.stderr.on("data", listen);
    child.once("exit", (code) => reject(new Error(`${args[0]} ended with ${code}: ${said}`)));
  });
}

function run(command: string, args: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  return new Promise((resolve) => {
    execFile(command, [...args], { timeout: 120_000 }, (error, out, err) =>
      resolve({ code: error === null ? 0 : Number(error.code), out, err }),
    );
  });
}

async function ask<T>(path: string): Promise<T> {
  const response = await fetch(`${url}/api/v1${path}`, { headers: { authorization: `Bearer ${token}` } });
  return (await response.json()) as T;
}

const clusterNow = (): Promise<ClusterAnswer> => ask<ClusterAnswer>("/cluster");
const trace = async (): Promise<PowerTraceAnswer["trace"]> => (await ask<PowerTraceAnswer>("/power/trace")).trace;

async function until(isSo: () => Promise<boolean>): Promise<void> {
  const from = performance.now();
  while (!(await isSo())) {
    if (performance.now() - from > 60_000) throw new Error(`not so after a minute: ${isSo}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
