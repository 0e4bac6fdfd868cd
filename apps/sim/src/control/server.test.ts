import { request } from "node:http";
import { connect } from "node:net";
import type { SimCommand, SimStatus } from "@bramble/core/api";
import { ClusterError, silentLog } from "@bramble/core/base";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type Control, openControl } from "./server.ts";

let control: Control;
let commands: SimCommand[] = [];
const status = { cluster: "box", boards: 3 } as SimStatus;

beforeAll(async () => {
  control = await openControl({
    port: 0,
    log: silentLog,
    controlled: {
      status: () => status,
      command(command) {
        commands.push(command);
        if ("set" in command && command.set === "b9") throw new ClusterError("input.node-set", 'no board "b9"');
        if ("set" in command && command.set === "bug") throw new TypeError("a secret of ours");
        return { boards: 1, names: ["b1"], message: "b1: silent" };
      },
    },
  });
});
beforeEach(() => {
  commands = [];
});
afterAll(() => control[Symbol.asyncDispose]());

type Answer = { status: number; body: { error?: { code: string; message: string } } };

function ask(
  path: string,
  init: { method?: string; body?: string; headers?: Record<string, string> } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { method = "POST", body = "", headers = { "content-type": "application/json" } } = init;
    const sent = request({ host: "127.0.0.1", port: control.port, path, method, headers, agent: false }, (response) => {
      let text = "";
      response.on("data", (chunk) => {
        text += chunk;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) }));
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

test("a command is obeyed and the status is told", async () => {
  expect(await ask("/command", { body: '{"verb":"kill","set":"b1"}' })).toMatchObject({
    status: 200,
    body: { boards: 1 },
  });
  expect(commands).toEqual([{ verb: "kill", set: "b1" }]);
  expect(await ask("/status", { method: "GET" })).toEqual({ status: 200, body: status });
});

const kill = '{"verb":"kill","set":"b1"}';
const json = { "content-type": "application/json" };

test.each([
  ["no JSON", "/command", { body: "{" }, 400, "input.invalid"],
  ["a mistyped verb", "/command", { body: '{"verb":"kil","set":"b1"}' }, 400, "input.invalid"],
  ["a board that is none", "/command", { body: '{"verb":"kill","set":"b9"}' }, 400, "input.node-set"],
  ["a body too large", "/command", { body: `"${"x".repeat(20_000)}"` }, 413, "input.too-large"],
  [
    "a form of a web page",
    "/command",
    { body: kill, headers: { "content-type": "text/plain" } },
    415,
    "input.media-type",
  ],
  [
    "a page of elsewhere",
    "/command",
    { body: kill, headers: { ...json, origin: "http://evil.example" } },
    403,
    "auth.forbidden",
  ],
  [
    "a rebound name",
    "/command",
    { body: kill, headers: { ...json, host: "evil.example:8883" } },
    403,
    "auth.forbidden",
  ],
  ["another path", "/boards", { method: "GET" }, 404, "not-found"],
  ["a command by GET", "/command", { method: "GET" }, 404, "not-found"],
])("%s is refused", async (_, path, init, status, code) => {
  const answer = await ask(path, init);
  expect(answer.status).toBe(status);
  expect(answer.body.error?.code).toBe(code);
});

test("a fault of ours is said without its details", async () => {
  const answer = await ask("/command", { body: '{"verb":"kill","set":"bug"}' });
  expect(answer).toMatchObject({ status: 500, body: { error: { code: "internal", message: "something broke" } } });
});

test("a busy port is one sentence that names the flag", async () => {
  const again = openControl({
    port: control.port,
    log: silentLog,
    controlled: { status: () => status, command: () => null as never },
  });
  await expect(again).rejects.toThrow(/port \d+ is busy.*--control/);
});

test("bytes that are no HTTP break nothing", async () => {
  await new Promise<void>((resolve) => {
    const socket = connect(control.port, "127.0.0.1", () => socket.write("\0\xff kill everything\r\n\r\n"));
    socket.on("close", () => resolve());
    socket.on("error", () => {});
    socket.resume();
  });
  expect((await ask("/status", { method: "GET" })).status).toBe(200);
});
