import { Agent, request as httpRequest } from "node:http";
import { request as httpsRequest, Agent as SecureAgent } from "node:https";
import { ClusterError } from "@bramble/core/base";
import type { Post } from "./boards/reports.ts";
import type { Get } from "./network/boot-servers.ts";

/** What the simulator asks of the head. */
export type HeadClient = Disposable & { readonly post: Post; readonly get: Get };

/**
 * JSON to and from the head over a few kept-alive connections.
 *
 * @param origin where the head is now; null: nowhere yet, and every request rejects.
 */
export function createHeadClient(origin: () => string | null, token: string | null, connections: number): HeadClient {
  const keep = { keepAlive: true, maxSockets: connections, maxFreeSockets: connections } as const;
  const plain = new Agent(keep);
  const secure = new SecureAgent(keep);
  const ask = (method: "GET" | "POST", path: string, sent: string, signal: AbortSignal): ReturnType<Get> =>
    new Promise((resolve, reject) => {
      const head = origin();
      if (head === null) {
        reject(new ClusterError("not-found", "no head is known yet"));
        return;
      }
      const url = new URL(path, head);
      const isSecure = url.protocol === "https:";
      const request = (isSecure ? httpsRequest : httpRequest)(url, {
        method,
        agent: isSecure ? secure : plain,
        signal,
        timeout: 10_000,
        headers: {
          ...(method === "GET"
            ? {}
            : { "content-type": "application/json", "content-length": Buffer.byteLength(sent) }),
          ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        },
      });
      request.on("timeout", () => request.destroy(new Error("the head did not answer")));
      request.on("error", reject);
      request.on("response", (response) => {
        const chunks: Buffer[] = [];
        if (method === "GET") response.on("data", (chunk: Buffer) => chunks.push(chunk));
        else response.resume();
        response.on("error", reject);
        response.on("end", () =>
          resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString("utf8") }),
        );
      });
      request.end(sent);
    });
  return {
    post: async (path, body, signal) => (await ask("POST", path, body, signal)).status,
    get: (path, signal) => ask("GET", path, "", signal),
    [Symbol.dispose]() {
      plain.destroy();
      secure.destroy();
    },
  };
}
