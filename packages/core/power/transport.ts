import type { Millis } from "../base/index.ts";

/**
 * The ways out of a driver, handed in. Each keeps to limits of its own (size of an answer, time) and throws
 * `PowerError`: `power.connection` when the far side cannot be reached or hangs up, `power.timeout`, and
 * `power.answer` when what came is too big or broken.
 */
export type Transport = {
  connect(address: HostPort, signal: AbortSignal): Promise<Line>;
  /** One question and its answer. Redirects are not followed: their answer is given as it came. */
  http(request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer>;
  /** Opens no connection by itself (UDP): a wrong address is seen at the first question. */
  snmp(target: SnmpTarget, signal: AbortSignal): Promise<SnmpSession>;
  /** Run one program with these arguments, never through a shell. A code other than 0 is an answer, not an error. */
  run(command: readonly string[], signal: AbortSignal): Promise<RunResult>;
};

/** Where a PDU listens. */
export type HostPort = { readonly host: string; readonly port: number };

/** A line-by-line connection. The driver sees text; sockets stay with whoever made the transport. */
export type Line = AsyncDisposable & {
  send(text: string, signal: AbortSignal): Promise<void>;
  /** The next whole line, without its line end. Rejects with `PowerError` `power.connection` when the far side closes. */
  receive(signal: AbortSignal): Promise<string>;
  /** All text up to and with the first match of `end`, line ends as they came: for prompts, which end no line. */
  receiveUntil(end: RegExp, signal: AbortSignal): Promise<string>;
};

/** One question over HTTP. */
export type HttpRequest = {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** `http:` or `https:`. Its query is never told in messages: makes put passwords there. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Absent: as patient as the transport is. */
  readonly timeoutMs?: Millis;
  /** Whom to trust over https; absent: the certificates that this machine trusts. */
  readonly trust?: HttpTrust;
};

/** `pinned`: exactly the certificate with this SHA-256 (64 hex digits); `anybody`: not looked at. */
export type HttpTrust = { readonly kind: "pinned"; readonly sha256: string } | { readonly kind: "anybody" };

/** The answer; names of headers in lower case. */
export type HttpAnswer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

/** An SNMP agent and who asks it (RFC 3584 for communities, RFC 3414 for users). */
export type SnmpTarget = HostPort & { readonly timeoutMs?: Millis } & (
    | { readonly version: "1" | "2c"; readonly community: string }
    | {
        readonly version: "3";
        readonly user: string;
        readonly auth: { readonly protocol: "md5" | "sha" | "sha256" | "sha512"; readonly key: string } | null;
        /** Only together with `auth`. */
        readonly privacy: { readonly protocol: "des" | "aes" | "aes256"; readonly key: string } | null;
      }
  );

/** What an SNMP object holds: numbers of every kind, octets as latin1 text, OIDs and addresses dotted; null: no such object. */
export type SnmpValue = number | string | null;

/** One object and its value. */
export type SnmpBinding = { readonly oid: string; readonly value: SnmpValue };

/** One value to write. */
export type SnmpWrite =
  | { readonly oid: string; readonly type: "integer" | "gauge"; readonly value: number }
  | { readonly oid: string; readonly type: "octets"; readonly value: string };

/** Questions to one SNMP agent. What the agent refuses (RFC 3416 error-status) is `power.refused`. */
export type SnmpSession = AsyncDisposable & {
  /** In the order asked. */
  get(oids: readonly string[], signal: AbortSignal): Promise<readonly SnmpBinding[]>;
  set(writes: readonly SnmpWrite[], signal: AbortSignal): Promise<void>;
  /** Everything under `root`, at most some thousand objects. */
  walk(root: string, signal: AbortSignal): Promise<readonly SnmpBinding[]>;
};

/** What a program said. */
export type RunResult = { readonly code: number; readonly out: string; readonly err: string };
