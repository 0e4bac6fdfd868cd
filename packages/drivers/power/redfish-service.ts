import type { HttpAnswer } from "@bramble/core/power";
import { PowerError } from "@bramble/core/power";
import {
  isObject,
  type JsonObject,
  notUnderstood,
  parseObject,
  type Web,
  type WebLogin,
  type WebQuestion,
} from "./web.ts";

/** One Redfish service, logged in when it must be. */
export type RedfishService = AsyncDisposable & {
  get(path: string, signal: AbortSignal): Promise<JsonObject>;
  /** Do an action. Resolves when it is done or taken on as a task (202). */
  post(path: string, body: JsonObject, signal: AbortSignal): Promise<void>;
};

/**
 * A Redfish service with sessions (DSP0266 section 13.3): the token is asked for at the first question and again when
 * the service has forgotten it; it is given back at the end, since many services have places for few sessions.
 */
export function openRedfishService(
  pdu: string,
  web: Web,
  login: WebLogin | null,
  kind: "session" | "basic",
): RedfishService {
  let session: { readonly token: string; readonly path: string | null } | null = null;
  const logIn = async ({ user, password }: WebLogin, signal: AbortSignal): Promise<string> => {
    const root = parseObject((await taken(pdu, await web.plain("/redfish/v1/", signal, { headers }), true)).body);
    const links = isObject(root?.Links) ? root.Links : {};
    const said = isObject(links.Sessions) ? links.Sessions["@odata.id"] : null;
    const path =
      typeof said === "string" && said.startsWith("/redfish/") ? said : "/redfish/v1/SessionService/Sessions";
    const body = JSON.stringify({ UserName: user, Password: password });
    const answer = taken(pdu, await web.plain(path, signal, { method: "POST", headers, body }), true);
    const token = answer.headers["x-auth-token"];
    if (token === undefined || !/^[!-~]{1,4096}$/.test(token)) throw notUnderstood(pdu, "no token", "X-Auth-Token");
    session = {
      token,
      path: /^(?:https?:\/\/[^/]+)?(\/redfish\/[!-~]{1,300})$/.exec(answer.headers.location ?? "")?.[1] ?? null,
    };
    return token;
  };
  const access = async (signal: AbortSignal): Promise<Readonly<Record<string, string>>> => {
    if (login === null) return {};
    if (kind === "basic") return { authorization: `Basic ${basic(login)}` };
    return { "x-auth-token": session?.token ?? (await logging(login, signal)) };
  };
  // Questions that are asked at once wait for one login together.
  let pending: Promise<string> | null = null;
  const logging = (known: WebLogin, signal: AbortSignal): Promise<string> => {
    pending ??= logIn(known, signal).finally(() => {
      pending = null;
    });
    return pending;
  };
  const ask = async (path: string, signal: AbortSignal, more: WebQuestion): Promise<HttpAnswer> => {
    const once = async () => {
      const shown = await access(signal);
      const answer = await web.plain(path, signal, { ...more, headers: { ...headers, ...shown } });
      if (answer.status === 401 && session?.token === shown["x-auth-token"]) session = null;
      return answer;
    };
    const hadToken = session !== null;
    const first = await once();
    return taken(pdu, first.status === 401 && hadToken ? await once() : first, login !== null);
  };
  return {
    async get(path, signal) {
      const { body } = await ask(path, signal, { method: "GET" });
      const value = parseObject(body);
      if (value === null) throw notUnderstood(pdu, body, "an object of JSON");
      return value;
    },
    async post(path, body, signal) {
      await ask(path, signal, { method: "POST", body: JSON.stringify(body) });
    },
    async [Symbol.asyncDispose]() {
      const { token, path } = session ?? { token: "", path: null };
      session = null;
      if (path === null) return;
      const shown = { ...headers, "x-auth-token": token };
      // Nobody waits for this, and a service that is gone has forgotten us anyway.
      await web.plain(path, AbortSignal.timeout(2000), { method: "DELETE", headers: shown }).catch(() => {});
    },
  };
}

const headers = { accept: "application/json", "content-type": "application/json", "odata-version": "4.0" };

/** The answer if it is one of success; else what the service says of the error (DSP0266 section 8.6). */
function taken(pdu: string, answer: HttpAnswer, isLoggedIn: boolean): HttpAnswer {
  const { status } = answer;
  if (status >= 200 && status <= 299) return answer;
  const why = errorIn(answer.body);
  if (status === 401 || status === 403) {
    const login = isLoggedIn ? "it does not take the login of the secrets file" : "it wants a login; see --secrets";
    throw new PowerError("power.refused", pdu, `${status}: ${login}${why}`);
  }
  // 503 also means that all its sessions are taken.
  if (status === 429 || status === 503) throw new PowerError("power.connection", pdu, `${status}: it is busy${why}`);
  const code = status >= 400 ? "power.refused" : "power.answer";
  throw new PowerError(code, pdu, `it answers with status ${status}${why}`);
}

function errorIn(body: string): string {
  const { error } = parseObject(body) ?? {};
  if (!isObject(error)) return "";
  const [first]: readonly unknown[] = Array.isArray(error["@Message.ExtendedInfo"])
    ? error["@Message.ExtendedInfo"]
    : [];
  const said = (isObject(first) ? first.Message : undefined) ?? error.message;
  return typeof said === "string" ? ` (${said.slice(0, 120).replace(/\p{Cc}+/gu, " ")})` : "";
}

/** RFC 7617 with UTF-8. */
function basic({ user, password }: WebLogin): string {
  return btoa(
    Array.from(new TextEncoder().encode(`${user}:${password}`), (octet) => String.fromCharCode(octet)).join(""),
  );
}
