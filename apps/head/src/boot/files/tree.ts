import type { Logger, Mac } from "@bramble/core/base";
import { parseMac } from "@bramble/core/base";
import type { FileClaim, FileRequest, FileRoute } from "@bramble/core/boot";
import { ipxeFirst } from "@bramble/core/boot";
import type { ImageFile, Images } from "./images.ts";
import { chooseImage } from "./images.ts";
import type { Loaders } from "./loaders.ts";
import type { Prefix } from "./request-path.ts";
import { readPath } from "./request-path.ts";
import type { BoardBoot, BootSession } from "./session.ts";
import { beginSession } from "./session.ts";

/** What the tree asks the rest of the head. All of it answers at once. */
export type TreeParts = {
  readonly images: Images;
  readonly loaders: Loaders;
  /** What a board is to boot now; null for one that is not to be served at all. */
  readonly bootOf: (board: Mac) => BoardBoot | null;
  /** The board that holds an address. */
  readonly boardAt: (address: string) => Mac | null;
  /** The board with this serial, 8 or 16 hex digits in lower case. */
  readonly boardBySerial: (serial: string) => Mac | null;
  /** A serial that a board has asked by, told when `boardBySerial` did not know. */
  readonly learned: (board: Mac, serial: string) => void;
  /** URL of the HTTP boot server, without a slash at its end. */
  readonly boot: string;
  /** Where files come from that belong to no board: the image of the cluster file, or null. */
  readonly image: string | null;
  readonly log: Logger;
};

/** The boot tree: one virtual folder for TFTP and HTTP, in which each board sees its own files. */
export type Tree = {
  readonly resolve: FileRoute;
  /**
   * A board begins a boot: what it is served from now on is made anew. To be told once for each boot, and not when a board
   * asks for an address in the middle of one, as bootcode.bin of a Pi 3 and the RAM disk do.
   */
  readonly begin: (board: Mac) => void;
  /** Boots that are remembered, for the metrics. */
  readonly sessions: () => number;
};

/** Build the tree from its routes: the first that claims a request answers it. */
export function createTree(parts: TreeParts): Tree {
  const { bootOf } = parts;
  const sessions = new Map<Mac, BootSession>();
  const sessionOf = (board: Mac): BootSession | null => {
    const kept = sessions.get(board);
    if (kept !== undefined) return kept;
    const boot = bootOf(board);
    if (boot === null) return null;
    const session = beginSession(boot, () => bootOf(board)?.facts ?? boot.facts);
    // A boot with nothing to boot is none: where an image is there in the end, the board is served at its next request.
    if (boot.image === null) return session;
    // The oldest goes: nobody keeps a session alive by inventing MACs.
    for (const [oldest] of sessions) {
      if (sessions.size < maxSessions) break;
      sessions.delete(oldest);
    }
    sessions.set(board, session);
    return session;
  };

  const routes: readonly Route[] = [ipxeRoute, imagesRoute(parts), loaderRoute(parts), boardRoute, rootRoute(parts)];
  return {
    begin: (board) => void sessions.delete(board),
    sessions: () => sessions.size,
    resolve(request) {
      const path = readPath(request.path);
      if (path.kind === "refused") return { ...path, board: parts.boardAt(request.from.address) };
      const board = boardOf(path.prefix, request, parts);
      const asked = { board, rest: path.rest, hasPrefix: path.prefix !== null, sessionOf };
      for (const route of routes) {
        const claim = route(asked);
        if (claim !== null) return claim;
      }
      return { kind: "missing", board };
    },
  };
}

type Asked = {
  readonly board: Mac | null;
  readonly rest: string;
  readonly hasPrefix: boolean;
  readonly sessionOf: (board: Mac) => BootSession | null;
};
type Route = (asked: Asked) => FileClaim | null;

const maxSessions = 4096;

/** `ipxe/<mac>`: the script of that board, whoever asks. */
const ipxeRoute: Route = ({ rest, sessionOf }) => {
  if (!rest.startsWith("ipxe/")) return null;
  const named = parseMac(rest.slice("ipxe/".length));
  if (named === null) return null;
  return claimOf(sessionOf(named)?.file("boot.ipxe") ?? null, named) ?? { kind: "missing", board: named };
};

/** `images/<image>/<file>`: every file of an image's manifest, and nothing else of its folder. */
function imagesRoute({ images }: TreeParts): Route {
  return ({ rest, board, hasPrefix }) => {
    const [, name, file] = /^images\/([^/]+)\/(.+)$/.exec(rest) ?? [];
    if (hasPrefix || name === undefined || file === undefined) return null;
    return claimOf(images.named(name)?.file(file) ?? null, board);
  };
}

/** Boot programs of other machines: iPXE, GRUB. */
function loaderRoute({ loaders }: TreeParts): Route {
  return ({ rest, board }) => claimOf(loaders.file(rest), board);
}

/** Everything of one board, below its prefix or, asked from its address, at the root. */
const boardRoute: Route = ({ board, rest, sessionOf }) => {
  if (board === null) return null;
  const session = sessionOf(board);
  if (session === null) return null;
  // What the board's plan does not have is missing: with plan local its own disk is next.
  return claimOf(session.file(rest), board) ?? { kind: "missing", board };
};

/** For a board that nobody can name yet: a Pi's first files, and an iPXE script that asks again with its MAC. */
function rootRoute({ images, image, boot }: TreeParts): Route {
  const first = new TextEncoder().encode(ipxeFirst(boot));
  return ({ rest, hasPrefix }) => {
    if (hasPrefix || rest === "bootsig.bin") return null;
    if (rest === "autoexec.ipxe" || rest === "boot.ipxe") return { kind: "bytes", bytes: first, board: null };
    // Settings are a board's own: without a name there are none.
    if (rest === "config.txt" || rest === "cmdline.txt") return null;
    const named = image === null ? null : images.named(image);
    const common = [named, chooseImage(images, null, "arm64")].find((each) => (each?.manifest.tree ?? null) !== null);
    return claimOf(common?.file(`${common.manifest.tree}/${rest}`) ?? null, null);
  };
}

function claimOf(file: ImageFile | null, board: Mac | null): FileClaim | null {
  return file === null ? null : { ...file, board };
}

/** Whose request it is: its folder's board, else the one that holds the address. Learns serials on the way. */
function boardOf(prefix: Prefix | null, { from }: FileRequest, parts: TreeParts): Mac | null {
  const holder = parts.boardAt(from.address);
  if (prefix === null) return holder;
  if (prefix.kind === "mac") return prefix.mac;
  const { serial } = prefix;
  const known = parts.boardBySerial(serial);
  if (known !== null) return known;
  if (holder !== null && mayBeSerialOf(holder, serial)) {
    parts.learned(holder, serial);
    return holder;
  }
  // Up to the Pi 3 a MAC is Raspberry Pi's first prefix and the serial's last six digits: so the serial alone tells.
  const made = parseMac(`b827eb${serial.slice(-6)}`);
  if (made !== null && parts.bootOf(made) !== null) return made;
  if (holder === null) parts.log.debug({ serial, address: from.address }, "files asked by an unknown serial");
  return holder;
}

function mayBeSerialOf(board: Mac, serial: string): boolean {
  return !board.startsWith("b8:27:eb") || board.replaceAll(":", "").slice(6) === serial.slice(-6);
}
