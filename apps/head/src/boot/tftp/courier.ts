import type { Clock, Mac, Millis } from "@bramble/core/base";
import { messageOf, unreachable } from "@bramble/core/base";
import type { FileNews, TftpOptions, TftpPacket, TftpSend } from "@bramble/core/boot";
import { encodeTftp, negotiateTftp, TftpSender, tftpErrors } from "@bramble/core/boot/tftp";
import type { Source } from "./frame-cache.ts";
import type { TftpTerms } from "./terms.ts";
import type { Endpoint, Sending, Transfer, TransferTable } from "./transfer.ts";

/** What is told of each request. */
export type Tell = (from: Endpoint, board: Mac | null, path: string, news: FileNews) => void;

/** Sends a datagram from a reply socket. `bytes` are shared: never written to. */
export type Send = (slot: number, bytes: Uint8Array, to: Endpoint) => void;

/** What carries files: everything that is sent to a client goes through it. */
export type Courier = {
  begin(transfer: Transfer, options: TftpOptions, source: Source): void;
  /** An ACK of this transfer came. */
  acked(transfer: Transfer, sending: Sending, block: number): void;
  /** An ERROR of this transfer came, or what has no place in it. */
  interrupted(transfer: Transfer, packet: TftpPacket | null): void;
  /** A client that asks for another file from the same port has left the one before. */
  superseded(transfer: Transfer): void;
  /** Look for silence. `isHeardFirst`: only take over the time, since what came in meanwhile has not been read yet. */
  sweep(now: Millis, isHeardFirst: boolean): void;
  /** There is no such file. */
  missing(transfer: Transfer): void;
  /** End with an ERROR; `why` is told, `message` is said to the client. */
  fail(transfer: Transfer, why: string, code: number, message: string): void;
  refuse(slot: number, to: Endpoint, code: number, message: string): void;
  readonly tally: Tally;
};

/** How many transfers ended how. */
type Tally = Record<"done" | "missing" | "probed" | "failed" | "resends" | "sentBytes", number>;

/** A courier for the transfers of a table. */
export function createCourier(parts: {
  readonly table: TransferTable;
  readonly send: Send;
  readonly tell: Tell;
  readonly clock: Clock;
  readonly terms: TftpTerms;
}): Courier {
  const { table, send, tell, clock, terms } = parts;
  const tally: Tally = { done: 0, missing: 0, probed: 0, failed: 0, resends: 0, sentBytes: 0 };
  // As exact as a sweep: a look at the clock for each of 90,000 packets a second is not free.
  let now = clock.monotonic();

  const refuse: Courier["refuse"] = (slot, to, code, message) => {
    send(slot, encodeTftp({ kind: "error", code, message }), to);
  };

  const end = (transfer: Transfer, news: FileNews & { readonly news: keyof Tally }): void => {
    table.close(transfer);
    tally[news.news]++;
    tally.resends += transfer.sending?.sender.resends ?? 0;
    if ("sentBytes" in news) tally.sentBytes += news.sentBytes;
    tell(transfer.from, transfer.board, transfer.path, news);
  };

  const lost = (transfer: Transfer, why: string): void => {
    end(transfer, { news: "failed", sentBytes: sentBytesOf(transfer), why });
  };

  const fail: Courier["fail"] = (transfer, why, code, message) => {
    if (!transfer.isLive) return;
    refuse(transfer.slot, transfer.from, code, message);
    lost(transfer, why);
  };

  const done = (transfer: Transfer, { sender, sizeBytes }: Sending): void => {
    const tookMs = clock.monotonic() - transfer.beganAt;
    end(transfer, { news: "done", sentBytes: sizeBytes, resends: sender.resends, tookMs });
  };

  const act = (transfer: Transfer, sending: Sending, wanted: TftpSend): void => {
    switch (wanted.kind) {
      case "data":
        sending.serial++;
        sendBlocks(transfer, sending, wanted.from, wanted.to);
        break;
      case "nothing":
        break;
      case "oack":
        send(transfer.slot, sending.oack!, transfer.from);
        break;
      case "done":
        done(transfer, sending);
        break;
      case "given-up":
        fail(transfer, silenceOf(sending), tftpErrors.undefined, "no acknowledgement came: given up");
        break;
      default:
        unreachable(wanted);
    }
  };

  const sendBlocks = (transfer: Transfer, sending: Sending, from: number, to: number): void => {
    for (let block = from; block <= to; block++) {
      const packet = sending.framed.frame(block);
      if (packet === null) {
        readThenSend(transfer, sending, block, to);
        return;
      }
      send(transfer.slot, packet, transfer.from);
    }
  };

  const readThenSend = (transfer: Transfer, sending: Sending, from: number, to: number): void => {
    const { serial } = sending;
    sending.framed.load(from).then(
      () => {
        if (transfer.isLive && sending.serial === serial) sendBlocks(transfer, sending, from, to);
      },
      (error: unknown) => fail(transfer, messageOf(error), tftpErrors.undefined, "the file cannot be read now"),
    );
  };

  return {
    begin(transfer, options, source) {
      const { sizeBytes } = source;
      const { blockBytes, window, timeoutMs, accepted } = negotiateTftp(options, sizeBytes, terms);
      const framed = source.framed(blockBytes);
      const firstMs = Math.max(timeoutMs ?? 0, terms.patience.firstMs);
      const sender = new TftpSender(framed.blocks, window, accepted.size > 0, { ...terms.patience, firstMs });
      const oack = accepted.size > 0 ? encodeTftp({ kind: "oack", options: accepted }) : null;
      const sending: Sending = {
        sender,
        framed,
        blockBytes,
        sizeBytes,
        oack,
        tellFrom: stepOf(framed.blocks),
        serial: 0,
      };
      transfer.sending = sending;
      tell(transfer.from, transfer.board, transfer.path, { news: "begun", sizeBytes });
      act(transfer, sending, sender.start(now));
    },
    acked(transfer, sending, block) {
      const { sender, sizeBytes } = sending;
      act(transfer, sending, sender.ack(block, now));
      if (sender.acked < sending.tellFrom || !transfer.isLive) return;
      sending.tellFrom = sender.acked + stepOf(sending.framed.blocks);
      const news = { news: "moving", sentBytes: sentBytesOf(transfer), sizeBytes } as const;
      tell(transfer.from, transfer.board, transfer.path, news);
    },
    interrupted(transfer, packet) {
      if (packet?.kind !== "error") {
        fail(transfer, "the board sent what has no place in a transfer", tftpErrors.illegal, "illegal operation");
        return;
      }
      // Firmware asks whether a file is there: it takes the first answer and ends it (Pi: 0, UEFI: 8). An unknown transfer
      // (5) is what a request gives that was doubled on its way.
      if (sentBytesOf(transfer) === 0 && probeErrors.has(packet.code)) end(transfer, { news: "probed" });
      else lost(transfer, `the board ended it: ${packet.message.slice(0, 100)} (error ${packet.code})`);
    },
    superseded(transfer) {
      const { sending } = transfer;
      // Only its last word is missing: who goes on to another file has this one.
      if (sending?.sender.hasSentAll && sending.sender.acked > 0) done(transfer, sending);
      else if (sentBytesOf(transfer) === 0) end(transfer, { news: "probed" });
      else lost(transfer, "the board left it for another file");
    },
    sweep(at, isHeardFirst) {
      now = at;
      if (isHeardFirst) return;
      for (const transfer of table.live) {
        const { sending } = transfer;
        if (sending !== null && now >= sending.sender.dueAt) act(transfer, sending, sending.sender.silence(now));
      }
    },
    missing(transfer) {
      refuse(transfer.slot, transfer.from, tftpErrors.notFound, "file not found");
      end(transfer, { news: "missing" });
    },
    fail,
    refuse,
    tally,
  };
}

const probeErrors: ReadonlySet<number> = new Set([
  tftpErrors.undefined,
  tftpErrors.unknownTransfer,
  tftpErrors.badOptions,
]);

/** Acknowledged octets. */
function sentBytesOf({ sending }: Transfer): number {
  return sending === null ? 0 : Math.min(sending.sizeBytes, sending.sender.acked * sending.blockBytes);
}

/** After so many blocks a large file tells that it moves: ten times in all, and not for small ones. */
function stepOf(blocks: number): number {
  return Math.max(512, Math.ceil(blocks / 10));
}

function silenceOf({ sender }: Sending): string {
  return sender.hasSentAll
    ? "all was sent, but the board never acknowledged the end"
    : `the board fell silent behind block ${sender.acked}`;
}
