import { createSocket } from "node:dgram";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Clock, Timer } from "@bramble/core/base";
import { type DhcpMessage, decodeDhcp, decodeTftp, encodeDhcp } from "@bramble/core/boot";
import { answerDhcp, fakeTftp } from "../firmware/fake-servers.ts";
import type { BootServers } from "./boot-servers.ts";

/** Small boot servers on real sockets of loopback, for tests. */
export type FakeBootServers = AsyncDisposable & {
  readonly servers: BootServers;
  /** What came to the DHCP server. */
  readonly asked: readonly DhcpMessage[];
  /** Where TFTP requests and GETs came from: `127.20.0.44 path`. */
  readonly requests: readonly string[];
  readonly posts: readonly string[];
};

/** Open them. @param answer changes what the DHCP server answers; null keeps it back. */
export async function openFakeBootServers(parts: {
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly clock: Clock;
  readonly root?: Uint8Array;
  readonly answer?: (reply: DhcpMessage) => DhcpMessage | null;
}): Promise<FakeBootServers> {
  const { files, clock, root = new Uint8Array(100_000) } = parts;
  const asked: DhcpMessage[] = [];
  const requests: string[] = [];
  const posts: string[] = [];
  const timers = new Set<Timer>();

  const dhcp = createSocket("udp4");
  dhcp.on("message", (bytes) => {
    const message = decodeDhcp(bytes);
    asked.push(message);
    const plain = { ...answerDhcp(message, "127.0.0.1"), hops: 0 };
    const reply = parts.answer === undefined ? plain : parts.answer(plain);
    if (reply !== null) dhcp.send(encodeDhcp(reply), dhcp.address().port, message.giaddr);
  });

  const tftp = createSocket("udp4");
  // One transfer port for all: boards are told apart by their address.
  const transfers = createSocket("udp4");
  const servers = new Map<string, ReturnType<typeof fakeTftp>>();
  const serve = (address: string): ReturnType<typeof fakeTftp> => {
    const known = servers.get(address);
    if (known !== undefined) return known;
    const tids = new Map<number, number>();
    const fresh = fakeTftp(
      files,
      (ms, run) => {
        const timer = clock.after(ms, () => {
          timers.delete(timer);
          run();
        });
        timers.add(timer);
      },
      (port, tid, bytes) => {
        tids.set(port, tid);
        transfers.send(bytes, port, address);
      },
    );
    const made = {
      hear: (port: number, to: number, packet: Parameters<typeof fresh.hear>[2]) =>
        fresh.hear(port, packet.kind === "read" ? to : (tids.get(port) ?? to), packet),
    };
    servers.set(address, made);
    return made;
  };
  tftp.on("message", (bytes, from) => {
    const packet = decodeTftp(bytes);
    if (packet.kind === "read") requests.push(`${from.address} ${packet.path}`);
    serve(from.address).hear(from.port, 0, packet);
  });
  transfers.on("message", (bytes, from) => serve(from.address).hear(from.port, 0, decodeTftp(bytes)));

  const http = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    if (request.method === "POST") {
      posts.push(`${request.url} ${body}`);
      response.writeHead(202).end("{}");
      return;
    }
    requests.push(`${request.socket.remoteAddress} ${request.url}`);
    const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "") ?? [];
    const end = Math.min(Number(last), root.length - 1);
    response.writeHead(206, { "content-range": `bytes ${first}-${end}/${root.length}` });
    response.end(root.subarray(Number(first), end + 1));
  });

  const bind = (socket: typeof dhcp): Promise<void> =>
    new Promise((resolve) => socket.bind(0, "127.0.0.1", () => resolve()));
  await Promise.all([dhcp, tftp, transfers].map(bind));
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const at = (port: number) => ({ address: "127.0.0.1", port });
  return {
    servers: {
      dhcp: at(dhcp.address().port),
      tftp: at(tftp.address().port),
      http: at((http.address() as AddressInfo).port),
    },
    asked,
    requests,
    posts,
    async [Symbol.asyncDispose]() {
      for (const timer of timers) timer.cancel();
      http.closeAllConnections();
      await Promise.all([
        ...[dhcp, tftp, transfers].map((socket) => new Promise<void>((resolve) => socket.close(() => resolve()))),
        new Promise<void>((resolve) => http.close(() => resolve())),
      ]);
    },
  };
}
