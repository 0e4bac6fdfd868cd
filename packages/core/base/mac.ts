import { ClusterError } from "./errors.ts";

/** A board's identity: 48 bits, lower case with colons, `b8:27:eb:00:00:01`. */
export type Mac = string & { readonly __brand: "Mac" };

/**
 * Read a MAC as people and tools write it: colons, dashes, Cisco dots or nothing between the digits.
 *
 * @returns null when the text is no MAC, or is one that no board can have (all zero, broadcast, multicast).
 */
export function parseMac(text: string): Mac | null {
  const trimmed = text.trim().toLowerCase();
  if (!SHAPES.some((shape) => shape.test(trimmed))) return null;
  const digits = trimmed.replace(/[^0-9a-f]/g, "");
  if (digits === "000000000000" || (Number.parseInt(digits.slice(0, 2), 16) & 1) === 1) return null;
  return digits.replace(/(..)(?=.)/g, "$1:") as Mac;
}

/** The MAC that `text` must be. @throws ClusterError `input.mac` naming the text. */
export function mac(text: string): Mac {
  const parsed = parseMac(text);
  if (parsed === null)
    throw new ClusterError("input.mac", `"${text.slice(0, 40)}" is no MAC of a board (like b8:27:eb:00:00:01)`);
  return parsed;
}

/** The name of a board that no cluster file names: `x-` and the last six hex digits of its MAC. */
export function nameOfStranger(board: Mac): string {
  return `x-${board.replaceAll(":", "").slice(6)}`;
}

const SHAPES = [
  /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/,
  /^([0-9a-f]{2}-){5}[0-9a-f]{2}$/,
  /^([0-9a-f]{4}\.){2}[0-9a-f]{4}$/,
  /^[0-9a-f]{12}$/,
];
