import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeSamples, type Sample } from "@bramble/core/observe";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type WebSocket, WebSocketServer } from "ws";
import { buildAgent } from "../build.ts";
import { welcome } from "./fake-parts.ts";
import { version } from "./version.ts";

const folder = mkdtempSync(join(tmpdir(), "agent-bundle-"));
const bundle = join(folder, "bramble-agent.mjs");

beforeAll(() => buildAgent(bundle));
afterAll(() => rmSync(folder, { recursive: true }));

/** The machine's own Node, not the workspace's, when it is one that the agent is made for. */
const systemNode = findSystemNode();
const nodes = [process.execPath, ...(systemNode === null ? [] : [systemNode])];

// Debian's own Node is not on every machine; where it is, the bundle must run on it.
test.skipIf(systemNode === null)("this machine has a Node of its own, 20 or later, to try the bundle with", () => {
  expect(systemNode).not.toBeNull();
});

test.each(nodes)(
  "the bundle links, samples, runs a Warble and says goodbye, without code from strings: %s",
  async (node) => {
    await using head = await startHead();
    const agent = start(node, ["--head", head.url, "--port", "0"]);
    try {
      const hello = await head.text("hello");
      expect(hello).toMatchObject({ agent: version, simulated: false });
      head.say({ ...welcome, intervalMs: 200, heartbeatMs: 100, cpuLimit: 101 });
      const sample = await head.sample();
      expect(sample.memoryTotalMb).toBeGreaterThan(0);
      expect(sample.processes.length).toBeGreaterThan(0);
      await head.text("ready");
      const facts = { user: "web:ann", saved: {}, data: {}, seed: 1, nowMs: 0, timeoutMs: 10_000 };
      head.say({ type: "run", lease: "one", post: "#pi{PRINT(6*7)}", ...facts });
      expect(await head.text("result")).toMatchObject({ lease: "one", outcome: { out: ["42"], error: null } });
      head.say({ type: "taken", lease: "one" });
      const port = JSON.parse(
        agent
          .errors()
          .split("\n")
          .find((line) => line.includes("web service open"))!,
      ).port;
      const health = await fetch(`http://127.0.0.1:${port}/healthz`);
      expect(await health.json()).toEqual({ status: "ok", link: "linked" });
      agent.process.kill("SIGTERM");
      expect(await head.text("bye")).toEqual({ type: "bye", reason: "SIGTERM" });
      expect(await agent.ended).toBe(0);
    } finally {
      agent.process.kill("SIGKILL");
    }
  },
);

test.each(nodes)("a wrong flag is one line that names the nearest: %s", async (node) => {
  const agent = start(node, ["--haed", "http://127.0.0.1:1"]);
  expect(await agent.ended).toBe(2);
  expect(agent.errors()).toBe("bramble-agent: there is no flag --haed; did you mean --head?\n");
});

test("the bundle stays small and carries the version of the package", () => {
  expect(statSync(bundle).size).toBeLessThan(500_000);
  const { version: packaged } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  expect(version).toBe(packaged);
});

function start(node: string, args: readonly string[]) {
  const child: ChildProcess = spawn(node, ["--disallow-code-generation-from-strings", bundle, ...args], {
    stdio: ["ignore", "ignore", "pipe"],
    env: {},
  });
  let errors = "";
  child.stderr!.on("data", (data) => {
    errors += data;
  });
  const ended = once(child, "close").then(([code]) => code as number);
  return { process: child, ended, errors: () => errors };
}

/** A head that only keeps what it hears. */
async function startHead() {
  const http = createServer();
  const server = new WebSocketServer({ server: http, path: "/api/v1/link", perMessageDeflate: false });
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  const heard: Record<string, unknown>[] = [];
  const samples: Sample[] = [];
  let wake = (): void => {};
  let socket: WebSocket | null = null;
  server.on("connection", (connection) => {
    socket = connection;
    connection.on("message", (data, isBinary) => {
      if (isBinary) samples.push(...decodeSamples(data as Buffer));
      else heard.push(JSON.parse(String(data)));
      wake();
    });
  });
  const until = async <T>(find: () => T | undefined): Promise<T> => {
    for (let found = find(); ; found = find()) {
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    say: (message: unknown) => socket!.send(JSON.stringify(message)),
    text: (type: string) => until(() => heard.find((message) => message.type === type)),
    sample: () => until(() => samples[0]),
    [Symbol.asyncDispose]: async () => {
      socket?.terminate();
      server.close();
      http.close();
    },
  };
}

function findSystemNode(): string | null {
  const places = (process.env.PATH ?? "").split(":").filter((place) => !place.includes("node_modules"));
  for (const place of [...places, "/usr/bin"]) {
    const node = join(place, "node");
    if (!existsSync(node)) continue;
    const major = Number(execFileSync(node, ["-p", "process.versions.node.split('.')[0]"], { encoding: "utf8" }));
    return major >= 20 ? node : null;
  }
  return null;
}
