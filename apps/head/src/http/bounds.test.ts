import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { connect, type Socket } from "node:net";
import Fastify, { type FastifyInstance } from "fastify";
import { afterAll, beforeAll, expect, test } from "vitest";
import { installBounds } from "./bounds.ts";
import { httpLimits } from "./limits.ts";

/** A small server with small bounds: what strangers do to the whole head is in test/strangers. */
let app: FastifyInstance;
let port: number;
let release: () => void;
const held = new Promise<void>((resolve) => {
  release = resolve;
});
const opened: Socket[] = [];

beforeAll(async () => {
  app = Fastify();
  installBounds(app, { ...httpLimits, underWay: 4, bodiesOctets: 10_000, answersOctets: 200_000 });
  app.post("/body", async () => ({ taken: true }));
  app.get("/held", async () => {
    await held;
    return "at last";
  });
  app.get("/large", async () => "x".repeat(100_000));
  await app.listen({ port: 0, host: "127.0.0.1" });
  port = (app.server.address() as AddressInfo).port;
});
afterAll(async () => {
  release();
  for (const socket of opened) socket.destroy();
  await app.close();
});

function open(): { socket: Socket; heard: () => string; ended: Promise<unknown> } {
  const socket = connect(port, "127.0.0.1").on("error", () => {});
  opened.push(socket);
  let text = "";
  socket.on("data", (chunk) => {
    text += String(chunk);
  });
  return { socket, heard: () => text, ended: once(socket, "close") };
}

test("a connection with too many requests under way is cut, and others are not", async () => {
  const greedy = open();
  greedy.socket.write("GET /held HTTP/1.1\r\nhost: a\r\n\r\n".repeat(6));
  await greedy.ended;
  expect(greedy.heard()).toBe("");
  expect((await fetch(`http://127.0.0.1:${port}/large`)).status).toBe(200);
});

test("when all bodies together are too much, the one that began first is refused and the last is taken", async () => {
  const begin = "POST /body HTTP/1.1\r\nhost: a\r\ncontent-type: text/plain\r\ncontent-length: 9000\r\n\r\n";
  const first = open();
  first.socket.write(begin + "x".repeat(6000));
  await expect.poll(() => first.socket.bytesWritten).toBeGreaterThan(6000);
  const second = open();
  second.socket.write(begin + "x".repeat(6000));
  await first.ended;
  expect(first.heard()).toMatch(/^HTTP\/1\.1 503 .*limit\.queue/s);
  second.socket.write("x".repeat(3000));
  await expect.poll(second.heard).toMatch(/^HTTP\/1\.1 200 .*taken/s);
});

test("large answers come one after another, all of them", async () => {
  const answers = await Promise.all(Array.from({ length: 6 }, () => fetch(`http://127.0.0.1:${port}/large`)));
  for (const answer of answers) {
    if (answer.status === 200) expect((await answer.text()).length).toBe(100_000);
    else expect(await answer.text()).toContain("more answers wait");
  }
  expect(answers.some(({ status }) => status === 200)).toBe(true);
  expect((await fetch(`http://127.0.0.1:${port}/large`)).status).toBe(200);
});
