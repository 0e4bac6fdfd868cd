import { deflateRawSync, inflateRawSync } from "node:zlib";
import type { Mac } from "@bramble/core/base";
import { ByteReader, ByteWriter, DecodeError, messageOf } from "@bramble/core/base";
import type { Sample } from "@bramble/core/observe";
import { decodeSamples, encodeSamples, maxSamplesPerFrame } from "@bramble/core/observe";

/** Samples of many boards that became durable together. */
export type LogRecord = readonly { readonly mac: Mac; readonly samples: readonly Sample[] }[];

/** One record of the log: for each board its MAC, and a frame of the link's own form; all deflated together. */
export function encodeRecord(record: LogRecord): Uint8Array {
  const out = new ByteWriter(4096);
  for (const { mac, samples } of record) {
    for (let from = 0; from < samples.length; from += maxSamplesPerFrame) {
      const frame = encodeSamples(samples.slice(from, from + maxSamplesPerFrame));
      const digits = Number.parseInt(mac.replaceAll(":", ""), 16);
      out.u16(Math.floor(digits / 2 ** 32)).u32(digits % 2 ** 32);
      out.varint(frame.length).raw(frame);
    }
  }
  return deflateRawSync(out.finish(), { level: 1 });
}

/** @throws DecodeError `samples.decode` for anything that `encodeRecord` cannot have written. */
export function decodeRecord(bytes: Uint8Array): LogRecord {
  const input = new ByteReader(inflate(bytes), "samples.decode");
  const record: { mac: Mac; samples: Sample[] }[] = [];
  while (input.left > 0) {
    const digits = input.u16() * 2 ** 32 + input.u32();
    const mac = digits
      .toString(16)
      .padStart(12, "0")
      .replace(/(..)(?=.)/g, "$1:") as Mac;
    record.push({ mac, samples: decodeSamples(input.raw(input.varint())) });
  }
  return record;
}

/** Our own files only, but a damaged one must not take the memory with it. */
const maxRecordOctets = 256 * 1024 * 1024;

function inflate(bytes: Uint8Array): Uint8Array {
  try {
    return inflateRawSync(bytes, { maxOutputLength: maxRecordOctets });
  } catch (thrown) {
    throw new DecodeError("samples.decode", `a record of the log is damaged (${messageOf(thrown)})`, 0);
  }
}
