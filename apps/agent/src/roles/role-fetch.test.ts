import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { fakeClock } from "@bramble/core/base";
import { expect, test } from "vitest";
import { fetchRole } from "./role-fetch.ts";

const ref = { id: "worker", checksum: "ab".repeat(32) };

async function serve(answer: RequestListener) {
  const server = createServer(answer).listen(0, "127.0.0.1");
  await once(server, "listening");
  const clock = fakeClock();
  const ending = new AbortController();
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    clock,
    ending,
    fetch: (most = 100, token: string | null = null, scheme = "http") =>
      fetchRole({ url: url.replace("http", scheme), token }, ref, most, { clock, signal: ending.signal }),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test("the bytes come by their checksum, asked for with the board's token", async () => {
  const asked: unknown[] = [];
  await using head = await serve((request, response) => {
    asked.push([request.url, request.headers.authorization]);
    response.end("bytes");
  });
  expect(new TextDecoder().decode(await head.fetch(5, "secret"))).toBe("bytes");
  expect(new TextDecoder().decode(await head.fetch(5, null, "ws"))).toBe("bytes");
  const path = `/api/v1/roles/worker/bundle/${ref.checksum}`;
  expect(asked).toEqual([
    [path, "Bearer secret"],
    [path, undefined],
  ]);
  expect(head.clock.pending()).toBe(0);
});

test.each([
  [404, "agent.role"],
  [401, "agent.role"],
  [302, "agent.role"],
  [503, undefined],
  [429, undefined],
])("an answer of %i is no role", async (status, code) => {
  await using head = await serve((_, response) =>
    response.writeHead(status, { location: "http://127.0.0.1:1/" }).end(),
  );
  const refused = await head.fetch().catch((thrown: unknown) => thrown);
  expect(refused).toMatchObject({ message: `the head answered ${status}` });
  expect((refused as { code?: string }).code).toBe(code);
});

test("a head that sends more than it told of is cut off", async () => {
  let isGone = false;
  await using head = await serve((_, response) => {
    response.on("close", () => {
      isGone = true;
    });
    const more = (): void => {
      if (!isGone) response.write(new Uint8Array(65_536), more);
    };
    more();
  });
  await expect(head.fetch(1000)).rejects.toThrow("more than the 1000 octets");
});

test("a head that vanishes in the middle is an error, not a short role", async () => {
  await using head = await serve((_, response) => {
    response.writeHead(200, { "content-length": "100" });
    response.write("half", () => response.destroy());
  });
  await expect(head.fetch()).rejects.toThrow();
});

test("a head that says nothing is waited for only so long, and not at all once the agent stops", async () => {
  await using head = await serve(() => {});
  const waited = head.fetch();
  const said = expect(waited).rejects.toThrow("nothing within 55 s");
  await head.clock.advance(55_000);
  await said;
  const stopped = head.fetch();
  head.ending.abort(new Error("stop"));
  await expect(stopped).rejects.toThrow();
  expect(head.clock.pending()).toBe(0);
});
