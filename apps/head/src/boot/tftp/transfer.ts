import type { Mac, Millis } from "@bramble/core/base";
import type { TftpSender } from "@bramble/core/boot";
import type { Framed } from "./frames.ts";

/** Source address and port of a client: its half of what names a transfer (RFC 1350 §4). */
export type Endpoint = { readonly address: string; readonly port: number };

/** One request and what became of it. `slot` is the reply socket: the server's half of its name. */
export type Transfer = {
  readonly from: Endpoint;
  readonly path: string;
  readonly slot: number;
  readonly beganAt: Millis;
  board: Mac | null;
  isLive: boolean;
  /** Null while the head is asked what the path means and its file is looked at. */
  sending: Sending | null;
};

/** What a transfer needs for sending. */
export type Sending = {
  readonly sender: TftpSender;
  readonly framed: Framed;
  readonly blockBytes: number;
  readonly sizeBytes: number;
  /** The OACK as a packet; null when none was asked for. */
  readonly oack: Uint8Array | null;
  /** From this acknowledged block on the next `moving` is told. */
  tellFrom: number;
  /** Changes with each thing that is sent: what waited for a file to be read is old then. */
  serial: number;
};

/** The live transfers by client, bounded. */
export type TransferTable = {
  /** The transfer of a datagram that came in at reply socket `slot`. */
  find(slot: number, from: Endpoint): Transfer | null;
  /** The transfer that a client has from this very port, whichever the reply socket. */
  ofClient(from: Endpoint): Transfer | null;
  /** A new transfer, at a reply socket that none of this client has used just before; or why there is no room. */
  open(from: Endpoint, path: string, beganAt: Millis): Transfer | "full" | "full-for-address";
  close(transfer: Transfer): void;
  /** True when something was served to this address not long ago: what still comes from it is late, not strange. */
  knows(address: string): boolean;
  readonly live: ReadonlySet<Transfer>;
};

/** A table for so many transfers over so many reply sockets. */
export function createTransferTable(limits: {
  readonly transfers: number;
  readonly transfersPerAddress: number;
  readonly replySockets: number;
  /** The first reply socket of a client that nobody remembers. */
  readonly firstSlot: () => number;
}): TransferTable {
  const peers = new Map<string, Peer>();
  const live = new Set<Transfer>();

  const remember = (address: string): Peer => {
    const known = peers.get(address);
    if (known !== undefined) return known;
    const peer: Peer = { live: [], lastSlot: limits.firstSlot() };
    peers.set(address, peer);
    return peer;
  };

  /** Clients that came and went are forgotten, those first that came first. */
  const forget = (): void => {
    for (const [address, peer] of peers) {
      if (peers.size <= limits.transfers) break;
      if (peer.live.length === 0) peers.delete(address);
    }
  };

  return {
    find(slot, from) {
      const peer = peers.get(from.address);
      if (peer === undefined) return null;
      // Hardly ever more than two.
      for (const transfer of peer.live) {
        if (transfer.from.port === from.port && transfer.slot === slot) return transfer;
      }
      return null;
    },
    ofClient: (from) => peers.get(from.address)?.live.find((transfer) => transfer.from.port === from.port) ?? null,
    open(from, path, beganAt) {
      if (live.size >= limits.transfers) return "full";
      const peer = remember(from.address);
      if (peer.live.length >= limits.transfersPerAddress) return "full-for-address";
      peer.lastSlot = (peer.lastSlot + 1) % limits.replySockets;
      const { address, port } = from;
      const slot = peer.lastSlot;
      const transfer: Transfer = {
        from: { address, port },
        path,
        slot,
        beganAt,
        board: null,
        isLive: true,
        sending: null,
      };
      peer.live.push(transfer);
      live.add(transfer);
      if (peers.size > limits.transfers) forget();
      return transfer;
    },
    close(transfer) {
      transfer.isLive = false;
      live.delete(transfer);
      const peer = peers.get(transfer.from.address);
      if (peer !== undefined) peer.live = peer.live.filter((other) => other !== transfer);
    },
    knows: (address) => peers.has(address),
    live,
  };
}

type Peer = { live: Transfer[]; lastSlot: number };
