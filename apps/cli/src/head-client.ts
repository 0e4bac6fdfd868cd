import { messageOf } from "@bramble/core/base";
import { CommandError, exitCodes } from "./problem.ts";

/** Where the head is and who we are to it. */
export type HeadAddress = {
  readonly url: string;
  /** The operator's token, for a head that asks for one. */
  readonly token: string | null;
  /** The player token of the name under which we post. */
  readonly player?: string | null;
};

/** REST of one head, as the commands use it. */
export type HeadClient = {
  readonly url: string;
  /** @param signal gives the question up; the promise is then refused with its reason. */
  get<T>(path: string, query?: Readonly<Record<string, string | undefined>>, signal?: AbortSignal): Promise<T>;
  post<T>(path: string, body: unknown, headers?: Readonly<Record<string, string>>): Promise<T>;
  put<T>(path: string, body: unknown): Promise<T>;
};

/**
 * A client for the head at `address`.
 *
 * Every call throws `CommandError`: exit code 3 when nobody answers, 1 with the head's own sentence and hint when it refuses.
 */
export function headClient(address: HeadAddress): HeadClient {
  const call = async <T>(
    method: string,
    path: string,
    { body, more = {}, signal }: { body?: unknown; more?: Readonly<Record<string, string>>; signal?: AbortSignal },
  ): Promise<T> => {
    const headers: Record<string, string> = { ...more };
    if (address.token !== null) headers.authorization = `Bearer ${address.token}`;
    if (address.player) headers["x-player-token"] = address.player;
    if (body !== undefined) headers["content-type"] = "application/json";
    let response: Response;
    try {
      response = await fetch(new URL(`/api/v1${path}`, address.url), {
        method,
        headers,
        signal: AbortSignal.any([AbortSignal.timeout(90_000), ...(signal === undefined ? [] : [signal])]),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    } catch (thrown) {
      signal?.throwIfAborted();
      throw unreachableHead(address.url, thrown);
    }
    const text = await response.text();
    if (response.ok) return parseAnswer<T>(text, address.url);
    throw refused(response.status, text, address.url);
  };
  return {
    url: address.url,
    get: (path, query = {}, signal) => {
      const search = new URLSearchParams(
        Object.entries(query).filter((pair): pair is [string, string] => pair[1] !== undefined),
      );
      return call("GET", search.size > 0 ? `${path}?${search}` : path, signal === undefined ? {} : { signal });
    },
    post: (path, body, headers) => call("POST", path, { body, ...(headers === undefined ? {} : { more: headers }) }),
    put: (path, body) => call("PUT", path, { body }),
  };
}

function parseAnswer<T>(text: string, url: string): T {
  try {
    return JSON.parse(text) as T;
  } catch {
    throw new CommandError(`${url} answered something that is not JSON`, {
      hint: "Is that a Bramble head? Check --head.",
    });
  }
}

function refused(status: number, text: string, url: string): CommandError {
  try {
    const { error } = JSON.parse(text) as { error: { code: string; message: string; hint: string } };
    return new CommandError(error.message, hintOf(error));
  } catch {
    return new CommandError(`${url} answered with status ${status}`, { hint: "Is that a Bramble head? Check --head." });
  }
}

function unreachableHead(url: string, thrown: unknown): CommandError {
  const cause = thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause : thrown;
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  return new CommandError(`no head answers at ${url} (${whyNot[code] ?? messageOf(cause)})`, {
    hint: "Start one with `bramble demo` or `bramble head --cluster FILE`, or name another with --head.",
    exitCode: exitCodes.unreachable,
  });
}

/** Where the head's hint speaks to programs, what a person at a terminal does instead. */
const hintHere: Readonly<Record<string, string>> = {
  "auth.required": "Give it with --token-file FILE, or BRAMBLE_TOKEN_FILE.",
  "auth.player": "The name belongs to whoever posted first under it; choose another with --user cli:NAME.",
};

function hintOf({ code, hint }: { readonly code: string; readonly hint: string }): { hint?: string } {
  // The message says it all; the hint would send a person to the schema of the API.
  return code === "input.invalid" ? {} : { hint: hintHere[code] ?? hint };
}

/** What the network's usual refusals mean, in words. */
const whyNot: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens there",
  ECONNRESET: "it hung up",
  ENOTFOUND: "no computer of that name is known",
  EAI_AGAIN: "names cannot be looked up now",
  EHOSTUNREACH: "there is no way to that computer",
  ENETUNREACH: "there is no way to that network",
};
