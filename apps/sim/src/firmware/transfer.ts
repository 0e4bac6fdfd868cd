import { DecodeError, type Millis } from "@bramble/core/base";
import { decodeTftp, encodeTftp, type FirmwareFile, type Ipv4, type TftpPacket, tftpErrors } from "@bramble/core/boot";
import type { Script, Self } from "./script.ts";

/** What became of one request. */
export type Fetched =
  /** Read to its end; `text` is the beginning of a .txt, which the firmware reads itself. */
  | { readonly kind: "read"; readonly bytes: number; readonly text: string }
  /** It exists, and was not wanted yet. */
  | { readonly kind: "probed" }
  /** The server said that there is none, or the firmware acts as if it had. */
  | { readonly kind: "missing" }
  /** No answer, or what came cannot be a file. */
  | { readonly kind: "broken"; readonly why: string }
  /** The board fell silent in the middle, as it was told to. */
  | { readonly kind: "cut" };

/** One request for a file. */
export type TransferAsk = {
  readonly server: Ipv4;
  readonly path: string;
  readonly options: FirmwareFile["options"];
  readonly isProbe: boolean;
  /** It falls silent at half of the file: a fault. */
  readonly isCut: boolean;
};

/**
 * Asks for one file from a fresh port: RRQ, then one block after the other, each acknowledged (RFC 1350). A probe ends at
 * the first packet that shows that the file is there, with ERROR 0 "Early terminate".
 */
export function* transfer(self: Self, ask: TransferAsk): Script<Fetched> {
  const port = self.freshPort();
  const { model } = self.facts;
  const isText = ask.path.endsWith(".txt");
  let server = { address: ask.server, port: self.tftpPort };
  let isAnswered = false;
  let last: Uint8Array = encodeTftp({ kind: "read", path: ask.path, mode: "octet", options: optionsOf(ask.options) });
  let blockBytes = 512;
  let sizeBytes: number | null = null;
  let isAgreed = false;
  let block = 0;
  let got = 0;
  let silences = 0;
  let text = "";
  let lossOfFile: string | null = null;
  const send = (bytes: Uint8Array): void => self.say({ kind: "tftp", port, to: server, bytes });
  const end = (code: number, message: string): void => send(encodeTftp({ kind: "error", code, message }));

  proceed(last);
  for (;;) {
    const packet = yield* heard();
    if (packet === null) {
      if (++silences > mostSilences) return broken(isAnswered ? `silence after ${got} octets` : "no answer to the RRQ");
      send(last);
      self.say({ kind: "timer", ms: resendMs, waits: "answer" });
      continue;
    }
    switch (packet.kind) {
      case "error":
        return { kind: "missing" };
      case "oack": {
        if (block > 0) continue;
        if (isAgreed) {
          // A 3 that is told twice loses the file (raspberrypi/firmware issue 1041).
          if (self.quirks.doubleOackLosesFile) lossOfFile = "a second OACK";
          send(last);
          continue;
        }
        const agreed = agree(packet, ask.options);
        if (agreed === null) {
          end(tftpErrors.badOptions, "options that were not asked for");
          return broken("an OACK with what was not asked for");
        }
        if (ask.isProbe) return early();
        [isAgreed, blockBytes, sizeBytes] = [true, agreed.blockBytes ?? 512, agreed.sizeBytes];
        if ((sizeBytes ?? 0) > mostBytes) return broken(`${sizeBytes} octets do not fit into its memory`);
        last = ackOf(0);
        proceed(last);
        continue;
      }
      case "data": {
        if (packet.block === (block & 0xffff) && block > 0) {
          send(last);
          continue;
        }
        if (packet.block !== ((block + 1) & 0xffff)) continue;
        // Firmware since April 2020 reads a file without its OACK to the end and then acts as if there were none (issue 1913).
        if (block === 0 && ask.options.tsize && !isAgreed) lossOfFile = "no OACK";
        if (ask.isProbe) return early();
        if (packet.bytes.length > blockBytes) {
          end(tftpErrors.illegal, "a block is too long");
          return broken(`a block of ${packet.bytes.length} octets`);
        }
        // The counter of a Pi 4's bootloader did not wrap before September 2025 (raspberrypi/rpi-eeprom issues 375, 754).
        if (block === 0xffff && (model === "4" || model === "5")) {
          end(tftpErrors.undefined, "too many blocks");
          return broken("more than 65535 blocks");
        }
        if (got + packet.bytes.length > (sizeBytes ?? (ask.options.tsize ? mostBytes : mostRomBytes)))
          return broken(`more octets than ${sizeBytes === null ? "fit" : `the ${sizeBytes} that were told`}`);
        if (self.inspect?.(ask.path, got, packet.bytes) === false) return broken(`wrong content at octet ${got}`);
        if (isText && text.length < mostText) text += decoder.decode(packet.bytes);
        block++;
        got += packet.bytes.length;
        if (ask.isCut && got >= (sizeBytes ?? 0) / 2) return { kind: "cut" };
        last = ackOf(block);
        proceed(last);
        if (packet.bytes.length === blockBytes) continue;
        if (lossOfFile !== null) return { kind: "missing" };
        if (sizeBytes !== null && sizeBytes !== got) return broken(`${got} octets where ${sizeBytes} were told`);
        return { kind: "read", bytes: got, text };
      }
      default:
        // An ACK, or a request: nothing that a server says.
        continue;
    }
  }

  /** Sends what takes the transfer further, and waits anew. What only repeats leaves the timer alone. */
  function proceed(bytes: Uint8Array): void {
    silences = 0;
    send(bytes);
    self.say({ kind: "timer", ms: resendMs, waits: "answer" });
  }

  /** The next packet of this transfer; null when the timer went off. */
  function* heard(): Script<TftpPacket | null> {
    for (;;) {
      const event = yield;
      if (event.kind === "time") return null;
      if (event.kind !== "tftp" || event.port !== port || event.from.address !== server.address) continue;
      if (isAnswered && event.from.port !== server.port) continue;
      const packet = read(event.bytes);
      if (packet === null) continue;
      // The server's port for this transfer is the one that it answers from (RFC 1350 §4).
      if (!isAnswered) [isAnswered, server] = [true, event.from];
      return packet;
    }
  }

  function early(): Fetched {
    end(tftpErrors.undefined, "Early terminate");
    return lossOfFile === null ? { kind: "probed" } : { kind: "missing" };
  }
}

function broken(why: string): Fetched {
  return { kind: "broken", why };
}

function optionsOf({ tsize, blockSize }: FirmwareFile["options"]): ReadonlyMap<string, string> {
  const options = new Map<string, string>();
  if (tsize) options.set("tsize", "0");
  if (blockSize !== null) options.set("blksize", String(blockSize));
  return options;
}

/** What an OACK settles; null when it settles what was not asked, or nonsense. */
function agree(
  { options }: TftpPacket & { readonly kind: "oack" },
  asked: FirmwareFile["options"],
): { sizeBytes: number | null; blockBytes: number | null } | null {
  let sizeBytes: number | null = null;
  let blockBytes: number | null = null;
  for (const [name, value] of options) {
    const number = /^\d{1,15}$/.test(value) ? Number(value) : null;
    if (number === null) return null;
    if (name === "tsize" && asked.tsize) sizeBytes = number;
    else if (name === "blksize" && asked.blockSize !== null && number >= 8 && number <= asked.blockSize)
      blockBytes = number;
    else return null;
  }
  return { sizeBytes, blockBytes };
}

function ackOf(block: number): Uint8Array {
  return Uint8Array.of(0, 4, block >> 8, block);
}

function read(bytes: Uint8Array): TftpPacket | null {
  try {
    return decodeTftp(bytes);
  } catch (error) {
    if (error instanceof DecodeError) return null;
    throw error;
  }
}

/** The ROM loads bootcode.bin into the cache: 128 KB. */
const mostRomBytes = 131_072;
/** The memory of the smallest board. */
const mostBytes = 2 ** 30;
const decoder = new TextDecoder();
/** Of a file the firmware itself reads no more than this. */
const mostText = 8_192;
/** How long firmware waits for a packet is written nowhere; a log of issue 859 shows about a second. [assumed] */
const resendMs: Millis = 1_000;
/** With the one above: TFTP_FILE_TIMEOUT was 15 s at first (bootloader configuration page); for a Pi 3 it is assumed. */
const mostSilences = 15;
