import type { ApplyRolesAnswer, HeadMessage, RoleOffer, RoleStatesAnswer } from "@bramble/core/api";
import type { Clock, Mac, Millis, Timer } from "@bramble/core/base";
import { ClusterError, nearest } from "@bramble/core/base";
import type { BoardRecord } from "@bramble/core/register";
import {
  defaultTurnLimits,
  noRole,
  type RoleReport,
  type RoleStanding,
  RoleTurns,
  roleOf,
  roleStandings,
  standingOf,
  type TurnLimits,
} from "@bramble/core/work";
import type { Bus } from "../../bus.ts";
import type { Roster } from "../../register/roster.ts";
import type { RoleStore } from "../../store/roles.ts";
import type { Catalog, CatalogRole } from "./catalog.ts";
import { createRoleNews } from "./news.ts";

/** The roles as other rooms see them. */
export type Roles = Disposable & {
  readonly catalog: Catalog;
  /** @throws ClusterError `role.unknown` with the nearest name. */
  find(id: string): CatalogRole;
  /** What a board of this name should have, for its welcome; undefined: it keeps what it has. */
  offer(board: string): RoleOffer | null | undefined;
  /** A board tells how it stands. */
  report(record: BoardRecord, report: RoleReport): void;
  /** An operator's word; resolves once it is durable. @throws ClusterError `role.unknown`. */
  assign(boards: readonly string[], role: string | null): Promise<void>;
  /** Read the cluster file's roles again, and let these boards take theirs now. @throws ClusterError `role.file`. */
  apply(boards: readonly string[]): ApplyRolesAnswer;
  states(boards: readonly string[]): RoleStatesAnswer["boards"];
  /** All boards, by how they stand. */
  counts(): Readonly<Record<RoleStanding, number>>;
};

/** What the room is made of. */
export type RoleParts = {
  readonly catalog: Catalog;
  readonly store: RoleStore;
  readonly roster: Roster;
  readonly bus: Bus;
  readonly clock: Clock;
  /** False when the board has no link. */
  readonly send: (board: Mac, message: HeadMessage) => boolean;
  readonly limits?: TurnLimits;
};

/** The room of roles: who should have what, who has it, and whose turn it is to fetch. */
export function createRoles(parts: RoleParts): Roles {
  const { catalog, store, roster, bus, clock, send } = parts;
  const said = store.all();
  /** What boards told last, by name: bounded by the roster. */
  const told = new Map<string, RoleReport & { readonly since: Millis }>();
  const turns = new RoleTurns(parts.limits ?? defaultTurnLimits);
  /** Boards that may ask for a turn: once for each link, and once for each word of an operator. */
  const owed = new Set<Mac>();
  const news = createRoleNews({ bus, clock });
  let timer: Timer | null = null;

  const wanted = (board: string): RoleOffer | null | "unknown" => {
    const id = roleOf(board, said, catalog.filed());
    if (id === null) return null;
    const found = catalog.byId(id);
    return found === null ? "unknown" : { id, checksum: found.checksum, bytes: found.bytes.length };
  };
  const pump = (): void => {
    timer?.cancel();
    timer = null;
    for (const mac of turns.next(clock.now())) {
      const name = roster.byMac(mac)?.name;
      const role = name === undefined ? "unknown" : wanted(name);
      if (role === "unknown" || !send(mac, { type: "role", role })) turns.end(mac);
    }
    const end = turns.firstEnd();
    if (end !== null && turns.waiting > 0) timer = clock.after(end - clock.now(), pump);
  };
  const stands = (board: string): RoleStanding => standingOf(wanted(board), told.get(board) ?? null);
  const stop = bus.on("link.opened", ({ record }) => void owed.add(record.mac));
  const stopClosed = bus.on("link.closed", ({ record }) => {
    owed.delete(record.mac);
    turns.end(record.mac);
    pump();
  });
  const find = (id: string): CatalogRole => {
    const found = catalog.byId(id);
    if (found !== null) return found;
    const near = nearest(
      id,
      catalog.all().map(({ role }) => role.id),
    );
    const hint = near === null ? "" : `; did you mean "${near}"?`;
    throw new ClusterError("role.unknown", `there is no role "${id.slice(0, 40)}"${hint}`);
  };

  return {
    catalog,
    find,
    offer(board) {
      const role = wanted(board);
      return role === "unknown" ? undefined : role;
    },
    report({ mac, name }, report) {
      const before = told.get(name);
      const stood = stands(name);
      // Printed by people's terminals, and a board may say anything.
      report = { ...report, error: report.error?.replaceAll(/[\p{Cc}\p{Cf}]+/gu, " ") ?? null };
      told.set(name, { ...report, since: before?.state === report.state ? before.since : clock.now() });
      const role = wanted(name);
      if (report.state === "wanted") {
        // Whoever says it again and again has no more turns for it.
        if (role !== null && role !== "unknown" && owed.delete(mac)) turns.ask(mac, role.bytes);
      } else if (report.state !== "fetching") turns.end(mac);
      news.heard(name, { before: stood, now: stands(name) }, report);
      pump();
    },
    async assign(boards, role) {
      if (role !== null && role !== noRole) find(role);
      await store.say(boards, role, clock.now());
      for (const board of boards) {
        if (role === null) said.delete(board);
        else said.set(board, role);
      }
    },
    apply(boards) {
      catalog.reload();
      const answer = { boards: boards.length, asked: 0, current: 0, unlinked: 0, off: 0, unknown: 0 };
      for (const board of boards) {
        const entry = roster.byName(board);
        const role = wanted(board);
        const report = told.get(board) ?? null;
        const standing = standingOf(role, report);
        if (role === "unknown") answer.unknown++;
        else if (standing === "applied" || standing === "none") answer.current++;
        else if (entry?.record == null || !entry.isLinked) answer.unlinked++;
        // An agent that knows of roles has told how it stands, at the latest with its welcome.
        else if (report === null || report.state === "off") answer.off++;
        else {
          answer.asked++;
          // To remove a role nothing has to be fetched.
          if (role === null) send(entry.record.mac, { type: "role", role });
          else turns.ask(entry.record.mac, role.bytes);
        }
      }
      pump();
      return answer;
    },
    states: (boards) =>
      boards.map((board) => {
        const role = wanted(board);
        const report = told.get(board) ?? null;
        const state = standingOf(role, report);
        const error =
          state === "unknown"
            ? `the cluster file has no role ${roleOf(board, said, catalog.filed())}`
            : state === "off" || state === "failed" || state === "kept" || state === "applied"
              ? errorOf(report)
              : null;
        return {
          ...{ board, state, error },
          wanted: role === null || role === "unknown" ? null : { id: role.id, checksum: role.checksum },
          inForce: report?.good ?? null,
          since: report?.since ?? null,
        };
      }),
    counts() {
      const counts = Object.fromEntries(roleStandings.map((one) => [one, 0])) as Record<RoleStanding, number>;
      for (const { name } of roster.all()) counts[stands(name)]++;
      return counts;
    },
    [Symbol.dispose]() {
      timer?.cancel();
      stop();
      stopClosed();
      news[Symbol.dispose]();
    },
  };
}

function errorOf(report: RoleReport | null): string | null {
  if (report === null || report.error === null) return null;
  return report.step === null ? report.error : `${report.step}: ${report.error}`;
}
