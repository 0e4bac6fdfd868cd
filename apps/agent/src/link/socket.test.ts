import { once } from "node:events";
import { createServer as createHttp } from "node:http";
import { type AddressInfo, createServer as createTcp, type Server } from "node:net";
import { expect, test } from "vitest";
import { type WebSocket, WebSocketServer } from "ws";
import { connectWebSocket, type LinkSocket, type SocketEvents } from "./socket.ts";

test("frames go both ways, pings are answered and a close is clean", async () => {
  await using head = await serve((socket) => {
    socket.on("message", (data, isBinary) =>
      socket.send(isBinary ? `binary ${(data as Buffer).length}` : String(data)),
    );
  });
  const { socket, heard, next } = dial(head.url);
  expect(await next()).toBe("opened");
  socket.send("hello");
  expect(await next()).toBe("text hello");
  socket.send(new Uint8Array(5));
  expect(await next()).toBe("text binary 5");
  socket.ping();
  expect(await next()).toBe("pong");
  socket.close();
  expect(await next()).toMatch(/^closed /);
  socket.send("late");
  socket.ping();
  socket.terminate();
  expect(heard.length).toBe(0);
});

test("no compression is offered", async () => {
  let offered: string | undefined = "none yet";
  await using head = await serve((_socket, headers) => {
    offered = headers["sec-websocket-extensions"];
  });
  const { socket, next } = dial(head.url);
  await next();
  expect(offered).toBeUndefined();
  socket.terminate();
});

test("the reason of a close is told", async () => {
  await using head = await serve((socket) => socket.close(1008, "a second hello"));
  const { next } = dial(head.url);
  await next();
  expect(await next()).toContain("(1008: a second hello)");
});

test.each([
  ["a message larger than a board takes", (socket: WebSocket) => socket.send("x".repeat(3 * 1024 * 1024))],
  ["octets that are no frame", (socket: WebSocket) => rawOf(socket).write(Buffer.from([0xff, 0xff, 0xff, 0xff]))],
  ["text that is not UTF-8", (socket: WebSocket) => rawOf(socket).write(Buffer.from([0x81, 0x02, 0xff, 0xfe]))],
  ["a cut cable", (socket: WebSocket) => rawOf(socket).destroy()],
])("%s ends the connection and nothing else", async (_what, act) => {
  await using head = await serve(act);
  const { next } = dial(head.url);
  expect(await next()).toBe("opened");
  expect(await next()).toMatch(/^closed /);
});

test("a server that is no head, a redirect and a closed port are each one `closed`", async () => {
  const http = createHttp((request, response) => {
    if (request.url === "/moved") response.writeHead(302, { location: "/api/v1/link" });
    response.end("hello");
  });
  const tcp = createTcp((socket) => socket.end("220 mail ready\r\n"));
  await using _http = closing(http);
  await using _tcp = closing(tcp);
  for (const url of [
    `${await listen(http)}/x`,
    `${await listen(http, false)}/moved`,
    await listen(tcp),
    "ws://127.0.0.1:1",
  ]) {
    expect(await dial(url).next()).toMatch(/^closed .+/);
  }
});

function dial(url: string) {
  const heard: string[] = [];
  let wake = (): void => {};
  const note = (what: string): void => {
    heard.push(what);
    wake();
  };
  const events: SocketEvents = {
    opened: () => note("opened"),
    text: (frame) => note(`text ${frame}`),
    pong: () => note("pong"),
    closed: (why) => note(`closed ${why}`),
  };
  const socket: LinkSocket = connectWebSocket(url, events);
  const next = async (): Promise<string> => {
    while (heard.length === 0) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    return heard.shift()!;
  };
  return { socket, heard, next };
}

async function serve(onSocket: (socket: WebSocket, headers: Record<string, string>) => void) {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: true });
  server.on("connection", (socket, request) => {
    socket.on("error", () => {});
    onSocket(socket, request.headers as Record<string, string>);
  });
  await once(server, "listening");
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      for (const client of server.clients) client.terminate();
      server.close();
    },
  };
}

function rawOf(socket: WebSocket): { write(bytes: Buffer): void; destroy(): void } {
  return (socket as unknown as { _socket: { write(bytes: Buffer): void; destroy(): void } })._socket;
}

async function listen(server: Server, isNew = true): Promise<string> {
  if (isNew) await once(server.listen(0, "127.0.0.1"), "listening");
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function closing(server: Server): AsyncDisposable {
  return { [Symbol.asyncDispose]: async () => void server.close() };
}
