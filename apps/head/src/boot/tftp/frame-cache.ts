import { constants } from "node:fs";
import { open, stat } from "node:fs/promises";
import type { Clock } from "@bramble/core/base";
import { ClusterError } from "@bramble/core/base";
import type { Framed, Piece } from "./frames.ts";
import { frameAll, framePieces } from "./frames.ts";

/** Content to be sent: a file on disk as it was when it was looked at, or octets. */
export type Source = {
  readonly sizeBytes: number;
  /** The same content cut into DATA packets; shared by all who ask for the same size of block. */
  framed(blockBytes: number): Framed;
};

/** The shared memory of all that is sent, bounded in octets: what was used longest ago is forgotten first. */
export type FrameCache = {
  /** @throws ClusterError `boot.file` when there is no such file, or it has another size. */
  file(path: string, sizeBytes: number): Source | Promise<Source>;
  /** Octets that live in memory already. Large ones are cut once for as long as the very array is asked for. */
  bytes(bytes: Uint8Array): Source;
  heldBytes(): number;
};

/** A cache of packets; files are read once and again only when they were forgotten or have changed. */
export function createFrameCache({
  clock,
  boundBytes,
}: {
  readonly clock: Clock;
  readonly boundBytes: number;
}): FrameCache {
  const files = new Map<string, { readonly identity: string; readonly source: Source; checkedAt: number }>();
  const looking = new Map<string, Promise<Source>>();
  const large = new WeakMap<Uint8Array, Source>();
  const pieces = new Set<Piece>();
  const readInTurn = inTurns(readsAtOnce);
  let heldBytes = 0;
  let turn = 0;

  const keep = (piece: Piece): void => {
    pieces.add(piece);
    heldBytes += piece.heldBytes;
    if (heldBytes <= boundBytes) return;
    // Some more than needed, so that not every new piece sorts all others.
    for (const old of [...pieces].sort((a, b) => a.usedAt - b.usedAt)) {
      if (heldBytes <= boundBytes * 0.9 || old === piece) break;
      pieces.delete(old);
      heldBytes -= old.heldBytes;
      old.forget();
    }
  };

  const sourceOf = (sizeBytes: number, read: (from: number, length: number) => Promise<Uint8Array>): Source => {
    const byBlock = new Map<number, Framed>();
    return {
      sizeBytes,
      framed(blockBytes) {
        let framed = byBlock.get(blockBytes);
        if (framed === undefined) {
          const onEmpty = (): void => void byBlock.delete(blockBytes);
          framed = framePieces({ sizeBytes, blockBytes, read, keep, turn: () => ++turn, onEmpty });
          byBlock.set(blockBytes, framed);
        }
        return framed;
      },
    };
  };

  const look = async (path: string, sizeBytes: number): Promise<Source> => {
    const identity = await identityOf(path);
    if (identity.sizeBytes !== sizeBytes) {
      throw changed(`${path} has ${identity.sizeBytes} octets, the image says ${sizeBytes}`);
    }
    const known = files.get(path);
    if (known?.identity === identity.text) {
      known.checkedAt = clock.monotonic();
      return known.source;
    }
    const source = sourceOf(sizeBytes, (from, length) => readInTurn(() => readPart(path, identity.text, from, length)));
    files.set(path, { identity: identity.text, source, checkedAt: clock.monotonic() });
    return source;
  };

  return {
    file(path, sizeBytes) {
      const known = files.get(path);
      const isFresh = known !== undefined && clock.monotonic() - known.checkedAt < freshMs;
      if (isFresh && known.source.sizeBytes === sizeBytes) return known.source;
      const key = `${sizeBytes} ${path}`;
      let looked = looking.get(key);
      if (looked === undefined) {
        looked = look(path, sizeBytes).finally(() => looking.delete(key));
        looking.set(key, looked);
      }
      return looked;
    },
    bytes(bytes) {
      if (bytes.length < largeBytes) return { sizeBytes: bytes.length, framed: (size) => frameAll(bytes, size) };
      let source = large.get(bytes);
      if (source === undefined) {
        source = sourceOf(bytes.length, (from, length) => Promise.resolve(bytes.subarray(from, from + length)));
        large.set(bytes, source);
      }
      return source;
    },
    heldBytes: () => heldBytes,
  };
}

/** For so long a file on disk is taken to be what it was. */
const freshMs = 1000;
/** Octets below this are cut for each request: cheaper than to remember them. */
const largeBytes = 64 * 1024;
const readsAtOnce = 4;

async function identityOf(path: string): Promise<{ readonly text: string; readonly sizeBytes: number }> {
  const seen = await stat(path).catch((cause: unknown) => {
    throw new ClusterError("boot.file", `${path} cannot be read`, { cause });
  });
  if (!seen.isFile()) throw changed(`${path} is not a file`);
  return { text: identityText(seen), sizeBytes: seen.size };
}

/** A part of a file, if it is still the file that was looked at: two versions are never mixed within one transfer. */
async function readPart(path: string, identity: string, from: number, length: number): Promise<Uint8Array> {
  // Links were followed when the image was read: one that stands here now was put there since, and may lead anywhere.
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW).catch((cause: unknown) => {
    throw new ClusterError("boot.file", `${path} cannot be read`, { cause });
  });
  try {
    const bytes = new Uint8Array(length);
    let filled = 0;
    while (filled < length) {
      const { bytesRead } = await file.read(bytes, filled, length - filled, from + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    if (filled < length || identityText(await file.stat()) !== identity)
      throw changed(`${path} has changed while it was sent`);
    return bytes;
  } finally {
    await file.close();
  }
}

function identityText({
  size,
  mtimeMs,
  ino,
}: {
  readonly size: number;
  readonly mtimeMs: number;
  readonly ino: number;
}): string {
  return `${size} ${mtimeMs} ${ino}`;
}

function changed(message: string): ClusterError {
  return new ClusterError("boot.file", message);
}

/** At most `most` at once, the others wait in order: a thousand clients do not make a thousand buffers. */
function inTurns(most: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    if (running >= most) await new Promise<void>((resolve) => waiting.push(resolve));
    else running++;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running--;
      else next();
    }
  };
}
