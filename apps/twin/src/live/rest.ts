/** An answer of the head that is an error, or no answer at all (`network`). */
export class RestError extends Error {
  readonly code: string;
  readonly hint: string;

  constructor(code: string, message: string, hint: string) {
    super(message);
    this.name = "RestError";
    this.code = code;
    this.hint = hint;
  }
}

/** No answer at all, or none in time; an answer that is an error is an answer. */
export function isSilence(thrown: unknown): boolean {
  return thrown instanceof DOMException || (thrown instanceof RestError && thrown.code === "network");
}

/** REST under /api/v1, as the page asks it. Answers are trusted to have the shape of core/api: the head checks itself. */
export type Rest = {
  get<T>(path: string, signal?: AbortSignal): Promise<T>;
  /** `token` is the player's, where a name has one. `key`: sent twice, it is done once. */
  post<T>(path: string, body: unknown, token?: string | null, how?: PostHow): Promise<T>;
  put<T>(path: string, body: unknown, signal?: AbortSignal): Promise<T>;
};

/** What else a POST may say. */
type PostHow = { readonly key?: string; readonly signal?: AbortSignal };

/** REST over `fetch`, relative to the page's own origin. */
export function createRest(fetcher: typeof fetch): Rest {
  const ask = async <T>(path: string, init: RequestInit): Promise<T> => {
    let answer: Response;
    try {
      answer = await fetcher(`/api/v1${path}`, init);
    } catch (cause) {
      if (cause instanceof DOMException && cause.name === "AbortError") throw cause;
      throw new RestError("network", "The head does not answer.", "Is `bramble head` running?");
    }
    const body = (await answer.json().catch(() => null)) as unknown;
    if (answer.ok) return body as T;
    const error = (body as { error?: { code?: string; message?: string; hint?: string } } | null)?.error;
    throw new RestError(
      error?.code ?? `http.${answer.status}`,
      error?.message ?? `The head answered ${answer.status}.`,
      error?.hint ?? "",
    );
  };
  return {
    get: (path, signal) => ask(path, signal === undefined ? {} : { signal }),
    post: (path, body, token, { key, signal } = {}) =>
      ask(path, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          ...(token === undefined || token === null ? {} : { "x-player-token": token }),
          ...(key === undefined ? {} : { "idempotency-key": key }),
        },
        body: JSON.stringify(body),
        ...(signal === undefined ? {} : { signal }),
      }),
    put: (path, body, signal) =>
      ask(path, {
        method: "PUT",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
        ...(signal === undefined ? {} : { signal }),
      }),
  };
}
