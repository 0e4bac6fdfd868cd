import type { Mac } from "../base/index.ts";

/** A request for a file of the boot tree, by whichever protocol. */
export type FileRequest = {
  readonly by: "tftp" | "http";
  /** Source address and port of the client. */
  readonly from: { readonly address: string; readonly port: number };
  /** As the client said it, decoded, not yet trusted. */
  readonly path: string;
};

/** What answers a request. A route that does not claim it gives null and the next is asked. */
export type FileClaim =
  /** Made for this board; stays the same for one boot. */
  | { readonly kind: "bytes"; readonly bytes: Uint8Array; readonly board: Mac | null }
  /** A file on disk, read once into the shared cache. `path` is absolute and inside the image. */
  | { readonly kind: "file"; readonly path: string; readonly sizeBytes: number; readonly board: Mac | null }
  /** There is none: ERROR 1, 404. */
  | { readonly kind: "missing"; readonly board: Mac | null }
  /** It may not be had: ERROR 2, 403; a log line. */
  | { readonly kind: "refused"; readonly why: string; readonly board: Mac | null };

/** One entry of the virtual tree. Pure or quick: at a thousand boards it is asked fifty thousand times in a minute. */
export type FileRoute = (request: FileRequest) => FileClaim | null;
