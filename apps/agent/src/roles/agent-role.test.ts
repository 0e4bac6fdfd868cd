import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fakeClock } from "@bramble/core/base";
import { expect, test } from "vitest";
import { begin, FakeHead, welcome } from "../fake-parts.ts";
import { fakeRole, packed } from "./fake-role.ts";
import { pretendApplier } from "./pretend-applier.ts";
import { roleKeeping } from "./role-keeping.ts";

const { bytes, ref } = packed(fakeRole());
const role = { ...ref, bytes: bytes.length };

function rig(parts: Parameters<typeof begin>[3]) {
  const clock = fakeClock();
  const head = new FakeHead();
  head.behaves = false;
  const agent = begin(clock, head, "seed", parts);
  return {
    ...{ clock, head, agent },
    told: () => head.last.texts.filter(({ type }) => type === "role-state"),
    greet: async (more: object) => {
      await clock.advance(10);
      head.last.say({ ...welcome, ...more });
      head.behaves = true;
      await clock.advance(10);
    },
  };
}

test("an agent that takes no roles says so, and nothing to a head that asks for none", async () => {
  const { greet, told, head, agent } = rig({});
  await greet({});
  expect(told()).toEqual([]);
  head.last.say({ type: "role", role });
  expect(told()).toMatchObject([{ state: "off", good: null, error: "this agent takes no roles" }]);
  await agent.stop("test");
  const other = rig({});
  await other.greet({ role: null });
  expect(other.told()).toMatchObject([{ state: "off" }]);
  await other.agent.stop("test");
});

test("an agent takes its role from the head that it is linked to, with its token", async () => {
  const asked: unknown[] = [];
  const server = createServer((request, response) => {
    asked.push([request.url, request.headers.authorization]);
    response.end(bytes);
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { greet, told, head, agent, clock } = rig({
    roles: roleKeeping(pretendApplier),
    findHead: async () => ({ url }),
    token: "secret",
  });
  await greet({ role });
  expect(told()).toMatchObject([{ state: "wanted", want: ref }]);
  head.last.say({ type: "role", role });
  while (told().length < 4) {
    await new Promise((resolve) => setImmediate(resolve));
    await clock.advance(0);
  }
  expect(told().map(({ state }) => state)).toEqual(["wanted", "fetching", "fetched", "applied"]);
  expect(asked).toEqual([[`/api/v1/roles/worker/bundle/${ref.checksum}`, "Bearer secret"]]);
  head.last.say({ type: "role", role: null });
  await clock.advance(0);
  expect(told().at(-1)).toMatchObject({ state: "none" });
  await agent.stop("test");
  expect(clock.pending()).toBe(0);
  server.closeAllConnections();
  server.close();
});
