import type { TftpLimits, TftpPatience } from "@bramble/core/boot";

/** What the TFTP server allows, keeps and waits for. */
export type TftpTerms = TftpLimits & {
  /** Transfers at once, of all clients and of one address. */
  readonly transfers: number;
  readonly transfersPerAddress: number;
  /** Reply sockets: server ports (TIDs), and room for what comes in at once. */
  readonly replySockets: number;
  /** Asked of the kernel for each socket; it may give less (`net.core.rmem_max`). */
  readonly socketBufferBytes: number;
  /** Memory for files cut into packets. */
  readonly cacheBytes: number;
  readonly patience: TftpPatience;
};

/** What has happened since the start, and what is now. */
export type TftpCounters = {
  readonly live: number;
  readonly requests: number;
  readonly done: number;
  readonly missing: number;
  readonly probed: number;
  readonly failed: number;
  readonly refused: number;
  /** Windows (in lockstep: blocks) that were sent again. */
  readonly resends: number;
  /** Acknowledged octets of files. */
  readonly sentBytes: number;
  /** Datagrams that belong to nothing, or are none of TFTP. */
  readonly strays: number;
  readonly cacheBytes: number;
};

/** Before anything has happened. */
export const noCounters: TftpCounters = {
  live: 0,
  requests: 0,
  done: 0,
  missing: 0,
  probed: 0,
  failed: 0,
  refused: 0,
  resends: 0,
  sentBytes: 0,
  strays: 0,
  cacheBytes: 0,
};

/** How often silence is looked for. All time of the server is as coarse as this, so that no packet needs a look at a clock. */
export const sweepMs = 100;

/** Enough for 1050 boards, each with a handful of transfers. */
export const tftpTerms: TftpTerms = {
  maxBlockBytes: 1468,
  maxWindow: 64,
  transfers: 8192,
  transfersPerAddress: 64,
  replySockets: 8,
  socketBufferBytes: 4 * 2 ** 20,
  cacheBytes: 128 * 2 ** 20,
  // A second and one sweep: the Pi 3's firmware is confused by a second OACK that follows the first at once (issue 1041 of
  // raspberrypi/firmware). The bootloader of a Pi 4 waits for at most 30 s.
  patience: { firstMs: 1000 + sweepMs, longestMs: 8000, resends: 5 },
};
