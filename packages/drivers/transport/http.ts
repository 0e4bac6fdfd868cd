import { createHash } from "node:crypto";
import { type IncomingMessage, request as plain } from "node:http";
import { request as secure } from "node:https";
import { TLSSocket } from "node:tls";
import { type Clock, messageOf } from "@bramble/core/base";
import type { HttpAnswer, HttpRequest } from "@bramble/core/power";
import { PowerError } from "@bramble/core/power";

/**
 * One question over HTTP on a connection of its own: embedded servers serve few, and close when they like. An answer
 * of more than 64 KB is refused, redirects are not followed, and messages name neither query nor user.
 */
export async function httpAsk(
  { pdu, clock }: { readonly pdu: string; readonly clock: Clock },
  asked: HttpRequest,
  signal: AbortSignal,
): Promise<HttpAnswer> {
  const url = URL.canParse(asked.url) ? new URL(asked.url) : null;
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== "" || url.password !== "")
    throw new PowerError("power.config", pdu, "its address makes no http or https URL");
  const where = `${asked.method} ${url.protocol}//${url.host}${url.pathname}`.slice(0, 200);
  const timeoutMs = Math.min(asked.timeoutMs ?? maxWaitMs, maxWaitMs);
  const late = new AbortController();
  const timer = clock.after(timeoutMs, () => late.abort());
  try {
    const response = await responseTo(url, asked, AbortSignal.any([signal, late.signal]));
    const headers = Object.entries(response.headers).map(([name, value]) => [name, [value].flat().join(", ")]);
    return { status: response.statusCode ?? 0, headers: Object.fromEntries(headers), body: await bodyOf(response) };
  } catch (thrown) {
    signal.throwIfAborted();
    const told = (code: "power.connection" | "power.timeout" | "power.answer", why: string): PowerError =>
      new PowerError(code, pdu, `${where}: ${why}`, { cause: thrown });
    if (late.signal.aborted) throw told("power.timeout", `no answer within ${timeoutMs} ms`);
    if (thrown instanceof TooLarge) throw told("power.answer", `more than ${maxBytes / 1024} KB came`);
    const code = (thrown as NodeJS.ErrnoException).code ?? messageOf(thrown);
    // The parser of node:http: what came is no HTTP.
    if (code.startsWith("HPE_") && code !== "HPE_INVALID_EOF_STATE") throw told("power.answer", "what came is no HTTP");
    throw told("power.connection", `cannot be reached (${code.slice(0, 160)})`);
  } finally {
    timer.cancel();
  }
}

const maxBytes = 65_536;
const maxWaitMs = 10_000;

class TooLarge extends Error {}

function responseTo(url: URL, asked: HttpRequest, signal: AbortSignal): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const { method, trust, body } = asked;
  const length = body === undefined ? {} : { "content-length": String(new TextEncoder().encode(body).length) };
  const options = {
    method,
    headers: { connection: "close", ...asked.headers, ...length },
    agent: false as const,
    signal,
    rejectUnauthorized: trust === undefined,
  };
  const request = url.protocol === "https:" ? secure(url, options) : plain(url, options);
  request.on("error", reject);
  request.on("response", resolve);
  if (url.protocol !== "https:" || trust?.kind !== "pinned") {
    request.end(body);
    return promise;
  }
  // No header and no password is said before the far side has shown the certificate that we know.
  request.on("socket", (socket) =>
    socket.once("secureConnect", () => {
      const shown = socket instanceof TLSSocket ? socket.getPeerCertificate().raw : undefined;
      const print = shown === undefined ? "" : createHash("sha256").update(shown).digest("hex");
      if (print === trust.sha256.replaceAll(":", "").toLowerCase()) request.end(body);
      else request.destroy(new Error(`its certificate is ${print}, not the pinned one`));
    }),
  );
  return promise;
}

async function bodyOf(response: IncomingMessage): Promise<string> {
  const decoder = new TextDecoder();
  let body = "";
  let size = 0;
  for await (const chunk of response as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > maxBytes) throw new TooLarge();
    body += decoder.decode(chunk, { stream: true });
  }
  return body + decoder.decode();
}
