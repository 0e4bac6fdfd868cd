import { createHash } from "node:crypto";

/** Who answers a challenge, and for what. */
export type DigestParts = {
  readonly method: string;
  /** Path and query, as in the request line. */
  readonly uri: string;
  readonly user: string;
  readonly password: string;
  readonly cnonce: (nonce: string) => string;
};

/**
 * The `Authorization` header for a `WWW-Authenticate: Digest` challenge (RFC 7616), or null where it offers nothing
 * that we speak: SHA-256 or MD5 with `qop=auth`. SHA-256 is taken where both are offered.
 */
export function answerChallenge(header: string, parts: DigestParts): string | null {
  const offers = challengesOf(header);
  const offer = offers.find(({ algorithm }) => algorithm === "SHA-256") ?? offers[0];
  if (offer === undefined) return null;
  const { realm, nonce, algorithm, opaque } = offer;
  const hash = (said: string): string =>
    createHash(algorithm === "MD5" ? "md5" : "sha256")
      .update(said)
      .digest("hex");
  const cnonce = parts.cnonce(nonce);
  const nc = "00000001";
  const secret = hash(`${parts.user}:${realm}:${parts.password}`);
  const response = hash(`${secret}:${nonce}:${nc}:${cnonce}:auth:${hash(`${parts.method}:${parts.uri}`)}`);
  const said = [
    ...[`username=${quoted(parts.user)}`, `realm=${quoted(realm)}`, `nonce=${quoted(nonce)}`],
    ...[`uri=${quoted(parts.uri)}`, `algorithm=${algorithm}`, "qop=auth", `nc=${nc}`, `cnonce=${quoted(cnonce)}`],
    ...[`response="${response}"`, ...(opaque === undefined ? [] : [`opaque=${quoted(opaque)}`])],
  ];
  return `Digest ${said.join(", ")}`;
}

type Challenge = {
  readonly realm: string;
  readonly nonce: string;
  readonly algorithm: "SHA-256" | "MD5";
  readonly opaque: string | undefined;
};

function challengesOf(header: string): Challenge[] {
  return header
    .slice(0, 4000)
    .split(/(?:^|,)\s*Digest\s+/i)
    .slice(1)
    .flatMap((part): Challenge[] => {
      const pairs = [...part.matchAll(/([a-z-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/gi)];
      const said = new Map(
        pairs.map(([, key, text, word]) => [key?.toLowerCase(), text?.replace(/\\(.)/g, "$1") ?? word]),
      );
      const [realm, nonce] = [said.get("realm"), said.get("nonce")];
      const algorithm = (said.get("algorithm") ?? "MD5").toUpperCase();
      const isOurs = (algorithm === "SHA-256" || algorithm === "MD5") && /\bauth\b/.test(said.get("qop") ?? "");
      return isOurs && realm !== undefined && nonce !== undefined
        ? [{ realm, nonce, algorithm, opaque: said.get("opaque") }]
        : [];
    });
}

function quoted(said: string): string {
  return `"${said.replace(/["\\]/g, "\\$&")}"`;
}
