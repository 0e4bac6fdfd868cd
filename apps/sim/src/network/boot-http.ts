import { Agent, type IncomingMessage, type RequestOptions, request } from "node:http";
import type { Ipv4 } from "@bramble/core/boot";
import type { FirmwareEvent, Peer } from "../firmware/script.ts";

/** What a board's RAM disk asks the boot server for HTTP. */
export type BootHttp = Disposable & {
  /** Octets `first` to `last` of a file. The request before is given up. */
  get(path: string, first: number, last: number): void;
  post(path: string, body: string): void;
};

/** HTTP from a board's own loopback address over one kept-alive connection. What comes is counted and forgotten. */
export function openBootHttp(server: Peer, address: Ipv4, hear: (event: FirmwareEvent) => void): BootHttp {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  let current: AbortController | null = null;

  const ask = (options: RequestOptions, body: string | null): void => {
    current?.abort();
    const mine = new AbortController();
    current = mine;
    const tell = (status: number, bytes: number, total: number | null, text: string): void => {
      if (current !== mine) return;
      current = null;
      hear({ kind: "http", status, bytes, total, text });
    };
    const sent = request({
      host: server.address,
      port: server.port,
      localAddress: address,
      agent,
      signal: mine.signal,
      ...options,
    });
    sent.on("error", () => tell(0, 0, null, ""));
    sent.on("response", (response) => {
      let bytes = 0;
      let text = "";
      response.on("data", (chunk: Buffer) => {
        bytes += chunk.length;
        if (body !== null && text.length < mostText) text += chunk.toString("utf8");
      });
      response.on("error", () => tell(0, 0, null, ""));
      response.on("end", () => tell(response.statusCode ?? 0, bytes, totalOf(response), text));
    });
    sent.end(body ?? undefined);
  };

  return {
    get: (path, first, last) => ask({ path, headers: { range: `bytes=${first}-${last}` } }, null),
    post(path, body) {
      const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
      ask({ method: "POST", path, headers }, body);
    },
    [Symbol.dispose]() {
      current?.abort();
      current = null;
      agent.destroy();
    },
  };
}

function totalOf({ headers }: IncomingMessage): number | null {
  const [, total] = /^bytes \d+-\d+\/(\d{1,15})$/.exec(headers["content-range"] ?? "") ?? [];
  return total === undefined ? null : Number(total);
}

const mostText = 4_096;
