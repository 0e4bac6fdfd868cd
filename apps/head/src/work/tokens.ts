import { createHash, randomBytes } from "node:crypto";

/** A new player token: 192 bits that only the player keeps. */
export function makeToken(): string {
  return `p_${randomBytes(24).toString("base64url")}`;
}

/** What is stored of a token. It has too many bits to be guessed from this, so no salt or slow hash is needed. */
export function hashToken(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}
