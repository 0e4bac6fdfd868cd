import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { fakeConfig } from "./fake-config.ts";

const root = join(import.meta.dirname, "..", "..", "..");
const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

function start(args: readonly string[]) {
  const child = fork(join(import.meta.dirname, "main.ts"), [...args], {
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    execArgv: [],
    env: { PATH: process.env.PATH },
  });
  children.push(child);
  const said = { out: "", err: "" };
  child.stdout?.on("data", (data) => {
    said.out += String(data);
  });
  child.stderr?.on("data", (data) => {
    said.err += String(data);
  });
  const ended = once(child, "close").then(([code]) => ({ code: code as number, ...said }));
  return { child, ended };
}

test("it prints one ready line, tells its parent, and ends cleanly with a viewer looking", async () => {
  using config = fakeConfig();
  const flags = ["--cluster", config.clusterFile, "--port", "0", "--data", config.dataDir, "--power", "none"];
  const { child, ended } = start([...flags, "--beacon=off"]);
  const [message] = (await once(child, "message")) as [{ type: string; url: string }];
  expect(message.type).toBe("ready");
  expect((await fetch(`${message.url}/healthz`)).status).toBe(200);
  const { WebSocket } = await import("ws");
  const viewer = new WebSocket(`${message.url.replace("http", "ws")}/api/v1/live`);
  viewer.on("error", () => {});
  await once(viewer, "message");

  const second = start([...flags.map((flag) => (flag === "0" ? new URL(message.url).port : flag)), "--beacon=off"]);
  const busy = await second.ended;
  expect(busy).toMatchObject({ code: 1, out: "" });
  expect(busy.err).toMatch(/bramble head: port \d+ of 127\.0\.0\.1 is taken; give another with --port N/);

  child.kill("SIGTERM");
  expect(await ended).toMatchObject({ code: 0, out: `ready ${message.url}\n` });
});

test.each([
  ["a misspelled flag", ["--prot", "1"], "bramble head: there is no flag --prot; did you mean --port?\n"],
  ["no cluster file", [], "bramble head: --cluster FILE is needed, for example --cluster examples/police-box.yaml\n"],
  [
    "a wider bind without a token",
    ["--cluster", join(root, "examples", "mini-84.yaml"), "--listen", "0.0.0.0"],
    expect.stringMatching(/^bramble head: --listen 0\.0\.0\.0 is reachable from outside, so a token is needed.*\n$/),
  ],
  [
    "a cluster file that is not there",
    ["--cluster", "/nowhere.yaml"],
    "bramble head: there is no cluster file /nowhere.yaml\n",
  ],
])("%s ends it with 2 and one line", async (_what, args, line) => {
  expect(await start(args).ended).toEqual({ code: 2, out: "", err: line });
});
