/** What the head broadcasts on UDP 3333: a hint of where it is, never a proof. */
export type Beacon = {
  /** Version of the beacon: 1. */
  readonly bramble: 1;
  /** The head's own address, `http://127.0.0.1:8880`. */
  readonly head: string;
  /** Pin of the head's key, `sha256:…`; null while the link is not encrypted (loopback, token). */
  readonly key: string | null;
  /** Names this head across restarts. */
  readonly id: string;
};

/** The beacon as UTF-8 JSON. */
export function encodeBeacon(beacon: Beacon): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify(beacon));
}

/** Reads a datagram; null for whatever is no beacon of ours (port 3333 is shared with older software). Never throws. */
export function decodeBeacon(datagram: Uint8Array): Beacon | null {
  if (datagram.length > 1024) return null;
  try {
    const said = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(datagram)) as Partial<
      Record<keyof Beacon, unknown>
    > | null;
    if (said === null || typeof said !== "object" || said.bramble !== 1) return null;
    if (typeof said.head !== "string" || typeof said.id !== "string" || said.id.length > 64) return null;
    const head = new URL(said.head);
    if (head.protocol !== "http:" && head.protocol !== "https:") return null;
    return { bramble: 1, head: head.origin, key: typeof said.key === "string" ? said.key : null, id: said.id };
  } catch {
    return null;
  }
}
