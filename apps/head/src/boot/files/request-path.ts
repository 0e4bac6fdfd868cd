import { type Mac, parseMac } from "@bramble/core/base";
import { pathFault } from "@bramble/core/boot";

/** A path that a client asked for, read; or why it may not be asked for. */
export type RequestPath =
  | {
      readonly kind: "ok";
      /** The board's own folder that the path begins with: its serial or its MAC. */
      readonly prefix: Prefix | null;
      /** What is asked for below it, parts joined by single slashes; empty for the folder itself. */
      readonly rest: string;
    }
  | { readonly kind: "refused"; readonly why: string };

/** How a board names its folder. */
export type Prefix = { readonly kind: "serial"; readonly serial: string } | { readonly kind: "mac"; readonly mac: Mac };

/**
 * Read the path of a request. Only the tree's own names exist below it, so this is the outer of two walls: what tries to
 * climb is told apart from what is merely not there.
 *
 * A slash in front means the root of the tree, as GRUB and U-Boot write it; doubled slashes are one.
 */
export function readPath(path: string): RequestPath {
  if (path.length > maxLength) return { kind: "refused", why: `the name is longer than ${maxLength} characters` };
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  const joined = parts.join("/");
  const fault = joined === "" ? null : pathFault(joined);
  if (fault !== null) return { kind: "refused", why: `the name ${fault}` };
  const prefix = prefixOf(parts[0] ?? "");
  return { kind: "ok", prefix, rest: prefix === null ? joined : parts.slice(1).join("/") };
}

const maxLength = 240;

function prefixOf(part: string): Prefix | null {
  if (/^([0-9a-f]{8}|[0-9a-f]{16})$/i.test(part)) return { kind: "serial", serial: part.toLowerCase() };
  if (!/^([0-9a-f]{2}[-:]){5}[0-9a-f]{2}$/i.test(part)) return null;
  const mac = parseMac(part);
  return mac === null ? null : { kind: "mac", mac };
}
