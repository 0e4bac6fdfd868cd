import type { Millis } from "../base/index.ts";
import type { BootClient } from "./client.ts";
import type { BootStep } from "./steps.ts";

/** What the boot servers see of one board, as it comes in: of this a board's lane is made. */
export type BootEvent =
  /** Its outlet was switched and read back. */
  | { readonly kind: "power"; readonly on: boolean }
  /** A DISCOVER came. */
  | { readonly kind: "discover"; readonly client: BootClient }
  /** Our answer to it is on its way; `isBoot` is false where the plan says that it boots from its own disk. */
  | { readonly kind: "offer"; readonly address: string; readonly isBoot: boolean }
  | { readonly kind: "request" }
  | { readonly kind: "ack"; readonly address: string }
  | { readonly kind: "nak"; readonly why: string }
  /** It found its address in use by another. */
  | { readonly kind: "decline"; readonly address: string }
  | ({ readonly kind: "file"; readonly path: string; readonly by: "tftp" | "http" } & FileNews)
  /** The board itself tells: its initial RAM disk, or `POST /boot`. */
  | { readonly kind: "told"; readonly step: BootStep; readonly failed: string | null }
  /** Its agent opened a link, and has its name. */
  | { readonly kind: "registered" };

/** What became of one request for a file. */
export type FileNews =
  | { readonly news: "begun"; readonly sizeBytes: number }
  /** A large file on its way, told now and then. */
  | { readonly news: "moving"; readonly sentBytes: number; readonly sizeBytes: number }
  | { readonly news: "done"; readonly sentBytes: number; readonly resends: number; readonly tookMs: Millis }
  /** There is no such file; often as it should be. */
  | { readonly news: "missing" }
  /** An existence probe: begun, then ended by the board on purpose. */
  | { readonly news: "probed" }
  /** The board fell silent in the middle, or refused; `why` in words. */
  | { readonly news: "failed"; readonly sentBytes: number; readonly why: string };
