import { ByteReader, ByteWriter } from "../base/index.ts";
import { stateKinds } from "../observe/index.ts";
import type { BoardRow, Counters, Delta, Frame, Light, Snapshot } from "./frame.ts";

/** Most boards that one stream can show. */
export const maxRows = 65_536;
/** Most lamp pixels in a frame. */
export const maxLights = 1024;

/**
 * Encode one frame of the live stream (docs/protocols/live.md).
 *
 * A board takes four octets in a snapshot and five or six in a delta. Numbers are rounded and clamped to what a
 * picture needs: whole percent, half degrees from 0 to 120.
 *
 * @param frame a delta's rows in rising order of their index.
 */
export function encodeFrame(frame: Frame): Uint8Array<ArrayBuffer> {
  const out = new ByteWriter(64 + frame.rows.length * 6).u8(version);
  if (frame.kind === "snapshot") {
    out.u8(0).varint(frame.sequence).varint(Math.round(frame.at)).varint(frame.rows.length);
    for (const row of frame.rows) encodeRow(out, row);
    encodeLights(out, frame.lights);
    encodeCounters(out, frame.counters);
    return out.finish();
  }
  out
    .u8(1)
    .varint(frame.sequence)
    .varint(frame.sequence - frame.base);
  out.varint(Math.round(frame.at)).varint(frame.rows.length);
  let last = -1;
  for (const { index, row } of frame.rows) {
    out.varint(index - last - 1);
    encodeRow(out, row);
    last = index;
  }
  out.u8((frame.lights === null ? 0 : 1) | (frame.counters === null ? 0 : 2));
  if (frame.lights !== null) encodeLights(out, frame.lights);
  if (frame.counters !== null) encodeCounters(out, frame.counters);
  return out.finish();
}

/**
 * Decode one frame of the live stream.
 *
 * @throws DecodeError `show.decode` with the octet, for anything that `encodeFrame` cannot have written.
 */
export function decodeFrame(bytes: Uint8Array): Frame {
  const input = new ByteReader(bytes, "show.decode");
  const seen = input.u8();
  if (seen !== version) input.fail(`version ${seen} of the live stream, ${version} expected`);
  const kind = input.u8();
  if (kind > 1) input.fail(`frame kind ${kind}, 0 (snapshot) or 1 (delta) expected`);
  const frame = kind === 0 ? decodeSnapshot(input) : decodeDelta(input);
  input.end();
  return frame;
}

const version = 1;
const unknown = 255;

function decodeSnapshot(input: ByteReader): Snapshot {
  const sequence = input.varint();
  const at = input.varint();
  const count = countOf(input, "rows", maxRows, 4);
  const rows: BoardRow[] = [];
  for (let n = 0; n < count; n++) rows.push(decodeRow(input));
  return { kind: "snapshot", sequence, at, rows, lights: decodeLights(input), counters: decodeCounters(input) };
}

function decodeDelta(input: ByteReader): Delta {
  const sequence = input.varint();
  const base = sequence - input.varint();
  if (base < 0) input.fail("a delta on a base before the first frame");
  const at = input.varint();
  const count = countOf(input, "rows", maxRows, 5);
  const rows: { index: number; row: BoardRow }[] = [];
  let last = -1;
  for (let n = 0; n < count; n++) {
    const index = last + 1 + input.varint();
    if (index >= maxRows) input.fail(`board ${index}, at most ${maxRows} are shown`);
    rows.push({ index, row: decodeRow(input) });
    last = index;
  }
  const flags = input.u8();
  if (flags > 3) input.fail("a part of the frame that this version does not know");
  const lights = (flags & 1) === 0 ? null : decodeLights(input);
  const counters = (flags & 2) === 0 ? null : decodeCounters(input);
  return { kind: "delta", base, sequence, at, rows, lights, counters };
}

/** State and flags in one octet, then CPU, memory, temperature. */
function encodeRow(out: ByteWriter, row: BoardRow): void {
  const flags = (row.isSimulated ? 0x10 : 0) | (row.isWorking ? 0x20 : 0) | (row.isThrottled ? 0x40 : 0);
  out.u8(Math.max(0, stateKinds.indexOf(row.state)) | flags);
  out
    .u8(quantised(row.cpu, 1, 100))
    .u8(quantised(row.memory, 1, 100))
    .u8(quantised(row.temperatureC, 2, 240));
}

function decodeRow(input: ByteReader): BoardRow {
  const first = input.u8();
  const state = stateKinds[first & 0x0f];
  if (state === undefined || first > 0x7f) input.fail(`a board's state ${first}, which this version does not know`);
  const cpu = reading(input, 1, 100);
  const memory = reading(input, 1, 100);
  const temperatureC = reading(input, 2, 240);
  return {
    state: state!,
    cpu,
    memory,
    temperatureC,
    isSimulated: (first & 0x10) !== 0,
    isWorking: (first & 0x20) !== 0,
    isThrottled: (first & 0x40) !== 0,
  };
}

function quantised(value: number | null, steps: number, most: number): number {
  if (value === null || Number.isNaN(value)) return unknown;
  return Math.min(most, Math.max(0, Math.round(value * steps)));
}

function reading(input: ByteReader, steps: number, most: number): number | null {
  const octet = input.u8();
  if (octet === unknown) return null;
  if (octet > most) input.fail(`a reading of ${octet}, at most ${most}`);
  return octet / steps;
}

function encodeLights(out: ByteWriter, lights: readonly Light[]): void {
  out.varint(lights.length);
  for (const [red, green, blue] of lights) out.u8(red).u8(green).u8(blue);
}

function decodeLights(input: ByteReader): Light[] {
  const count = countOf(input, "lights", maxLights, 3);
  return Array.from({ length: count }, () => [input.u8(), input.u8(), input.u8()] as const);
}

/** Samples a second with one decimal; the other counters whole. */
function encodeCounters(out: ByteWriter, counters: Counters): void {
  out.varint(Math.max(0, Math.round(counters.samplesPerSecond * 10)));
  out.varint(Math.max(0, Math.round(counters.warblesDone))).varint(Math.max(0, Math.round(counters.warblesQueued)));
}

function decodeCounters(input: ByteReader): Counters {
  return { samplesPerSecond: input.varint() / 10, warblesDone: input.varint(), warblesQueued: input.varint() };
}

/** A count that the octets left can hold, so that nothing large is made for a lie. */
function countOf(input: ByteReader, what: string, most: number, octetsEach: number): number {
  const count = input.varint();
  if (count > most) input.fail(`${count} ${what}, at most ${most}`);
  if (count * octetsEach > input.left) input.fail(`${count} ${what} announced, too few octets left`);
  return count;
}
