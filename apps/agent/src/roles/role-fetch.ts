import type { IncomingMessage } from "node:http";
import { createRequire } from "node:module";
import type { Clock, Millis } from "@bramble/core/base";
import type { RoleRef } from "@bramble/core/work";
import { RoleFailure } from "./failure.ts";

/** Where the head is, and who asks. */
export type RoleSource = { readonly url: string; readonly token: string | null };

/**
 * Fetch the bytes of a role over the head's HTTP.
 *
 * @throws RoleFailure when the head refuses, or sends more than `mostBytes`; any other error is worth another try.
 */
export function fetchRole(
  { url, token }: RoleSource,
  ref: RoleRef,
  mostBytes: number,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<Uint8Array> {
  const target = new URL(`/api/v1/roles/${encodeURIComponent(ref.id)}/bundle/${encodeURIComponent(ref.checksum)}`, url);
  if (target.protocol === "ws:") target.protocol = "http:";
  if (target.protocol === "wss:") target.protocol = "https:";
  const name = target.protocol === "https:" ? "node:https" : "node:http";
  // Not by `import`, which reads every export of the module: see web/server.ts.
  const { request } = createRequire(import.meta.url)(name) as typeof import("node:http");
  return new Promise((resolve, reject) => {
    const headers = token === null ? {} : { authorization: `Bearer ${token}` };
    const asked = request(target, { headers, agent: false, signal });
    const give = (error: Error): void => {
      timer.cancel();
      asked.destroy();
      reject(error);
    };
    const timer = clock.after(patienceMs, () => give(new Error(`the head gave nothing within ${patienceMs / 1000} s`)));
    asked.on("error", give);
    asked.on("response", (response) => {
      receive(response, mostBytes, (bytes) => {
        timer.cancel();
        resolve(bytes);
      }).catch(give);
    });
    asked.end();
  });
}

const patienceMs: Millis = 55_000;

async function receive(response: IncomingMessage, most: number, done: (bytes: Uint8Array) => void): Promise<void> {
  const { statusCode = 0 } = response;
  if (statusCode !== 200) {
    const said = `the head answered ${statusCode}`;
    // Too much to do is no refusal.
    throw statusCode >= 500 || statusCode === 429 ? new Error(said) : new RoleFailure("fetch", said);
  }
  const parts: Uint8Array[] = [];
  let octets = 0;
  for await (const part of response as AsyncIterable<Uint8Array>) {
    octets += part.length;
    if (octets > most) throw new RoleFailure("fetch", `the head sends more than the ${most} octets that it told of`);
    parts.push(part);
  }
  const bytes = new Uint8Array(octets);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  done(bytes);
}
