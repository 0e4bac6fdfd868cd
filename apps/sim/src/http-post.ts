import { Agent, request as httpRequest } from "node:http";
import { request as httpsRequest, Agent as SecureAgent } from "node:https";
import { ClusterError } from "@bramble/core/base";
import type { Post } from "./boards/reports.ts";

/**
 * POSTs of JSON to the head over a few kept-alive connections.
 *
 * @param origin where the head is now; null: nowhere yet, and every post rejects.
 */
export function keepAlivePost(
  origin: () => string | null,
  token: string | null,
  connections: number,
): Post & Disposable {
  const keep = { keepAlive: true, maxSockets: connections, maxFreeSockets: connections } as const;
  const plain = new Agent(keep);
  const secure = new SecureAgent(keep);
  const post: Post = (path, body, signal) =>
    new Promise((resolve, reject) => {
      const head = origin();
      if (head === null) {
        reject(new ClusterError("not-found", "no head is known yet"));
        return;
      }
      const url = new URL(path, head);
      const isSecure = url.protocol === "https:";
      const request = (isSecure ? httpsRequest : httpRequest)(url, {
        method: "POST",
        agent: isSecure ? secure : plain,
        signal,
        timeout: 10_000,
        headers: {
          "content-type": "application/json",
          "content-length": Buffer.byteLength(body),
          ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        },
      });
      request.on("timeout", () => request.destroy(new Error("the head did not answer")));
      request.on("error", reject);
      request.on("response", (response) => {
        response.resume();
        response.on("error", reject);
        response.on("end", () => resolve(response.statusCode ?? 0));
      });
      request.end(body);
    });
  return Object.assign(post, {
    [Symbol.dispose]() {
      plain.destroy();
      secure.destroy();
    },
  });
}
