import { ByteReader, ByteWriter, DecodeError } from "../base/index.ts";
import { roleLimits } from "../cluster/index.ts";

/** Everything that a board needs for a role: plain data, as the head sends it and the agent applies it. */
export type RoleBundle = {
  readonly id: string;
  /** May write anywhere and run as root, on boards whose agent allows that. */
  readonly isRoot: boolean;
  /** By name. */
  readonly env: readonly (readonly [name: string, value: string])[];
  /** By path. */
  readonly files: readonly RoleFile[];
  /** In the order in which they are started. */
  readonly units: readonly RoleUnit[];
  readonly start: RoleStart | null;
};

/** One file of a role. */
export type RoleFile = { readonly path: string; readonly mode: number; readonly bytes: Uint8Array };

/** One unit of systemd that a role brings. */
export type RoleUnit = { readonly name: string; readonly isEnabled: boolean; readonly text: string };

/** What runs once the files of a role are in place. */
export type RoleStart = { readonly run: readonly string[]; readonly as: string | null; readonly timeoutMs: number };

/**
 * A role as bytes, the same bytes for the same role: `BRROLE1\n`, the length of the manifest (u32), the manifest (JSON),
 * then the contents of all files, one after another. Its SHA-256 is the role's checksum.
 */
export function encodeRole(role: RoleBundle): Uint8Array<ArrayBuffer> {
  const files = [...role.files].sort((a, b) => compare(a.path, b.path));
  const manifest = new TextEncoder().encode(
    JSON.stringify({
      id: role.id,
      root: role.isRoot,
      env: [...role.env].sort(([a], [b]) => compare(a, b)),
      files: files.map(({ path, mode, bytes }) => [path, mode, bytes.length]),
      units: role.units.map(({ name, isEnabled, text }) => [name, isEnabled, text]),
      start: role.start === null ? null : [role.start.run, role.start.as, role.start.timeoutMs],
    }),
  );
  const size = files.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const writer = new ByteWriter(magic.length + 4 + manifest.length + size);
  writer.raw(magic).u32(manifest.length).raw(manifest);
  for (const { bytes } of files) writer.raw(bytes);
  return writer.finish();
}

/**
 * Read a role's bytes. Whether the role may do what it asks for is another question: `faultOfRole`.
 *
 * @param bytes kept: the contents of the files are views of it.
 * @throws DecodeError `role.decode` for anything but the one encoding of a role.
 */
export function decodeRole(bytes: Uint8Array): RoleBundle {
  const reader = new ByteReader(bytes, "role.decode");
  if (bytes.length > roleLimits.bundleBytes) reader.fail(`${bytes.length} octets are more than a role has`);
  if (reader.raw(magic.length).some((octet, i) => octet !== magic[i])) reader.fail("this is no role");
  const manifest = readManifest(reader, reader.raw(reader.u32()));
  const files = manifest.files.map(([path, mode, length]): RoleFile => ({ path, mode, bytes: reader.raw(length) }));
  reader.end();
  const [run, as, timeoutMs] = manifest.start ?? [[], null, 0];
  const role: RoleBundle = {
    id: manifest.id,
    isRoot: manifest.root,
    env: manifest.env,
    files,
    units: manifest.units.map(([name, isEnabled, text]) => ({ name, isEnabled, text })),
    start: manifest.start === null ? null : { run, as, timeoutMs },
  };
  const again = encodeRole(role);
  if (again.length !== bytes.length || again.some((octet, i) => octet !== bytes[i]))
    throw new DecodeError("role.decode", "a role is not written in its one way", 0);
  return role;
}

type Manifest = {
  readonly id: string;
  readonly root: boolean;
  readonly env: readonly (readonly [string, string])[];
  readonly files: readonly (readonly [string, number, number])[];
  readonly units: readonly (readonly [string, boolean, string])[];
  readonly start: readonly [readonly string[], string | null, number] | null;
};

const magic = new TextEncoder().encode("BRROLE1\n");

/** By hand: the schema library would cost each board 4 MB of its memory. */
function readManifest(reader: ByteReader, bytes: Uint8Array): Manifest {
  let said: unknown;
  try {
    said = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    reader.fail("the manifest is no JSON");
  }
  if (!isManifest(said)) reader.fail("the manifest does not tell of a role");
  return said;
}

function isManifest(said: unknown): said is Manifest {
  if (typeof said !== "object" || said === null) return false;
  const { id, root, env, files, units, start } = said as Record<string, unknown>;
  return (
    isText(id) &&
    typeof root === "boolean" &&
    isListOf(env, [isText, isText]) &&
    isListOf(files, [isText, isCount, isCount]) &&
    isListOf(units, [isText, (value) => typeof value === "boolean", isText]) &&
    (start === null || isTuple(start, [isTexts, (value) => value === null || isText(value), isCount]))
  );
}

type Is = (value: unknown) => boolean;

const isText: Is = (value) => typeof value === "string";
const isCount: Is = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const isTexts: Is = (value) => Array.isArray(value) && value.every(isText);

function isTuple(value: unknown, each: readonly Is[]): boolean {
  return Array.isArray(value) && value.length === each.length && each.every((is, i) => is(value[i]));
}

function isListOf(value: unknown, each: readonly Is[]): boolean {
  return Array.isArray(value) && value.every((item) => isTuple(item, each));
}

/** By code units, so that no language of a machine changes a checksum. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
