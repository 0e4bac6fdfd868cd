import type { TftpOptions } from "./packet.ts";

/** What a server allows at most. */
export type TftpLimits = {
  /** So that a DATA packet fits into one frame of the network: 1468 with an MTU of 1500 (less IP's 20, UDP's 8 and our 4). */
  readonly maxBlockBytes: number;
  /** Blocks in flight (RFC 7440). */
  readonly maxWindow: number;
};

/** How one file is sent. */
export type TftpAgreement = {
  readonly blockBytes: number;
  /** Blocks before an ACK is awaited; 1 is the lockstep of RFC 1350. */
  readonly window: number;
  /** After what silence the client wants a resend; null when it did not say. */
  readonly timeoutMs: number | null;
  /** What is answered in an OACK; empty: no OACK may be sent (RFC 2347), the first answer is DATA. */
  readonly accepted: TftpOptions;
};

/** The block of RFC 1350. */
export const plainBlockBytes = 512;

/**
 * Agree to the options of a read request. Unknown options and values out of range are passed over, as RFC 2347 wants it:
 * what the OACK does not name is not in force.
 *
 * The Pi 3's ROM asks for nothing and cannot read an OACK; its later start.elf asks only for `tsize` and acts as if the
 * file did not exist when that is not answered (raspberrypi/firmware issue 1913).
 */
export function negotiateTftp(asked: TftpOptions, sizeBytes: number, limits: TftpLimits): TftpAgreement {
  const accepted = new Map<string, string>();
  let blockBytes = plainBlockBytes;
  let window = 1;
  let timeoutMs: number | null = null;
  for (const [name, value] of asked) {
    switch (name) {
      case "tsize":
        // RFC 2349: a read asks with 0; what else a client says here tells us nothing.
        accepted.set(name, String(sizeBytes));
        break;
      case "blksize": {
        const wanted = wholeFrom(value, 8, 65464);
        if (wanted === null) break;
        blockBytes = Math.min(wanted, limits.maxBlockBytes);
        accepted.set(name, String(blockBytes));
        break;
      }
      case "windowsize": {
        const wanted = wholeFrom(value, 1, 65535);
        if (wanted === null) break;
        window = Math.min(wanted, limits.maxWindow);
        accepted.set(name, String(window));
        break;
      }
      case "timeout": {
        const wanted = wholeFrom(value, 1, 255);
        if (wanted === null) break;
        timeoutMs = wanted * 1000;
        // Only the very value may be acknowledged (RFC 2349).
        accepted.set(name, String(wanted));
        break;
      }
    }
  }
  return { blockBytes, window, timeoutMs, accepted };
}

/** How many DATA packets a file takes: the last is shorter than a block, if need be empty. */
export function blocksOf(sizeBytes: number, blockBytes: number): number {
  return Math.floor(sizeBytes / blockBytes) + 1;
}

function wholeFrom(text: string, least: number, most: number): number | null {
  if (!/^\d{1,5}$/.test(text)) return null;
  const value = Number(text);
  return value >= least && value <= most ? value : null;
}
