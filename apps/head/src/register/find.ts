import { ClusterError, nearest, parseMac } from "@bramble/core/base";
import type { Entry, Roster } from "./roster.ts";

/**
 * The board that a person means: by MAC, by name, or by its name with fewer zeros (`b412` is `b0412`).
 *
 * @throws ClusterError `board.unknown` with the nearest name.
 */
export function findBoard(roster: Roster, said: string): Entry {
  const text = said.trim().toLowerCase();
  const mac = parseMac(text);
  const exact =
    (mac === null ? null : (roster.byMac(mac) ?? roster.all().find(({ slot }) => slot?.mac === mac))) ??
    roster.byName(text);
  if (exact != null) return exact;
  const loose = looseName(text);
  const alike = loose === null ? [] : roster.all().filter(({ name }) => looseName(name) === loose);
  if (alike.length === 1) return alike[0]!;
  const near = nearest(
    text,
    roster.all().map(({ name }) => name),
  );
  const hint = near === null ? "" : `; the nearest name is ${near}`;
  throw new ClusterError("board.unknown", `there is no board "${said.slice(0, 40)}"${hint}`);
}

/** A name without its leading zeros, or null when it is no letters followed by a number. */
function looseName(name: string): string | null {
  const parts = /^([a-z]+)0*(\d+)$/.exec(name);
  return parts === null ? null : `${parts[1]}${parts[2]}`;
}
