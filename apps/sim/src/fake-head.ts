import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { HeadMessage } from "@bramble/core/api";
import { decodeSamples } from "@bramble/core/observe";
import { type WebSocket, WebSocketServer } from "ws";

/** What the fake head saw of one board. */
export type SeenBoard = {
  steps: string[];
  hellos: number;
  pings: number;
  samples: number;
  /** How its connections ended: `bye`, `closed`; a black hole adds nothing. */
  ends: string[];
  socket: WebSocket | null;
};

/** A head for tests and measurements: takes boot reports and links, welcomes, acknowledges samples. Keeps nothing else. */
export type FakeHead = AsyncDisposable & {
  readonly url: string;
  readonly boards: ReadonlyMap<string, SeenBoard>;
  linked(): number;
};

/** Open a fake head on loopback. */
export async function openFakeHead(): Promise<FakeHead> {
  const boards = new Map<string, SeenBoard>();
  const seen = (mac: string): SeenBoard => {
    const known = boards.get(mac) ?? { steps: [], hellos: 0, pings: 0, samples: 0, ends: [], socket: null };
    boards.set(mac, known);
    return known;
  };
  const server = createServer(async (request, response) => {
    // No boot servers here.
    if (request.method === "GET") {
      response.writeHead(404).end();
      return;
    }
    let body = "";
    for await (const chunk of request) body += chunk;
    const report = JSON.parse(body) as { mac: string; step: string; failed: string | null };
    seen(report.mac).steps.push(report.failed === null ? report.step : `${report.step}!`);
    response.writeHead(202, { "content-type": "application/json" }).end("{}");
  });
  const links = new WebSocketServer({ server, path: "/api/v1/link", perMessageDeflate: false });
  links.on("connection", (socket) => {
    let board: SeenBoard | null = null;
    const say = (message: HeadMessage): void => socket.send(JSON.stringify(message));
    socket.on("error", () => {});
    socket.on("ping", () => {
      if (board !== null) board.pings++;
    });
    socket.on("message", (data: Buffer, isBinary) => {
      if (isBinary) {
        const samples = decodeSamples(data);
        if (board !== null) board.samples += samples.length;
        say({ type: "stored", upTo: samples.at(-1)?.at ?? 0 });
        return;
      }
      const message = JSON.parse(data.toString()) as { type: string; mac: string };
      if (message.type === "bye") board?.ends.push("bye");
      if (message.type !== "hello") return;
      board = seen(message.mac);
      board.hellos++;
      board.socket = socket;
      const name = message.mac;
      const timing = { intervalMs: 5_000, heartbeatMs: 1_000, cpuLimit: 30 };
      say({ type: "welcome", name, place: null, epoch: "fake", ...timing, board: 0, boards: 1 });
    });
    socket.on("close", () => {
      if (board?.socket !== socket) return;
      board.ends.push("closed");
      board.socket = null;
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    boards,
    linked: () => [...boards.values()].filter((board) => board.socket !== null).length,
    async [Symbol.asyncDispose]() {
      for (const socket of links.clients) socket.terminate();
      links.close();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
