import { ByteReader, ByteWriter } from "../base/index.ts";
import type { Process, Readings, Sample } from "./sample.ts";

/** Most samples in one frame; a longer backlog goes in several. */
export const maxSamplesPerFrame = 2000;

/** What one step of a reading is worth, in the order of the wire. A value is rounded to its step once, when it is encoded. */
const fields: readonly (readonly [key: keyof Readings, stepsPerUnit: number])[] = [
  ["cpu", 10],
  ["load", 100],
  ["memoryUsedMb", 10],
  ["memoryTotalMb", 10],
  ["diskUsedGb", 10],
  ["diskTotalGb", 10],
  ["temperatureC", 10],
  ["throttled", 1],
  ["rxKbps", 1],
  ["txKbps", 1],
  ["uptimeS", 1],
];

/**
 * Encode samples of one board as one frame of the link: version, count, then for each record the time and every
 * reading as the difference from the record before (docs/protocols/link.md).
 *
 * @param samples at most `maxSamplesPerFrame`, in any order of time.
 */
export function encodeSamples(samples: readonly Sample[]): Uint8Array<ArrayBuffer> {
  const out = new ByteWriter(64 + samples.length * 48).u8(version).varint(samples.length);
  const last = new Array<number>(fields.length).fill(0);
  let lastAt = 0;
  for (const sample of samples) {
    const at = Math.round(sample.at);
    out.zigzag(at - lastAt);
    lastAt = at;
    let present = 0;
    // Plain loops: this runs for every sample of every board, twice.
    for (let i = 0; i < fields.length; i++) if (isNumber(sample[fields[i]![0]])) present |= 1 << i;
    out.varint(present);
    for (let i = 0; i < fields.length; i++) {
      const [key, steps] = fields[i]!;
      const value = sample[key];
      if (!isNumber(value)) continue;
      const scaled = Math.round(value * steps);
      out.zigzag(scaled - last[i]!);
      last[i] = scaled;
    }
    const count = Math.min(sample.processes.length, maxProcesses);
    out.varint(count);
    for (let i = 0; i < count; i++) encodeProcess(out, sample.processes[i]!);
  }
  return out.finish();
}

/**
 * Decode a frame of samples.
 *
 * @throws DecodeError `samples.decode` with the octet, for anything that `encodeSamples` cannot have written.
 */
export function decodeSamples(bytes: Uint8Array): Sample[] {
  const input = new ByteReader(bytes, "samples.decode");
  const seen = input.u8();
  if (seen !== version) input.fail(`version ${seen} of the sample frame, ${version} expected`);
  const count = input.varint();
  if (count > maxSamplesPerFrame) input.fail(`${count} samples in a frame, at most ${maxSamplesPerFrame}`);
  const last = new Array<number>(fields.length).fill(0);
  const samples: Sample[] = [];
  let at = 0;
  for (let n = 0; n < count; n++) {
    at += input.zigzag();
    if (!Number.isSafeInteger(at) || at < 0) input.fail("a time before 1970 or past the year 287396");
    const present = input.varint();
    if (present >= 1 << fields.length) input.fail("a reading that this version does not know");
    const readings: Record<string, number | null> = {};
    for (const [i, [key, steps]] of fields.entries()) {
      if ((present & (1 << i)) === 0) {
        readings[key] = null;
        continue;
      }
      const scaled = last[i]! + input.zigzag();
      if (!Number.isSafeInteger(scaled)) input.fail(`${key} is out of range`);
      last[i] = scaled;
      readings[key] = scaled / steps;
    }
    const processCount = input.varint();
    if (processCount > maxProcesses) input.fail(`${processCount} processes, at most ${maxProcesses}`);
    const processes: Process[] = [];
    for (let p = 0; p < processCount; p++) processes.push(decodeProcess(input));
    samples.push({ ...(readings as unknown as Readings), at, processes });
  }
  input.end();
  return samples;
}

const version = 1;
const maxProcesses = 5;

function isNumber(value: number | null): value is number {
  return value !== null && Number.isFinite(value);
}

function encodeProcess(out: ByteWriter, process: Process): void {
  out.varint(Math.max(0, Math.round(process.pid)));
  out.text(process.name.slice(0, 32)).text(process.user.slice(0, 32));
  out.varint(Math.max(0, Math.round(process.cpu * 10))).varint(Math.max(0, Math.round(process.memory * 10)));
}

function decodeProcess(input: ByteReader): Process {
  const pid = input.varint();
  const name = input.text(128);
  const user = input.text(128);
  return { pid, name, user, cpu: input.varint() / 10, memory: input.varint() / 10 };
}
