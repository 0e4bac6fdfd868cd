import type { Static } from "typebox";
import Type from "typebox";
import { Check, Errors } from "typebox/value";
import type { ImageManifest } from "./plan.ts";
import { unknownVariables } from "./render.ts";

/** An image's manifest, or every reason why the text is none. Warnings are for the operator: the image can be used. */
export type ManifestResult =
  | { readonly kind: "ok"; readonly manifest: ImageManifest; readonly warnings: readonly string[] }
  | { readonly kind: "invalid"; readonly problems: readonly string[] };

/**
 * Read `image.json`. Never throws, whatever the text is.
 *
 * Every path that the result names stays inside the image's folder and stands in `files`.
 */
export function readManifest(text: string): ManifestResult {
  if (text.length > maxText) return invalid([`the manifest is longer than ${maxText} characters`]);
  let said: unknown;
  try {
    said = JSON.parse(text);
  } catch (thrown) {
    return invalid([`the manifest is not JSON: ${String(thrown)}`]);
  }
  if (!Check(manifestSchema, said))
    return invalid(
      Errors(manifestSchema, said)
        .slice(0, maxProblems)
        .map(({ instancePath, message }) => `${instancePath === "" ? "the manifest" : instancePath} ${message}`),
    );
  const problems = [...pathProblems(said), ...planProblems(said)];
  return problems.length > 0
    ? invalid(problems.slice(0, maxProblems))
    : { kind: "ok", manifest: said, warnings: warnings(said) };
}

/** Why a path may not be used below a folder, or null: it is relative, without `..`, NUL, backslash or empty parts. */
export function pathFault(path: string): string | null {
  if (path === "") return "is empty";
  if (path.length > maxPath) return `is longer than ${maxPath} characters`;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  if (/[\u0000-\u001f\u007f]/.test(path)) return "has a control character";
  if (path.includes("\\")) return "has a backslash";
  if (path.startsWith("/")) return "is absolute";
  const parts = path.split("/");
  if (parts.includes("..")) return 'leads upward by ".."';
  if (parts.includes("") || parts.includes(".")) return "has an empty part";
  return null;
}

const maxText = 4 << 20;
const maxPath = 240;
const maxProblems = 50;
/** Block counters of 16 bits that do not wrap, of 1024 octets: Pi 4 before the EEPROM of 2025-09-23 (rpi-eeprom issue 375). */
const maxBlocks = 65_535 * 1024;

const strict = { additionalProperties: false } as const;
const Path = Type.String({ minLength: 1, maxLength: maxPath });
const Plan = Type.Object(
  {
    initrd: Path,
    cmdline: Type.String({ maxLength: 2000 }),
    root: Type.Union([
      Type.Object({ kind: Type.Literal("http"), file: Path }, strict),
      Type.Object({ kind: Type.Literal("nfs"), export: Type.String({ pattern: "^/[A-Za-z0-9._/@+-]*$" }) }, strict),
      Type.Object({ kind: Type.Literal("none") }, strict),
    ]),
  },
  strict,
);
// Keys that a later builder adds do not make an image unreadable.
const manifestSchema = Type.Object({
  bramble: Type.Literal(1),
  name: Type.String({ pattern: "^[a-z][a-z0-9_.-]{0,63}$" }),
  arch: Type.Union([Type.Literal("x86"), Type.Literal("amd64"), Type.Literal("arm"), Type.Literal("arm64")]),
  builtAt: Type.String({ pattern: "^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d{1,9})?Z$" }),
  tree: Type.Union([Path, Type.Null()]),
  kernel: Path,
  piKernel: Type.Union([Path, Type.Null()]),
  plans: Type.Object({ live: Plan, discovery: Plan, rescue: Plan }, strict),
  files: Type.Record(
    Type.String({ minLength: 1, maxLength: maxPath }),
    Type.Object({
      bytes: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
      sha256: Type.String({ pattern: "^[0-9a-f]{64}$" }),
    }),
    { maxProperties: 20_000 },
  ),
});

/** The type and the schema say the same: the compiler sees to it. */
type Said = Static<typeof manifestSchema> & ImageManifest;

function pathProblems({ files, tree, kernel, piKernel, plans }: Said): string[] {
  const problems: string[] = [];
  for (const path of Object.keys(files)) {
    const fault = pathFault(path);
    if (fault !== null) problems.push(`files: ${shown(path)} ${fault}`);
  }
  const wants = (what: string, path: string): void => {
    if (!Object.hasOwn(files, path)) problems.push(`${what} is ${shown(path)}, which is not among the files`);
  };
  wants("kernel", kernel);
  if (tree !== null && pathFault(tree) !== null) problems.push(`tree ${shown(tree)} ${pathFault(tree)}`);
  if ((tree === null) !== (piKernel === null)) problems.push("tree and piKernel go together: give both or neither");
  if (tree !== null && piKernel !== null) wants("piKernel", `${tree}/${piKernel}`);
  for (const [name, plan] of Object.entries(plans)) {
    wants(`the initrd of ${name}`, plan.initrd);
    if (plan.root.kind === "http") wants(`the root of ${name}`, plan.root.file);
  }
  if (tree !== null) {
    for (const [start, fixup] of pairs)
      if (Object.hasOwn(files, `${tree}/${start}`) !== Object.hasOwn(files, `${tree}/${fixup}`))
        problems.push(`${start} and ${fixup} belong together: with one of them alone a board finds 128 MB of memory`);
  }
  return problems;
}

/** Firmware and its table, which must be of one release (raspberrypi/firmware issue 1041). */
const pairs = [
  ["start.elf", "fixup.dat"],
  ["start4.elf", "fixup4.dat"],
] as const;

function planProblems({ plans }: Said): string[] {
  return Object.entries(plans).flatMap(([name, { cmdline }]) => {
    const unknown = unknownVariables(cmdline);
    return [
      ...(/[^\x20-\x7e]/.test(cmdline) ? [`the cmdline of ${name} has a character that is not plain ASCII`] : []),
      // These mean something to iPXE, GRUB or U-Boot, which the command line passes through.
      ...(/['`]|(^| )(&&|\|\||;)( |$)/.test(cmdline)
        ? [`the cmdline of ${name} may not have ' \` or && || ; as words`]
        : []),
      ...unknown.map((variable) => `the cmdline of ${name} has the unknown variable \${${variable}}`),
    ];
  });
}

function warnings({ tree, files }: Said): string[] {
  return Object.entries(files)
    .filter(([path, { bytes }]) => tree !== null && path.startsWith(`${tree}/`) && bytes > maxBlocks)
    .map(
      ([path]) =>
        `${path} is larger than 65535 blocks of 1024 octets: a Pi 4 with an EEPROM before 2025-09 cannot load it`,
    );
}

function shown(path: string): string {
  return JSON.stringify(path.length > 60 ? `${path.slice(0, 60)}…` : path);
}

function invalid(problems: readonly string[]): ManifestResult {
  return { kind: "invalid", problems };
}
