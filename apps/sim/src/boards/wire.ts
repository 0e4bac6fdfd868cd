import type { Connect, LinkSocket } from "@bramble/agent";
import type { Clock, Millis, Random } from "@bramble/core/base";

/** The network cable of one pretend board: its agent connects through it, faults act on it. */
export type Wire = {
  readonly connect: Connect;
  /** All that the board says leaves this much later; 0 ends it. */
  setDelay(ms: Millis): void;
  /** This part of its packets is lost and sent again as TCP does: later, and all behind it too. 0 ends it. */
  setLoss(part: number): void;
  /** The power is gone: open sockets stay as they are, unread and unclosed, and the board forgets them. */
  abandon(): void;
  /** Resets what was abandoned, as a rebooted board does when old packets reach it. */
  bury(): void;
};

/** A wire over a real `connect`. */
export function createWire(parts: { connect: Connect; clock: Clock; random: Random }): Wire {
  const { clock, random } = parts;
  const strands = new Set<Strand>();
  let abandoned: Strand[] = [];
  let delayMs = 0;
  let loss = 0;

  /** How late a frame is: the fixed delay, and the retransmissions of TCP, each twice as patient. */
  const lateness = (): Millis => {
    let late = delayMs;
    let patience = firstRetransmissionMs;
    for (let tries = 0; tries < mostRetransmissions && random.chance(loss); tries++) {
      late += patience;
      patience *= 2;
    }
    return late;
  };
  const isFaulty = (): boolean => delayMs > 0 || loss > 0;

  return {
    connect(url, events) {
      const strand = spanStrand({ clock, lateness, isFaulty });
      strands.add(strand);
      strand.attach(
        parts.connect(url, {
          opened: () => strand.isAbandoned || events.opened(),
          text: (frame) => strand.isAbandoned || events.text(frame),
          pong: () => strand.isAbandoned || events.pong(),
          closed(why) {
            strands.delete(strand);
            if (!strand.isAbandoned) events.closed(why);
          },
        }),
      );
      return strand.socket;
    },
    setDelay(ms) {
      delayMs = ms;
    },
    setLoss(part) {
      loss = part;
    },
    abandon() {
      for (const strand of strands) strand.abandon();
      abandoned.push(...strands);
      strands.clear();
    },
    bury() {
      for (const strand of abandoned) strand.bury();
      abandoned = [];
    },
  };
}

/** One connection through a wire. */
type Strand = {
  readonly socket: LinkSocket;
  readonly isAbandoned: boolean;
  attach(real: LinkSocket): void;
  abandon(): void;
  bury(): void;
};

const firstRetransmissionMs = 200;
const mostRetransmissions = 6;
/** Frames that a slow wire may hold; a board says one or two a second, so that is minutes. Further ones are lost. */
const mostInFlight = 512;

function spanStrand(parts: { clock: Clock; lateness: () => Millis; isFaulty: () => boolean }): Strand {
  const { clock } = parts;
  let real: LinkSocket | null = null;
  let isAbandoned = false;
  let lastLeaves = 0;
  let inFlight = 0;

  const say = (action: (socket: LinkSocket) => void): void => {
    if (isAbandoned || real === null) return;
    if (inFlight === 0 && !parts.isFaulty()) {
      action(real);
      return;
    }
    if (inFlight >= mostInFlight) return;
    const now = clock.monotonic();
    // Nothing overtakes: behind a late frame all wait, as in one TCP stream.
    lastLeaves = Math.max(lastLeaves, now + parts.lateness());
    inFlight++;
    clock.after(lastLeaves - now, () => {
      inFlight--;
      if (!isAbandoned && real !== null) action(real);
    });
  };

  return {
    socket: {
      send: (frame) => say((socket) => socket.send(frame)),
      ping: () => say((socket) => socket.ping()),
      close: () => say((socket) => socket.close()),
      terminate: () => void (isAbandoned || real?.terminate()),
      pause: () => real?.pause(),
    },
    get isAbandoned() {
      return isAbandoned;
    },
    attach(socket) {
      real = socket;
    },
    abandon() {
      isAbandoned = true;
      real?.pause();
    },
    bury: () => real?.terminate(),
  };
}
