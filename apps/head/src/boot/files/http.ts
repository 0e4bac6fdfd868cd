import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { isIPv4 } from "node:net";
import { errorBody, statusOf } from "@bramble/core/api";
import { type Clock, ClusterError, type Logger, type Mac, messageOf, parseMac } from "@bramble/core/base";
import type { BootReport, FileNews, FileRequest, FileRoute } from "@bramble/core/boot";
import { sparingly } from "../../observe/sparingly.ts";
import type { SendTerms } from "./http-send.ts";
import { createSender } from "./http-send.ts";
import { type DiscoveryAnswer, type DiscoveryReport, readDiscovery, readStep } from "./reports.ts";

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
  readonly resolve: FileRoute;
  readonly tell: (from: Origin, board: Mac | null, path: string, news: FileNews) => void;
  /** A discovery image has told what its board is. */
  readonly discovered: (report: DiscoveryReport, from: Origin) => Promise<DiscoveryAnswer>;
  /** A board's RAM disk tells how far it is. */
  readonly told: (board: Mac, report: BootReport, from: Origin) => Promise<void>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly terms?: Partial<BootHttpTerms>;
};

/** The running server. */
export type BootHttp = AsyncDisposable & {
  readonly address: string;
  readonly port: number;
  readonly counters: () => Readonly<Record<"requests" | "sent" | "missing" | "refused" | "failed" | "open", number>>;
};

/**
 * Serve the boot tree over HTTP/1.1: `/boot/<serial or mac>/…`, `/ipxe/<mac>`, `/images/<image>/…`, by GET and HEAD, with
 * single ranges and entity tags; and take the reports of discovery images and RAM disks.
 */
export async function startBootHttp(parts: BootHttpParts): Promise<BootHttp> {
  const { bind, clock, log } = parts;
  const terms = { ...defaults, ...parts.terms };
  const counters = { requests: 0, sent: 0, missing: 0, refused: 0, failed: 0, open: 0 };
  const send = createSender();
  const refusals = sparingly(clock, 10_000);
  let reports = 0;

  const file = async (request: IncomingMessage, response: ServerResponse, path: string): Promise<void> => {
    const from = originOf(request);
    const claim = parts.resolve({ by: "http", from, path });
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
    const step = /^\/boot\/([^/]+)\/step$/.exec(path);
    if (path !== "/discovery" && step === null) return answer(response, 404, "only reports can be posted\n");
    if (reports >= terms.maxReports) return answer(response, 503, "too many reports at once\n", { "retry-after": "5" });
    reports++;
    try {
      const body = await bodyOf(request, terms.maxBodyBytes);
      if (step === null) return json(response, 200, await parts.discovered(readDiscovery(body), originOf(request)));
      const board = parseMac(step[1] ?? "");
      if (board === null) throw new ClusterError("input.mac", `"${step[1]?.slice(0, 40)}" is no MAC of a board`);
      await parts.told(board, readStep(body), originOf(request));
      json(response, 202, { stored: 1 });
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
    server.listen(bind.port, bind.address, () => {
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

const defaults: BootHttpTerms = {
  // A thousand boards with a root each, and some to spare.
  maxConnections: 4096,
  idleMs: 30_000,
  graceMs: 60_000,
  leastBytesPerSecond: 8192,
  maxBodyBytes: 16_384,
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

async function bodyOf(request: IncomingMessage, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    if (size > maxBytes) throw new ClusterError("input.too-large", `the body is larger than ${maxBytes} octets`);
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function answer(response: ServerResponse, status: number, text: string, headers: Record<string, string> = {}): void {
  response.writeHead(status, { "content-type": "text/plain; charset=utf-8", ...headers }).end(text);
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

/** The one place where an exception of a request ends. */
function fail(response: ServerResponse, thrown: unknown, log: Logger): void {
  const code = thrown instanceof ClusterError ? thrown.code : "internal";
  const status = statusOf(code);
  if (status >= 500 && !response.destroyed)
    log.error({ error: messageOf(thrown) }, "request to the boot server failed");
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  // What the client still sends is not read: the connection ends with this answer.
  response.setHeader("connection", "close");
  json(response, status, errorBody(code, code === "internal" ? "something went wrong in the head" : messageOf(thrown)));
}
