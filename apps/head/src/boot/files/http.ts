import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { isIPv4 } from "node:net";
import { type Clock, type Logger, type Mac, messageOf } from "@bramble/core/base";
import type { FileClaim, FileNews, FileRequest } from "@bramble/core/boot";
import { sparingly } from "../../observe/sparingly.ts";
import type { SendTerms } from "./http-send.ts";
import { createSender } from "./http-send.ts";

/** Where a request came from. */
type Origin = FileRequest["from"];

/** Bounds of the boot server for HTTP. */
type BootHttpTerms = SendTerms & {
  readonly maxConnections: number;
  /** A connection on which nothing moves for so long is closed. */
  readonly idleMs: number;
  readonly maxBodyBytes: number;
  /** Reports that are being answered at one time. */
  readonly maxReports: number;
};

/** What the server needs. */
export type BootHttpParts = {
  readonly bind: { readonly address: string; readonly port: number };
  /** What a path means for who asks; asked once for each request. */
  readonly resolve: (request: FileRequest) => FileClaim | null | Promise<FileClaim | null>;
  readonly tell: (from: Origin, board: Mac | null, path: string, news: FileNews) => void;
  /** Takes what a board posts, and says what it is answered. */
  readonly post: (posted: Posted, from: Origin) => Promise<PostedAnswer>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly terms?: Partial<BootHttpTerms>;
  /** Let other threads listen at the same port; the kernel shares out the connections. */
  readonly isShared?: boolean;
};

/** A report, as it came: its body is not yet read, or null where it is larger than it may be. */
export type Posted = { readonly path: string; readonly body: string | null };

/** What whoever posted is told. */
export type PostedAnswer = { readonly status: number; readonly body: unknown };

/** What the server has done since its start; `open` are files on their way now. */
export type HttpCounters = Readonly<Record<"requests" | "sent" | "missing" | "refused" | "failed" | "open", number>>;

/** The running server. */
export type BootHttp = AsyncDisposable & {
  readonly address: string;
  readonly port: number;
  readonly counters: () => HttpCounters;
};

/** Before anything has happened. */
export const noHttpCounters: HttpCounters = { requests: 0, sent: 0, missing: 0, refused: 0, failed: 0, open: 0 };

/**
 * Serve the boot tree over HTTP/1.1: `/boot/<serial or mac>/…`, `/ipxe/<mac>`, `/images/<image>/…`, by GET and HEAD, with
 * single ranges and entity tags; and take the reports of discovery images and RAM disks.
 */
export async function startBootHttp(parts: BootHttpParts): Promise<BootHttp> {
  const { bind, clock, log, isShared = false } = parts;
  const terms = { ...defaults, ...parts.terms };
  const counters: Record<keyof HttpCounters, number> = { ...noHttpCounters };
  const send = createSender();
  const refusals = sparingly(clock, 10_000);
  let reports = 0;

  const file = async (request: IncomingMessage, response: ServerResponse, path: string): Promise<void> => {
    const from = originOf(request);
    const claim = await parts.resolve({ by: "http", from, path });
    const tell = (news: FileNews): void => {
      if (news.news === "done") counters.sent++;
      if (news.news === "failed") counters.failed++;
      parts.tell(from, claim?.board ?? null, path, news);
    };
    if (claim === null || claim.kind === "missing") {
      counters.missing++;
      tell({ news: "missing" });
      return answer(response, 404, "there is no such file\n");
    }
    if (claim.kind === "refused") {
      counters.refused++;
      // One line for many: somebody who tries doors can be quick.
      const quiet = refusals.due();
      if (quiet !== null)
        log.warn({ address: from.address, path: path.slice(0, 120), why: claim.why, quiet }, "file refused");
      parts.tell(from, claim.board, path, { news: "failed", sentBytes: 0, why: claim.why });
      return answer(response, 403, `${claim.why}\n`);
    }
    counters.open++;
    try {
      await send(request, response, claim, { clock, terms, tell });
    } finally {
      counters.open--;
    }
  };

  const report = async (request: IncomingMessage, response: ServerResponse, path: string): Promise<void> => {
    if (!/^\/(discovery|boot\/[^/]+\/step)$/.test(path)) return answer(response, 404, "only reports can be posted\n");
    if (reports >= terms.maxReports) return answer(response, 503, "too many reports at once\n", { "retry-after": "5" });
    reports++;
    const from = originOf(request);
    try {
      const body = await bodyOf(request, terms.maxBodyBytes);
      const said = await parts.post({ path, body }, from);
      // What the client still sends is not read: the connection ends with this answer.
      if (said.status >= 400) response.setHeader("connection", "close");
      response.writeHead(said.status, { "content-type": "application/json" }).end(JSON.stringify(said.body));
    } finally {
      reports--;
    }
  };

  const server = createServer(
    { maxHeaderSize: 8192, requestTimeout: 30_000, headersTimeout: 10_000, connectionsCheckingInterval: 5000 },
    (request, response) => {
      counters.requests++;
      handle(request, response).catch((thrown: unknown) => fail(response, thrown, log));
    },
  );
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = pathOf(request.url ?? "");
    if (path === null) return answer(response, 400, "the address cannot be read\n");
    if (request.method === "POST") return report(request, response, path);
    if (request.method !== "GET" && request.method !== "HEAD")
      return answer(response, 405, "GET, HEAD and reports by POST\n", { allow: "GET, HEAD, POST" });
    // A RAM disk sets its clock by the date of this answer.
    if (path === "/healthz") return answer(response, 200, "ok\n");
    return file(request, response, path.replace(/^\/+(boot\/+)?/, ""));
  };
  server.maxConnections = terms.maxConnections;
  server.keepAliveTimeout = 5000;
  server.timeout = terms.idleMs;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port: bind.port, host: bind.address, reusePort: isShared }, () => {
      server.off("error", reject);
      resolve();
    });
  });
  server.on("error", (error) => log.error({ error: error.message }, "boot server for HTTP failed"));
  const bound = server.address();
  const port = typeof bound === "object" && bound !== null ? bound.port : bind.port;
  log.info({ address: bind.address, port }, "serves boot files over HTTP");
  return {
    address: bind.address,
    port,
    counters: () => ({ ...counters }),
    async [Symbol.asyncDispose]() {
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

/** No report is larger. */
export const mostReportBytes = 16_384;

const defaults: BootHttpTerms = {
  // A thousand boards with a root each, and some to spare.
  maxConnections: 4096,
  idleMs: 30_000,
  graceMs: 60_000,
  leastBytesPerSecond: 8192,
  maxBodyBytes: mostReportBytes,
  maxReports: 256,
};

/** The decoded path of a request's target, without its query; null when it is none. */
function pathOf(target: string): string | null {
  if (!target.startsWith("/")) return null;
  try {
    return decodeURIComponent(target.split(/[?#]/, 1)[0] ?? "");
  } catch {
    return null;
  }
}

function originOf({ socket }: IncomingMessage): Origin {
  const address = (socket.remoteAddress ?? "").replace(/^::ffff:/i, "");
  return { address: isIPv4(address) ? address : (socket.remoteAddress ?? ""), port: socket.remotePort ?? 0 };
}

async function bodyOf(request: IncomingMessage, maxBytes: number): Promise<string | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    if (size > maxBytes) return null;
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function answer(response: ServerResponse, status: number, text: string, headers: Record<string, string> = {}): void {
  response.writeHead(status, { "content-type": "text/plain; charset=utf-8", ...headers }).end(text);
}

/** The one place where an exception of a request ends. */
function fail(response: ServerResponse, thrown: unknown, log: Logger): void {
  if (!response.destroyed) log.error({ error: messageOf(thrown) }, "request to the boot server failed");
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  answer(response, 500, "something went wrong in the head\n", { connection: "close" });
}
