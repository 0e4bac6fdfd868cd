import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { CommandError, exitCodes } from "../problem.ts";

/** Processors that images are built for. */
export const imageArchs = ["arm64", "amd64"] as const;

/** One of them. */
export type ImageArch = (typeof imageArchs)[number];

/** What to build. */
export type ImageRequest = {
  readonly arch: ImageArch;
  readonly suite: string;
  readonly name: string;
  /** Folder of the image, absolute. */
  readonly out: string;
  /** URL of a Debian mirror; null: the machine's own. */
  readonly mirror: string | null;
  /** More Debian packages for the root. */
  readonly include: readonly string[];
  /** The token that boards show their head, baked into the RAM disk; null: none. */
  readonly boardToken: string | null;
  /** Which roles its agents take: none, those that need no root, all. */
  readonly roles: "none" | "user" | "root";
};

/** What the command line gave. */
export type ImageOptions = {
  readonly arch: ImageArch;
  readonly suite: string;
  readonly name?: string;
  readonly out?: string;
  readonly mirror?: string;
  readonly include?: readonly string[];
  readonly boardTokenFile?: string;
  readonly roles: ImageRequest["roles"];
};

/** The request behind the options. @throws CommandError that names the option. */
export function readRequest(options: ImageOptions): ImageRequest {
  const { arch, suite } = options;
  if (!/^[a-z][a-z0-9-]{0,40}$/.test(suite)) throw wrong(`--suite "${suite}" is no release of Debian like trixie`);
  const name = options.name ?? `${suite}-${arch}`;
  if (!/^[a-z][a-z0-9._-]{0,63}$/.test(name))
    throw wrong(`--name "${name}": a name begins with a small letter and is of small letters, digits, dots and dashes`);
  const mirror = options.mirror ?? null;
  if (mirror !== null && !/^(https?|file|copy):\/\/?\S+$/.test(mirror))
    throw wrong(`--mirror "${mirror}" is no URL of a Debian mirror`);
  const include = options.include ?? [];
  for (const each of include)
    if (!/^[a-z0-9][a-z0-9+.-]*$/.test(each)) throw wrong(`--include "${each}" is no name of a Debian package`);
  const out = resolve(options.out ?? join(".bramble", "images", name));
  // A folder that holds something else is not ours to replace.
  if (existsSync(out) && readdirSync(out).length > 0 && !existsSync(join(out, "image.json")))
    throw wrong(`${out} holds something that is no image; choose another --out`);
  return { arch, suite, name, out, mirror, include, boardToken: tokenOf(options.boardTokenFile), roles: options.roles };
}

function tokenOf(file: string | undefined): string | null {
  if (file === undefined) return null;
  let token: string;
  try {
    token = readFileSync(file, "utf8").trim();
  } catch {
    throw wrong(`--board-token-file ${file} cannot be read`);
  }
  if (!/^[\x21-\x7e]{8,200}$/.test(token))
    throw wrong(`--board-token-file ${file}: 8 to 200 visible ASCII characters were expected`);
  return token;
}

function wrong(message: string): CommandError {
  return new CommandError(message, { exitCode: exitCodes.usage });
}
