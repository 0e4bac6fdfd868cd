import type { Clock, Logger, Random } from "@bramble/core/base";
import { DecodeError, messageOf, unreachable } from "@bramble/core/base";
import type { FileClaim, FileRequest, TftpPacket } from "@bramble/core/boot";
import { blockOfAck, decodeTftp, tftpErrors } from "@bramble/core/boot/tftp";
import type { Send, Tell } from "./courier.ts";
import { createCourier } from "./courier.ts";
import { createFrameCache } from "./frame-cache.ts";
import type { TftpCounters, TftpTerms } from "./terms.ts";
import type { Endpoint, Transfer } from "./transfer.ts";
import { createTransferTable } from "./transfer.ts";

/** The server without its sockets: datagrams go in, datagrams come out. */
export type TftpDesk = {
  /** A datagram at the port that requests are sent to. */
  asked(bytes: Uint8Array, from: Endpoint): void;
  /** A datagram at reply socket `slot`. */
  heard(slot: number, bytes: Uint8Array, from: Endpoint): void;
  /** Look for silence; to be called every `sweepMs`. */
  sweep(): void;
  counters(): TftpCounters;
};

/** Everything that the server decides, without a socket, so that a test may feed it a million datagrams. */
export function createTftpDesk(parts: {
  /** What a path means for who asks. A rejection is answered as an error. */
  readonly resolve: (request: FileRequest) => FileClaim | Promise<FileClaim>;
  readonly tell: Tell;
  readonly send: Send;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly terms: TftpTerms;
}): TftpDesk {
  const { resolve, clock, random, log, terms } = parts;
  const cache = createFrameCache({ clock, boundBytes: terms.cacheBytes });
  const table = createTransferTable({ ...terms, firstSlot: () => random.whole(terms.replySockets) });
  const courier = createCourier({ ...parts, table });
  const count = { requests: 0, refused: 0, strays: 0 };
  let sweptAt = clock.monotonic();
  let strayAnswers = 0;
  let warnings = 0;

  const warn = (facts: Readonly<Record<string, unknown>>, event: string): void => {
    if (warnings++ < warningsPerSweep) log.warn(facts, event);
  };

  /** An answer to who has no transfer: the number of such answers is bounded, since anybody can write a sender's address. */
  const refuseStray = (slot: number, to: Endpoint, code: number, message: string): void => {
    count.strays++;
    if (to.port > 0 && strayAnswers++ < strayAnswersPerSweep) courier.refuse(slot, to, code, message);
  };

  const refused = (transfer: Transfer, why: string, message = "access refused"): void => {
    count.refused++;
    warn({ from: transfer.from.address, path: transfer.path, why }, "a request for a boot file is refused");
    courier.fail(transfer, why, tftpErrors.refused, message);
  };

  const requested = (packet: Request, from: Endpoint): void => {
    count.requests++;
    const before = table.ofClient(from);
    if (before !== null) {
      // The request came twice, or the client asks again before our first resend: the answer is on its way.
      const isFresh = before.sending === null || before.sending.sender.acked === 0;
      if (isFresh && before.path === packet.path) return;
      courier.superseded(before);
    }
    const transfer = table.open(from, packet.path, clock.monotonic());
    if (typeof transfer === "string") {
      count.refused++;
      warn({ from: from.address, why: transfer }, "a request for a boot file is refused: too many at once");
      courier.refuse(0, from, tftpErrors.undefined, "too many transfers at once: ask again later");
    } else if (packet.kind === "write") {
      refused(transfer, "it wanted to write", "nothing can be written here");
    } else if (packet.mode !== "octet") {
      const why = `mode ${packet.mode.slice(0, 20)} was asked for`;
      courier.fail(transfer, why, tftpErrors.undefined, "only mode octet (binary) is served");
    } else {
      look(transfer, packet);
    }
  };

  /** What the path means is known at once, or when the head has answered. */
  const look = (transfer: Transfer, packet: Request): void => {
    const broken = (error: unknown): void => {
      warn({ path: transfer.path, from: transfer.from.address, error: messageOf(error) }, "a boot file cannot be sent");
      courier.fail(transfer, messageOf(error), tftpErrors.undefined, "this file cannot be sent now: ask again later");
    };
    try {
      const claim = resolve({ by: "tftp", from: transfer.from, path: packet.path });
      if (claim instanceof Promise) claim.then((late) => answer(transfer, packet, late)).catch(broken);
      else answer(transfer, packet, claim)?.catch(broken);
    } catch (error) {
      broken(error);
    }
  };

  const answer = (transfer: Transfer, packet: Request, claim: FileClaim): Promise<void> | undefined => {
    if (!transfer.isLive) return;
    transfer.board = claim.board;
    switch (claim.kind) {
      case "missing":
        courier.missing(transfer);
        return;
      case "refused":
        refused(transfer, claim.why);
        return;
      case "bytes":
        courier.begin(transfer, packet.options, cache.bytes(claim.bytes));
        return;
      case "file": {
        const source = cache.file(claim.path, claim.sizeBytes);
        if (!(source instanceof Promise)) {
          courier.begin(transfer, packet.options, source);
          return;
        }
        return source.then((late) => {
          if (transfer.isLive) courier.begin(transfer, packet.options, late);
        });
      }
      default:
        return unreachable(claim);
    }
  };

  return {
    asked(bytes, from) {
      // What is no request is not even looked at, and an ERROR is never answered: no two servers shall talk for ever.
      const operation = bytes.length >= 2 && bytes[0] === 0 ? bytes[1] : 0;
      if ((operation !== 1 && operation !== 2) || from.port === 0) {
        count.strays++;
        return;
      }
      const packet = decoded(bytes);
      if (packet?.kind === "read" || packet?.kind === "write") requested(packet, from);
      else refuseStray(0, from, tftpErrors.illegal, "illegal request");
    },
    heard(slot, bytes, from) {
      const transfer = table.find(slot, from);
      const block = blockOfAck(bytes);
      if (transfer === null || transfer.sending === null) {
        // Who was served not long ago says its last word twice: late, not strange.
        if (block >= 0 && !table.knows(from.address)) {
          refuseStray(slot, from, tftpErrors.unknownTransfer, "unknown transfer");
        } else count.strays++;
      } else if (block >= 0) courier.acked(transfer, transfer.sending, block);
      else courier.interrupted(transfer, decoded(bytes));
    },
    sweep() {
      const now = clock.monotonic();
      strayAnswers = 0;
      warnings = 0;
      // When this thread stood still, ACKs wait in the sockets: first hear them, then blame.
      courier.sweep(now, now - sweptAt > terms.patience.firstMs / 2);
      sweptAt = now;
    },
    counters: () => ({ ...count, ...courier.tally, live: table.live.size, cacheBytes: cache.heldBytes() }),
  };
}

type Request = TftpPacket & { readonly kind: "read" | "write" };

const warningsPerSweep = 2;
const strayAnswersPerSweep = 20;

/** Null for what is no packet. */
function decoded(bytes: Uint8Array): TftpPacket | null {
  try {
    return decodeTftp(bytes);
  } catch (error) {
    if (error instanceof DecodeError) return null;
    throw error;
  }
}
