import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { type AddressInfo, createServer as createTcp } from "node:net";
import { fakeClock } from "@bramble/core/base";
import { expect, test } from "vitest";
import { powerTransport } from "./index.ts";

const signal = new AbortController().signal;
const { http } = powerTransport("pdu1", fakeClock());

test("a question goes out as it is, and the answer comes back with status, headers and text", async () => {
  await using server = await serving((request, response) => {
    let body = "";
    request.on("data", (chunk) => {
      body += chunk;
    });
    request.on("end", () => {
      response.writeHead(201, { "X-Auth-Token": "t", "set-cookie": ["a=1", "b=2"] });
      response.end(`${request.method} ${request.url} ${request.headers.accept} ${body}`);
    });
  });
  const asked = { method: "POST", url: `${server.url}/a?b=c%20d`, headers: { accept: "x" }, body: "größer" } as const;
  expect(await http(asked, signal)).toMatchObject({
    status: 201,
    headers: { "x-auth-token": "t", "set-cookie": "a=1, b=2" },
    body: "POST /a?b=c%20d x größer",
  });
});

test("a redirect is an answer, and is not followed", async () => {
  const seen: unknown[] = [];
  await using server = await serving((request, response) => {
    seen.push(request.url);
    response.writeHead(302, { location: "/elsewhere" }).end();
  });
  expect((await http({ method: "GET", url: `${server.url}/here` }, signal)).status).toBe(302);
  expect(seen).toEqual(["/here"]);
});

test("an answer without end is cut off", async () => {
  await using server = await serving((_, response) => {
    const more = (): void => {
      while (!response.destroyed && response.write("x".repeat(10_000)));
    };
    response.on("drain", more);
    more();
  });
  const told = { code: "power.answer", message: expect.stringContaining("more than 64 KB") };
  await expect(http({ method: "GET", url: server.url }, signal)).rejects.toMatchObject(told);
});

test("what is no HTTP is told as such, and a cut answer as a lost connection", async () => {
  for (const [said, code] of [
    ["garbage\r\n\r\n", "power.answer"],
    ["HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\ncut", "power.connection"],
    ["HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n", "power.connection"],
    ["", "power.connection"],
  ] as const) {
    await using server = await saying(said);
    await expect(http({ method: "GET", url: server.url }, signal), said).rejects.toMatchObject({ code });
  }
});

test("headers without end are no answer", async () => {
  await using server = await saying(`HTTP/1.1 200 OK\r\n${"x-a: b\r\n".repeat(20_000)}`);
  await expect(http({ method: "GET", url: server.url }, signal)).rejects.toMatchObject({ code: "power.answer" });
});

test("who says nothing is given up after the time that was given", async () => {
  let heard = (): void => {};
  const isHeard = new Promise<void>((resolve) => {
    heard = resolve;
  });
  await using server = await serving(() => heard());
  const clock = fakeClock();
  const answer = powerTransport("pdu1", clock).http({ method: "GET", url: server.url, timeoutMs: 700 }, signal);
  const told = expect(answer).rejects.toMatchObject({ code: "power.timeout", isRetryable: true });
  await isHeard;
  await clock.advance(700);
  await told;
});

test("a wait is ended by its signal, with its reason", async () => {
  const ended = new AbortController();
  await using server = await serving(() => ended.abort(new Error("enough")));
  await expect(http({ method: "GET", url: server.url }, ended.signal)).rejects.toThrow("enough");
});

test("messages name neither query nor login", async () => {
  await using server = await saying("");
  const asked = http({ method: "GET", url: `${server.url}/cm?user=admin&password=hunter2` }, signal);
  const told: unknown = await asked.catch((thrown) => thrown);
  expect(String(told)).toMatch(/^PowerError: pdu1: GET http:\/\/127\.0\.0\.1:\d+\/cm: cannot be reached/);
});

test.each(["", "ftp://a/", "127.0.0.1/x", "http://user:hunter2@127.0.0.1/", "http://"])(
  "%s is no address to ask",
  async (url) => {
    const told: unknown = await http({ method: "GET", url }, signal).catch((thrown) => thrown);
    expect(told).toMatchObject({ code: "power.config" });
    expect(String(told)).not.toContain("hunter2");
  },
);

async function serving(listener: RequestListener) {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  return closing(server, (server.address() as AddressInfo).port, () => server.closeAllConnections());
}

/** A server that says this, whatever it is asked, and hangs up. */
async function saying(said: string) {
  const server = createTcp((socket) => {
    socket.on("error", () => socket.destroy());
    socket.once("data", () => socket.end(said));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return closing(server, (server.address() as AddressInfo).port, () => {});
}

function closing(server: { close(): unknown }, port: number, cut: () => void) {
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      cut();
      server.close();
    },
  };
}
