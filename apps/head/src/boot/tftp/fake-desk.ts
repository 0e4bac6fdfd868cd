import type { FakeClock, Logger } from "@bramble/core/base";
import { fakeClock, seededRandom, silentLog } from "@bramble/core/base";
import type { FileClaim, FileNews, FileRequest, TftpPacket } from "@bramble/core/boot";
import { decodeTftp, encodeTftp } from "@bramble/core/boot";
import type { TftpDesk } from "./desk.ts";
import { createTftpDesk } from "./desk.ts";
import type { TftpTerms } from "./terms.ts";
import { sweepMs, tftpTerms } from "./terms.ts";
import type { Endpoint } from "./transfer.ts";

/** A datagram that the desk has sent. */
export type Sent = { readonly slot: number; readonly packet: TftpPacket; readonly to: Endpoint };

/** A desk for tests: time stands still until it is told to go on, and what is sent is kept. */
export type FakeDesk = {
  readonly desk: TftpDesk;
  readonly clock: FakeClock;
  readonly news: { readonly path: string; readonly news: FileNews }[];
  /** What was sent since the last call. */
  sent(): Sent[];
  /** A read request; what came back at once. */
  read(path: string, options?: Readonly<Record<string, string>>, from?: Endpoint): Sent[];
  /** A packet to the transfer that sent `after`; what came back at once. */
  reply(after: Sent, packet: TftpPacket): Sent[];
  /** Lets time pass, and promises settle. */
  wait(ms: number): Promise<Sent[]>;
};

/** Where the client of the tests sits. */
export const client: Endpoint = { address: "10.0.0.7", port: 49152 };

/** A desk whose tree is `resolve`. */
export function fakeDesk(
  resolve: (request: FileRequest) => FileClaim | Promise<FileClaim>,
  terms: Partial<TftpTerms> = {},
  log: Logger = silentLog,
): FakeDesk {
  const clock = fakeClock();
  const news: FakeDesk["news"] = [];
  let sent: Sent[] = [];
  const desk = createTftpDesk({
    resolve,
    tell: (_, __, path, told) => news.push({ path, news: told }),
    send: (slot, bytes, to) => sent.push({ slot, packet: decodeTftp(bytes), to: { ...to } }),
    clock,
    random: seededRandom(1),
    log,
    terms: { ...tftpTerms, ...terms },
  });
  clock.every(sweepMs, desk.sweep);
  const take = (): Sent[] => {
    const taken = sent;
    sent = [];
    return taken;
  };
  return {
    desk,
    clock,
    news,
    sent: take,
    read(path, options = {}, from = client) {
      desk.asked(encodeTftp({ kind: "read", path, mode: "octet", options: new Map(Object.entries(options)) }), from);
      return take();
    },
    reply(after, packet) {
      desk.heard(after.slot, encodeTftp(packet), after.to);
      return take();
    },
    async wait(ms) {
      await clock.advance(ms);
      // Files are read by the system: real turns of the loop.
      for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
      return take();
    },
  };
}

/** A claim of octets that are nobody's in particular. */
export function bytesClaim(bytes: Uint8Array): FileClaim {
  return { kind: "bytes", bytes, board: null };
}

/** Octets that differ from block to block. */
export function contentOf(size: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, i) => (i * 7 + (i >> 8) * 13 + (i >> 16)) & 0xff);
}
