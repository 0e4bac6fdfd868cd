/** WebAssembly's binary form, by hand: the few instructions that we use and the frame of a module around them. */

/** Instructions and value types by their code. */
export const op = {
  unreachable: 0x00,
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  else: 0x05,
  end: 0x0b,
  br: 0x0c,
  brIf: 0x0d,
  return: 0x0f,
  call: 0x10,
  drop: 0x1a,
  select: 0x1b,
  localGet: 0x20,
  localSet: 0x21,
  localTee: 0x22,
  globalGet: 0x23,
  globalSet: 0x24,
  i32Const: 0x41,
  i64Const: 0x42,
  f64Const: 0x44,
  i32Eqz: 0x45,
  i32LtS: 0x48,
  i64Eqz: 0x50,
  i64Eq: 0x51,
  i64Ne: 0x52,
  i64LtS: 0x53,
  i64GtS: 0x55,
  i64GtU: 0x56,
  i64LeS: 0x57,
  i64GeS: 0x59,
  f64Eq: 0x61,
  f64Ne: 0x62,
  f64Lt: 0x63,
  f64Gt: 0x64,
  f64Le: 0x65,
  f64Ge: 0x66,
  i32Add: 0x6a,
  i32Sub: 0x6b,
  i32DivU: 0x6e,
  i32RemU: 0x70,
  i32And: 0x71,
  i32Or: 0x72,
  i64Add: 0x7c,
  i64Sub: 0x7d,
  i64Mul: 0x7e,
  i64DivS: 0x7f,
  i64RemS: 0x81,
  i64And: 0x83,
  i64Or: 0x84,
  i64Xor: 0x85,
  i64ShrS: 0x87,
  i64ShrU: 0x88,
  f64Abs: 0x99,
  f64Neg: 0x9a,
  f64Ceil: 0x9b,
  f64Floor: 0x9c,
  f64Trunc: 0x9d,
  f64Nearest: 0x9e,
  f64Sqrt: 0x9f,
  f64Add: 0xa0,
  f64Sub: 0xa1,
  f64Mul: 0xa2,
  f64Div: 0xa3,
  i32WrapI64: 0xa7,
  i64ExtendI32S: 0xac,
  i64ExtendI32U: 0xad,
  i64TruncF64S: 0xb0,
  f64ConvertI64S: 0xb9,
} as const;

/** The type of truths, tags and counts. */
export const i32 = 0x7f;
/** The type of wholes. */
export const i64 = 0x7e;
/** The type of floats. */
export const f64 = 0x7c;
const emptyBlock = 0x40;

/** A piece of code: bytes, joined by spreading. */
export type Code = readonly number[];

/** An unsigned number in LEB128. */
export function unsigned(n: number): number[] {
  const bytes: number[] = [];
  let left = n;
  do {
    const low = left & 0x7f;
    left >>>= 7;
    bytes.push(left === 0 ? low : low | 0x80);
  } while (left !== 0);
  return bytes;
}

/** A signed number below 2^53 in LEB128. */
function signed(n: number): number[] {
  const bytes: number[] = [];
  let left = n;
  for (;;) {
    const low = ((left % 128) + 128) % 128;
    left = Math.floor(left / 128);
    if ((left === 0 && low < 64) || (left === -1 && low >= 64)) {
      bytes.push(low);
      return bytes;
    }
    bytes.push(low | 0x80);
  }
}

/** The constant instructions. */
export function constI32(n: number): Code {
  return [op.i32Const, ...signed(n)];
}

/** `i64.const n`, |n| at most 2^54. */
export function constI64(n: number): Code {
  return [op.i64Const, ...signed(n)];
}

/** `f64.const x`. */
export function constF64(x: number): Code {
  return [op.f64Const, ...new Uint8Array(new Float64Array([x]).buffer)];
}

/** `local.get`, `local.set`, `local.tee`. */
export function get(local: number): Code {
  return [op.localGet, ...unsigned(local)];
}

/** `local.set`. */
export function set(local: number): Code {
  return [op.localSet, ...unsigned(local)];
}

/** `local.tee`. */
export function tee(local: number): Code {
  return [op.localTee, ...unsigned(local)];
}

/** `call`. */
export function call(index: number): Code {
  return [op.call, ...unsigned(index)];
}

/** A block around `body` that a `br` leaves at its end. */
export function block(body: Code): Code {
  return [op.block, emptyBlock, ...body, op.end];
}

/** A block around `body` that a `br` enters again at its start. */
export function loop(body: Code): Code {
  return [op.loop, emptyBlock, ...body, op.end];
}

/** `if` with a result of `type`, or none. */
export function choose(type: number | null, yes: Code, no: Code): Code {
  const rest = no.length === 0 ? [] : [op.else, ...no];
  return [op.if, type ?? emptyBlock, ...yes, ...rest, op.end];
}

/** The types that a function takes and gives. */
export type Signature = { readonly takes: Code; readonly gives: Code };

/** A function of a module: its locals come after what it takes. */
export type WasmFunction = Signature & { readonly locals: Code; readonly body: Code };

/**
 * The bytes of a module: what it takes, under the name `m`, comes first in the index of functions, then its own, the last of which is
 * exported as "run". Globals are mutable and start at 0.
 */
export function encodeModule(
  imports: readonly (Signature & { readonly name: string })[],
  functions: readonly WasmFunction[],
  globals: readonly number[],
): Uint8Array<ArrayBuffer> {
  const all: readonly Signature[] = [...imports, ...functions];
  return new Uint8Array([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(
      1,
      all.map(({ takes, gives }) => [0x60, ...vector(takes), ...vector(gives)]),
    ),
    ...section(
      2,
      imports.map(({ name }, i) => [...text("m"), ...text(name), 0, ...unsigned(i)]),
    ),
    ...section(
      3,
      functions.map((_, i) => unsigned(imports.length + i)),
    ),
    ...section(
      6,
      globals.map((type) => [type, 1, ...(type === i64 ? constI64(0) : constI32(0)), op.end]),
    ),
    ...section(7, [[...text("run"), 0, ...unsigned(all.length - 1)]]),
    ...section(10, functions.map(encodeBody)),
  ]);
}

function encodeBody({ locals, body }: WasmFunction): Code {
  const declared = locals.map((type) => [1, type]);
  const code = [...unsigned(declared.length), ...declared.flat(), ...body, op.end];
  return [...unsigned(code.length), ...code];
}

function section(id: number, items: readonly Code[]): Code {
  if (items.length === 0) return [];
  const bytes = [...unsigned(items.length), ...items.flat()];
  return [id, ...unsigned(bytes.length), ...bytes];
}

function vector(bytes: Code): Code {
  return [...unsigned(bytes.length), ...bytes];
}

function text(name: string): Code {
  return vector([...name].map((c) => c.charCodeAt(0)));
}
