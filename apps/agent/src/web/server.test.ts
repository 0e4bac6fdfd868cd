import { connect } from "node:net";
import { fakeClock, silentLog } from "@bramble/core/base";
import { expect, test } from "vitest";
import type { AgentFacts } from "../agent.ts";
import { fakeHardware, sampleAt } from "../fake-parts.ts";
import { startWeb } from "./server.ts";

const facts: AgentFacts = {
  state: "linked",
  name: "b0001",
  samples: { taken: 7, waiting: 1, bytes: 100, dropped: 0 },
  work: { running: 0, unconfirmed: 0 },
  latest: { ...sampleAt(1_793_000_000_000), temperatureC: null },
};

test("health, info and metrics are told", async () => {
  await using web = await start();
  const at = (path: string) => fetch(`http://127.0.0.1:${web.port}${path}`);
  expect(await (await at("/healthz")).json()).toEqual({ status: "ok", link: "linked" });
  expect(await (await at("/info?x=1")).json()).toMatchObject({
    mac: "b8:27:eb:00:00:01",
    name: "b0001",
    agent: "0.1.0",
    latest: { cpu: 5 },
  });
  const metrics = await (await at("/metrics")).text();
  expect(metrics).toContain("\nbramble_board_cpu_percent 5\n");
  expect(metrics).toContain("\nbramble_agent_samples_total 7\n");
  expect(metrics).not.toContain("temperature");
  for (const line of metrics.trim().split("\n"))
    expect(line).toMatch(/^(# (HELP|TYPE) bramble_\w+ .+|bramble_\w+ [\d.e+-]+)$/);
});

test.each([
  ["another path", "GET /../etc/passwd HTTP/1.1\r\nhost: x\r\n\r\n", 404],
  ["a write", "POST /info HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\nhello", 405],
  ["a body that never ends", "PUT /info HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello", 405],
  ["no HTTP", "\u0016\u0003\u0001 hello\r\n\r\n", 400],
  ["headers larger than allowed", `GET / HTTP/1.1\r\nhost: x\r\nx: ${"y".repeat(20_000)}\r\n\r\n`, 400],
  ["two lengths", "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n", 400],
  ["an upgrade", "GET /link HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n", 404],
])("%s is answered and does no harm", async (_what, text, status) => {
  await using web = await start();
  expect(await raw(web.port, text)).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  expect((await fetch(`http://127.0.0.1:${web.port}/healthz`)).status).toBe(200);
});

test("more connections than allowed are dropped, and the service goes on when they leave", async () => {
  await using web = await start();
  const sockets = Array.from({ length: 40 }, () => connect(web.port, "127.0.0.1"));
  for (const socket of sockets) socket.on("error", () => {});
  const dropped = await Promise.race(
    sockets.map((socket) => new Promise<string>((done) => socket.on("close", () => done("dropped")))),
  );
  expect(dropped).toBe("dropped");
  await Promise.all(
    sockets.map((socket) => (socket.destroyed ? null : new Promise((done) => socket.on("close", done).destroy()))),
  );
  let status = 0;
  while (status !== 200)
    status = await fetch(`http://127.0.0.1:${web.port}/healthz`).then(
      (r) => r.status,
      () => 0,
    );
});

test("a taken port is refused", async () => {
  await using web = await start();
  await expect(start(web.port)).rejects.toMatchObject({ code: "EADDRINUSE" });
});

function start(port = 0) {
  const { identity } = fakeHardware(fakeClock());
  return startWeb({ host: "127.0.0.1", port, facts: () => facts, identity, version: "0.1.0", log: silentLog });
}

/** What comes back for these octets, up to the end of the headers. */
function raw(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = "";
    const socket = connect(port, "127.0.0.1", () => socket.write(text, "latin1"));
    socket.setEncoding("latin1");
    socket.on("error", reject);
    socket.on("close", () => resolve(answer));
    socket.on("data", (piece) => {
      answer += piece;
      if (answer.includes("\r\n\r\n")) socket.destroy();
    });
  });
}
