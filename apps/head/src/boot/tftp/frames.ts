import { blocksOf, frameTftpData } from "@bramble/core/boot/tftp";

/** Content cut into whole DATA packets, ready to be sent, in pieces of about a megabyte that come and go. */
export type Framed = {
  readonly blocks: number;
  /** The packet of a block (from 1), or null when its piece is not in memory. */
  frame(block: number): Uint8Array | null;
  /**
   * Bring the piece of a block into memory. Many who ask wait for one reading.
   *
   * @throws ClusterError `boot.file` when the file is gone or is no longer the same.
   */
  load(block: number): Promise<void>;
};

/** Packets that lie one after the other in one memory. */
export type Piece = {
  readonly frames: readonly Uint8Array[];
  readonly heldBytes: number;
  readonly forget: () => void;
  usedAt: number;
};

/** Content that is read piece by piece, as it is asked for; `keep` is told of each piece and may make it forget. */
export function framePieces(parts: {
  readonly sizeBytes: number;
  readonly blockBytes: number;
  readonly read: (from: number, length: number) => Promise<Uint8Array>;
  readonly keep: (piece: Piece) => void;
  readonly turn: () => number;
  readonly onEmpty: () => void;
}): Framed {
  const { sizeBytes, blockBytes, read, keep, turn, onEmpty } = parts;
  const blocks = blocksOf(sizeBytes, blockBytes);
  const perPiece = Math.max(1, Math.floor(pieceBytes / (blockBytes + overheadBytes)));
  const pieces = new Map<number, Piece>();
  const loading = new Map<number, Promise<void>>();
  // Most packets are of the piece of the packet before.
  let lastAt = -1;
  let last: Piece | null = null;

  const load = async (at: number): Promise<void> => {
    const from = at * perPiece * blockBytes;
    const length = Math.min(perPiece * blockBytes, sizeBytes - from);
    const first = at * perPiece + 1;
    const frames = cut(await read(from, length), blockBytes, first, Math.min(first + perPiece - 1, blocks));
    const heldBytes = length + frames.length * (4 + overheadBytes);
    const forget = (): void => {
      pieces.delete(at);
      if (lastAt === at) last = null;
      if (pieces.size === 0) onEmpty();
    };
    const piece = { frames, heldBytes, forget, usedAt: turn() };
    pieces.set(at, piece);
    keep(piece);
  };

  return {
    blocks,
    frame(block) {
      const at = Math.floor((block - 1) / perPiece);
      if (at !== lastAt || last === null) {
        const piece = pieces.get(at);
        if (piece === undefined) return null;
        last = piece;
        lastAt = at;
      }
      last.usedAt = turn();
      return last.frames[block - 1 - at * perPiece]!;
    },
    load(block) {
      const at = Math.floor((block - 1) / perPiece);
      if (pieces.has(at)) return Promise.resolve();
      let loaded = loading.get(at);
      if (loaded === undefined) {
        loaded = load(at).finally(() => loading.delete(at));
        loading.set(at, loaded);
      }
      return loaded;
    },
  };
}

/** A small content, cut at once, as packets of its own. */
export function frameAll(bytes: Uint8Array, blockBytes: number): Framed {
  const blocks = blocksOf(bytes.length, blockBytes);
  const frames = cut(bytes, blockBytes, 1, blocks);
  return { blocks, frame: (block) => frames[block - 1]!, load: () => Promise.resolve() };
}

/** Memory of one piece, and what a packet costs beside its octets. */
const pieceBytes = 2 ** 20;
const overheadBytes = 128;

/** The packets of blocks `first` to `last`, whose content is `bytes`; the last one of a file may be short or empty. */
function cut(bytes: Uint8Array, blockBytes: number, first: number, last: number): Uint8Array[] {
  const count = last - first + 1;
  const memory = new Uint8Array(bytes.length + 4 * count);
  return Array.from({ length: count }, (_, i) => {
    const start = i * (blockBytes + 4);
    const content = bytes.subarray(i * blockBytes, (i + 1) * blockBytes);
    frameTftpData(memory, start, first + i);
    memory.set(content, start + 4);
    return memory.subarray(start, start + 4 + content.length);
  });
}
