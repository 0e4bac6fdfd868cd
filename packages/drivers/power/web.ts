import { createHash } from "node:crypto";
import type { DriverContext, HttpAnswer, HttpTrust, PowerConfig, SettingsOf } from "@bramble/core/power";
import { flag, PowerError, readAddress, text } from "@bramble/core/power";
import { answerChallenge } from "./digest.ts";

/** What every make that speaks HTTP lets the file say. */
export const webSettings = {
  tls: flag("Speak https.", false),
  certificate: text(
    "With `tls`: the SHA-256 of its own certificate in hex; `public`: a public one; `any`: do not look.",
    "public",
  ),
};

/** How a make wants to be logged in. */
export type WebLogin = { readonly scheme: "basic" | "digest"; readonly user: string; readonly password: string };

/** One make's web server: paths in, text or JSON out; what it says of errors is told as `PowerError`. */
export type Web = {
  /** The answer, if its status is 2xx. @throws PowerError `power.refused` for 4xx, `power.connection` when it is busy. */
  ask(path: string, signal: AbortSignal, more?: WebQuestion): Promise<HttpAnswer>;
  /** The same, read as a JSON object. */
  askJson(path: string, signal: AbortSignal, more?: WebQuestion): Promise<JsonObject>;
  /** The answer whatever its status, for a make with a login of its own. */
  plain(path: string, signal: AbortSignal, more?: WebQuestion): Promise<HttpAnswer>;
};

/** What a question may have besides its path. */
export type WebQuestion = {
  readonly method?: "GET" | "POST" | "DELETE";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
};

/** An object of JSON whose values nobody has looked at yet. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** The web server of a PDU. @throws PowerError `power.config` when its address is none. */
export function webOf(
  config: PowerConfig,
  { transport }: DriverContext,
  settings: SettingsOf<typeof webSettings>,
  login: WebLogin | null,
): Web {
  const { pdu } = config;
  const { host, port } = readAddress(config, settings.tls ? 443 : 80);
  const base = `${settings.tls ? "https" : "http"}://${host.includes(":") ? `[${host}]` : host}:${port}`;
  const trust = trustOf(config, settings.certificate);
  const once = (path: string, signal: AbortSignal, more: WebQuestion): Promise<HttpAnswer> =>
    transport.http({ method: "GET", ...more, url: `${base}${path}`, ...(trust === null ? {} : { trust }) }, signal);
  const ask: Web["ask"] = async (path, signal, more = {}) => {
    const answer = await loggedIn(once, path, signal, more, login);
    if (answer.status >= 200 && answer.status <= 299) return answer;
    throw problemOf(pdu, answer, login !== null);
  };
  return {
    ask,
    plain: (path, signal, more = {}) => once(path, signal, more),
    async askJson(path, signal, more) {
      const { body } = await ask(path, signal, more);
      const value = parseObject(body);
      if (value === null) throw notUnderstood(pdu, body, "an object of JSON");
      return value;
    },
  };
}

/** A `power.answer` that quotes the beginning of what came. */
export function notUnderstood(pdu: string, said: string, expected: string): PowerError {
  const quoted = said.slice(0, 60).replace(/[^\x20-\x7e]+/g, " ");
  return new PowerError("power.answer", pdu, `it said "${quoted}"; ${expected} was expected`);
}

/** A text as an object of JSON, or null. */
export function parseObject(said: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(said);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

/** Is it an object, and no array? */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Watts as a make tells them: a sensible number, or null. */
export function wattsOf(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) && value >= 0 && value < 1e6 ? value : null;
}

/** The login of the secrets file, or null. @throws PowerError `power.config` when only half of it is there. */
export function loginOf(
  { pdu, secret }: PowerConfig,
  scheme: WebLogin["scheme"],
  usual: string | null,
): WebLogin | null {
  const { user = usual, password } = secret ?? {};
  if (password === undefined && secret?.user === undefined) return null;
  if (user === null || password === undefined)
    throw new PowerError(
      "power.config",
      pdu,
      `its entry in the secrets file has no ${user === null ? "user" : "password"}`,
    );
  return { scheme, user, password };
}

async function loggedIn(
  once: (path: string, signal: AbortSignal, more: WebQuestion) => Promise<HttpAnswer>,
  path: string,
  signal: AbortSignal,
  more: WebQuestion,
  login: WebLogin | null,
): Promise<HttpAnswer> {
  const say = (authorization: string): Promise<HttpAnswer> =>
    once(path, signal, { ...more, headers: { ...more.headers, authorization } });
  if (login?.scheme === "basic") return say(`Basic ${btoa(unicode(`${login.user}:${login.password}`))}`);
  const answer = await once(path, signal, more);
  if (answer.status !== 401 || login === null) return answer;
  const authorization = answerChallenge(answer.headers["www-authenticate"] ?? "", {
    ...{ method: more.method ?? "GET", uri: path, user: login.user, password: login.password },
    // Nobody but us can tell it, and it differs with each nonce: all that a client nonce is for.
    cnonce: (nonce) => createHash("sha256").update(`${nonce} ${login.password} bramble`).digest("hex").slice(0, 32),
  });
  return authorization === null ? answer : say(authorization);
}

function problemOf(pdu: string, { status }: HttpAnswer, isLoggedIn: boolean): PowerError {
  if (status === 401 || status === 403) {
    const why = isLoggedIn ? "it does not take the login of the secrets file" : "it wants a login; see --secrets";
    return new PowerError("power.refused", pdu, `${status}: ${why}`);
  }
  if (status === 429 || status === 503) return new PowerError("power.connection", pdu, `${status}: it is busy`);
  if (status >= 400) return new PowerError("power.refused", pdu, `it answers with status ${status}`);
  return new PowerError("power.answer", pdu, `it answers with status ${status}, which leads elsewhere`);
}

function trustOf({ pdu }: PowerConfig, certificate: string): HttpTrust | null {
  if (certificate === "public") return null;
  if (certificate === "any") return { kind: "anybody" };
  const sha256 = certificate.replaceAll(":", "").toLowerCase();
  if (/^[0-9a-f]{64}$/.test(sha256)) return { kind: "pinned", sha256 };
  throw new PowerError(
    "power.config",
    pdu,
    "settings.certificate: public, any or 64 hex digits (SHA-256) was expected",
  );
}

/** UTF-8 as text of octets, for `btoa` (RFC 7617 section 2.1). */
function unicode(said: string): string {
  return Array.from(new TextEncoder().encode(said), (octet) => String.fromCharCode(octet)).join("");
}
