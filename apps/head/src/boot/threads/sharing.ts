import type { FileClaim } from "@bramble/core/boot";
import type { SentClaim } from "./messages.ts";

/** Puts large octets into shared memory, once for each array. */
export function createSharing(): (claim: FileClaim) => SentClaim {
  const known = new WeakMap<Uint8Array, { readonly key: number; readonly bytes: Uint8Array }>();
  let keys = 0;
  return (claim) => {
    if (claim.kind !== "bytes") return claim;
    if (claim.bytes.length < sharedFromBytes) return { ...claim, shared: null };
    let shared = known.get(claim.bytes);
    if (shared === undefined) {
      const bytes = new Uint8Array(new SharedArrayBuffer(claim.bytes.length));
      bytes.set(claim.bytes);
      shared = { key: keys++, bytes };
      known.set(claim.bytes, shared);
    }
    return { ...claim, bytes: shared.bytes, shared: shared.key };
  };
}

/** Octets below this are copied from thread to thread. */
const sharedFromBytes = 64 * 1024;
