import type { Millis } from "@bramble/core/base";
import {
  addressOctets,
  type DhcpMessage,
  encodeTftp,
  optionCodes,
  type TftpPacket,
  textOctets,
  typeOctets,
  typeOf,
} from "@bramble/core/boot";

/** What a server answers that gives every board the same address: an OFFER with all that any model wants, or an ACK. */
export function answerDhcp(asked: DhcpMessage, server: string): DhcpMessage {
  const isRequest = typeOf(asked) === "request";
  return {
    ...asked,
    op: "reply",
    yiaddr: "10.0.0.44",
    siaddr: server,
    options: new Map([
      [optionCodes.type, typeOctets(isRequest ? "ack" : "offer")],
      [optionCodes.server, addressOctets(server)],
      [optionCodes.vendor, textOctets("Raspberry Pi Boot   ")],
      [optionCodes.tftpName, textOctets(server)],
    ]),
  };
}

/** Takes the place of a TFTP server's answer. */
export type Change = (packet: TftpPacket, answer: TftpPacket | null) => readonly (TftpPacket | Uint8Array)[];

/** A lockstep TFTP server that sends a packet again when nothing comes back. */
export function fakeTftp(
  files: ReadonlyMap<string, Uint8Array>,
  after: (ms: Millis, run: () => void) => unknown,
  send: (toPort: number, fromPort: number, bytes: Uint8Array) => void,
) {
  type Transfer = { content: Uint8Array; block: number; size: number; last: TftpPacket };
  const transfers = new Map<string, Transfer>();
  const tidOf = new Map<string, number>();
  let tids = 1_000;
  return {
    hear(port: number, to: number, packet: TftpPacket, change?: Change): void {
      // A request that came twice is one transfer.
      const key = packet.kind === "read" ? `${port} ${packet.path}` : "";
      const tid = packet.kind === "read" ? (tidOf.get(key) ?? ++tids) : to;
      if (packet.kind === "read") tidOf.set(key, tid);
      const answer = answerTo(`${port}/${tid}`, packet);
      const answers = change?.(packet, answer) ?? (answer === null ? [] : [answer]);
      for (const one of answers) send(port, tid, one instanceof Uint8Array ? one : encodeTftp(one));
      if (answer !== null && change === undefined) after(resendMs, () => again(port, tid, answer, mostResends));
    },
  };

  function again(port: number, tid: number, sent: TftpPacket, left: number): void {
    if (left === 0 || transfers.get(`${port}/${tid}`)?.last !== sent) return;
    send(port, tid, encodeTftp(sent));
    after(resendMs, () => again(port, tid, sent, left - 1));
  }

  function answerTo(key: string, packet: TftpPacket): TftpPacket | null {
    if (packet.kind === "read") {
      const content = files.get(packet.path);
      if (content === undefined) return { kind: "error", code: 1, message: "no such file" };
      const known = transfers.get(key);
      if (known !== undefined) return known.last;
      const size = Number(packet.options.get("blksize") ?? 512);
      const transfer: Transfer = { content, block: 0, size, last: packet };
      transfers.set(key, transfer);
      if (packet.options.size === 0) return next(transfer);
      const options = new Map(packet.options).set("tsize", String(content.length));
      transfer.last = { kind: "oack", options };
      return transfer.last;
    }
    const transfer = transfers.get(key);
    if (packet.kind === "error") transfers.delete(key);
    if (packet.kind !== "ack" || transfer === undefined) return null;
    if (packet.block !== (transfer.block & 0xffff)) return null;
    return next(transfer);
  }

  function next(transfer: Transfer): TftpPacket | null {
    const at = transfer.block * transfer.size;
    if (at > transfer.content.length) return null;
    transfer.block++;
    transfer.last = {
      kind: "data",
      block: transfer.block & 0xffff,
      bytes: transfer.content.slice(at, at + transfer.size),
    };
    return transfer.last;
  }
}

const resendMs: Millis = 1_300;
const mostResends = 5;
