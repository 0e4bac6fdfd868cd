import { once } from "node:events";
import { type AddressInfo, createServer, Socket } from "node:net";
import { clockFrom, fakeClock } from "@bramble/core/base";
import { expect, test } from "vitest";
import { occupancyByKnock } from "./knock.ts";

const clock = clockFrom({
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimeout: (run, ms) => setTimeout(run, ms),
  clearTimeout: (handle) => clearTimeout(handle as NodeJS.Timeout),
});

test("who takes a connection lives there, and so does who refuses one", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const ask = occupancyByKnock({ clock, ports: [port] });
  expect(await ask("127.0.0.1")).toBe(true);
  server.close();
  await once(server, "close");
  expect(await ask("127.0.0.1")).toBe(true);
});

test("who says nothing does not live there", async () => {
  const time = fakeClock();
  const answer = occupancyByKnock({ clock: time, ports: [22], connect: () => new Socket() })("192.0.2.1");
  await time.advance(2500);
  expect(await answer).toBe(false);
  expect(time.pending()).toBe(0);
});

test.each([
  ["EHOSTUNREACH", false, "the router asked for it in vain"],
  ["ETIMEDOUT", false, "nothing came back"],
  ["ENETUNREACH", true, "nobody knows a way there, so nothing is known"],
  ["EMFILE", true, "this machine has no socket left"],
])("%s counts as taken: %s (%s)", async (code, isTaken) => {
  const socket = new Socket();
  const answer = occupancyByKnock({ clock: fakeClock(), ports: [22], connect: () => socket })("192.0.2.1");
  socket.destroy(Object.assign(new Error(code), { code }));
  expect(await answer).toBe(isTaken);
});
