import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Clock } from "@bramble/core/base";
import { messageOf } from "@bramble/core/base";
import type { FileClaim, FileNews } from "@bramble/core/boot";
import { readRange } from "./http-range.ts";

/** How long a client may take for a file. */
export type SendTerms = {
  /** For the first octets of any file. */
  readonly graceMs: number;
  /** Below this a client is not slow but stuck, or means harm. */
  readonly leastBytesPerSecond: number;
};

type SendParts = {
  readonly clock: Clock;
  readonly terms: SendTerms;
  readonly tell: (news: FileNews) => void;
};

/** Sends files: whole or in part, with entity tags. One for each server, for the tags that it keeps. */
export type Sender = (
  request: IncomingMessage,
  response: ServerResponse,
  claim: Extract<FileClaim, { kind: "bytes" | "file" }>,
  parts: SendParts,
) => Promise<void>;

/** Make a `Sender`. */
export function createSender(): Sender {
  const tags = new WeakMap<Uint8Array, string>();
  let streams = 0;
  const tagOf = (bytes: Uint8Array): string => {
    const known = tags.get(bytes);
    if (known !== undefined) return known;
    const tag = `"${createHash("sha256").update(bytes).digest("hex").slice(0, 24)}"`;
    tags.set(bytes, tag);
    return tag;
  };
  return async (request, response, claim, parts) => {
    if (claim.kind === "bytes") {
      const { bytes } = claim;
      const part = begin(request, response, { sizeBytes: bytes.length, tag: tagOf(bytes) }, parts);
      if (part === null) return;
      await deliver(response, part, parts, async (sent) => {
        // A view: the octets of a pretended image lie in memory that is shared between threads.
        const view = Buffer.from(bytes.buffer, bytes.byteOffset + part.first, part.length);
        await new Promise<void>((resolve, reject) => {
          response.once("close", () => (response.writableFinished ? resolve() : reject(new Error("the board left"))));
          response.once("error", reject);
          response.end(view);
        });
        sent(part.length);
      });
      return;
    }
    // Links were followed when the image was read: one that stands here now was put there since, and may lead anywhere.
    const handle = await open(claim.path, constants.O_RDONLY | constants.O_NOFOLLOW).catch(messageOf);
    if (typeof handle === "string") return fail(response, parts, handle);
    try {
      const about = await handle.stat();
      if (about.size !== claim.sizeBytes)
        return fail(response, parts, "the file has changed on disk since it was checked");
      const tag = `"${about.size.toString(36)}-${Math.round(about.mtimeMs).toString(36)}"`;
      const part = begin(request, response, { sizeBytes: about.size, tag }, parts);
      if (part === null) return;
      streams++;
      const chunkBytes = chunkBytesFor(streams);
      await deliver(response, part, parts, (sent) => stream(handle, part, response, chunkBytes, sent)).finally(() => {
        streams--;
      });
    } finally {
      await handle.close().catch(() => {});
    }
  };
}

type Part = { readonly first: number; readonly length: number };

/** Sends what stands before the body. Null when that was all: not modified, out of range, only asked about. */
function begin(
  request: IncomingMessage,
  response: ServerResponse,
  { sizeBytes, tag }: { readonly sizeBytes: number; readonly tag: string },
  { tell }: SendParts,
): Part | null {
  const { headers } = request;
  response.setHeader("etag", tag);
  response.setHeader("accept-ranges", "bytes");
  if (
    headers["if-none-match"]?.split(",").some((one) => one.trim().replace(/^W\//, "") === tag || one.trim() === "*")
  ) {
    response.writeHead(304).end();
    tell({ news: "probed" });
    return null;
  }
  const isSame = headers["if-range"] === undefined || headers["if-range"] === tag;
  const range = isSame && request.method === "GET" ? readRange(headers.range, sizeBytes) : "whole";
  if (range === "none") {
    response.writeHead(416, { "content-range": `bytes */${sizeBytes}`, "content-length": 0 }).end();
    tell({ news: "failed", sentBytes: 0, why: `asked for ${headers.range}, but the file has ${sizeBytes} octets` });
    return null;
  }
  const { first, last } = range === "whole" ? { first: 0, last: sizeBytes - 1 } : range;
  const length = last - first + 1;
  const partial = range === "whole" ? {} : { "content-range": `bytes ${first}-${last}/${sizeBytes}` };
  response.writeHead(range === "whole" ? 200 : 206, {
    "content-type": "application/octet-stream",
    "content-length": length,
    ...partial,
  });
  if (request.method !== "HEAD") return { first, length };
  response.end();
  tell({ news: "probed" });
  return null;
}

/** Runs `send` under its deadline and tells how it went. */
async function deliver(
  response: ServerResponse,
  { length }: Part,
  { clock, terms, tell }: SendParts,
  send: (sent: (bytes: number) => void) => Promise<void>,
): Promise<void> {
  const since = clock.monotonic();
  const allowedMs = terms.graceMs + (length / terms.leastBytesPerSecond) * 1000;
  let isLate = false;
  const deadline = clock.after(allowedMs, () => {
    isLate = true;
    response.destroy();
  });
  let sentBytes = 0;
  let toldBytes = 0;
  tell({ news: "begun", sizeBytes: length });
  try {
    await send((bytes) => {
      sentBytes += bytes;
      if (sentBytes - toldBytes < Math.max(toldEvery, length / 20) || sentBytes === length) return;
      toldBytes = sentBytes;
      tell({ news: "moving", sentBytes, sizeBytes: length });
    });
    tell({ news: "done", sentBytes, resends: 0, tookMs: clock.monotonic() - since });
  } catch (thrown) {
    const why = isLate ? `not done after ${Math.round(allowedMs / 1000)} s` : messageOf(thrown);
    tell({ news: "failed", sentBytes: Math.max(0, sentBytes - response.writableLength), why });
    response.destroy();
  } finally {
    deadline.cancel();
  }
}

const toldEvery = 1 << 20;

/** How much of a file is read at once, when so many are on their way: all of them together are bounded. */
export function chunkBytesFor(streams: number): number {
  return Math.max(16 << 10, Math.min(256 << 10, Math.floor(heldBytes / streams)));
}

const heldBytes = 32 << 20;

/** One buffer, filled and sent again and again: streams of Node would make a new one for each piece. */
async function stream(
  handle: FileHandle,
  { first, length }: Part,
  response: ServerResponse,
  chunkBytes: number,
  sent: (bytes: number) => void,
): Promise<void> {
  let settle = (_error?: Error | null): void => {};
  response.once("close", () => settle(new Error("the board left")));
  response.on("error", (error) => settle(error));
  const settled = (act: (done: (error?: Error | null) => void) => void): Promise<void> =>
    new Promise((resolve, reject) => {
      settle = (error) => (error == null ? resolve() : reject(error));
      if (response.destroyed) settle(new Error("the board left"));
      else act((error) => settle(error));
    });
  const buffer = Buffer.allocUnsafeSlow(Math.min(chunkBytes, length));
  for (let at = 0; at < length; ) {
    const { bytesRead } = await handle.read(buffer, 0, Math.min(buffer.length, length - at), first + at);
    if (bytesRead === 0) throw new Error("the file has become shorter while it was sent");
    // Done when the kernel has it all: only then may the buffer be filled again.
    await settled((done) => response.write(buffer.subarray(0, bytesRead), done));
    at += bytesRead;
    sent(bytesRead);
  }
  await settled((done) => response.end(done));
}

function fail(response: ServerResponse, { tell }: SendParts, why: string): void {
  response.writeHead(500, { "content-length": 0 }).end();
  tell({ news: "failed", sentBytes: 0, why });
}
