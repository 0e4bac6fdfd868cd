/** Bounds what begun and unended messages of all links hold in memory together. */
export type Unfinished = {
  /** Count one link. `onTooMuch` is called when all hold too much and this one began first. */
  open(onTooMuch: () => void): UnfinishedLink;
};

/** The part of one link. */
type UnfinishedLink = Disposable & {
  /** Octets came, of whatever frame. */
  came(octets: number): void;
  /** A control frame of so many octets was among them; it is no part of a message. */
  aside(octets: number): void;
  /** A message is whole. */
  whole(): void;
};

/** When there is more than `most`, the message that began first is let go: an honest one has long ended. */
export function createUnfinished(most: number): Unfinished {
  const holding = new Map<UnfinishedLink, { octets: number; readonly onTooMuch: () => void }>();
  let total = 0;
  const free = (link: UnfinishedLink): void => {
    total -= holding.get(link)?.octets ?? 0;
    holding.delete(link);
  };
  return {
    open(onTooMuch) {
      const link: UnfinishedLink = {
        came(octets) {
          const held = holding.get(link) ?? { octets: 0, onTooMuch };
          holding.set(link, held);
          // Each piece costs the engine something, however small it is.
          held.octets += octets + pieceOctets;
          total += octets + pieceOctets;
          for (const [oldest, { onTooMuch }] of holding) {
            if (total <= most) break;
            free(oldest);
            onTooMuch();
          }
        },
        aside(octets) {
          const held = holding.get(link);
          if (held === undefined) return;
          const less = Math.min(held.octets, octets + pieceOctets);
          held.octets -= less;
          total -= less;
          if (held.octets === 0) free(link);
        },
        whole: () => free(link),
        [Symbol.dispose]: () => free(link),
      };
      return link;
    },
  };
}

const pieceOctets = 200;
