import { isSameRole, type RoleRef } from "./role-choice.ts";
import { goodOf, type RoleState, type RoleStep, wantOf } from "./role-state.ts";

/** What a board tells of its role. `off`: its agent takes no roles. */
export type RoleReport = {
  readonly state: RoleState["kind"] | "off";
  readonly want: RoleRef | null;
  readonly good: RoleRef | null;
  readonly step: RoleStep | null;
  readonly error: string | null;
};

/** How a board stands with its role, as an operator reads it. */
export const roleStandings = [
  "none",
  "waiting",
  "fetching",
  "applying",
  "applied",
  "removing",
  "failed",
  "kept",
  "off",
  "unknown",
] as const;

/**
 * `waiting`: it is to have another role than it has. `kept`: applying failed, the last good one is in force. `off`: its
 * agent takes no roles. `unknown`: it is to have a role that the cluster file does not have any more.
 */
export type RoleStanding = (typeof roleStandings)[number];

/** What to tell the head of a state. */
export function reportOf(state: RoleState): RoleReport {
  const isBad = state.kind === "failed" || state.kind === "kept";
  return {
    state: state.kind,
    want: wantOf(state),
    good: goodOf(state),
    step: isBad ? state.step : null,
    error: isBad ? state.why : null,
  };
}

/**
 * How a board stands that should have `wanted` and told `report` last. What it claims counts only for the role that it
 * should have: a board may be late, mistaken or lie.
 *
 * @param wanted null: no role; `unknown`: one that is not there.
 */
export function standingOf(wanted: RoleRef | null | "unknown", report: RoleReport | null): RoleStanding {
  if (wanted === "unknown") return "unknown";
  if (report === null) return wanted === null ? "none" : "waiting";
  if (report.state === "off") return wanted === null ? "none" : "off";
  if (wanted === null && report.good === null) return "none";
  if (report.state === "removing") return wanted === null ? "removing" : "waiting";
  if (report.state === "applied") return isSameRole(report.good, wanted) ? "applied" : "waiting";
  if (!isSameRole(report.want, wanted)) return "waiting";
  switch (report.state) {
    case "fetching":
      return "fetching";
    case "fetched":
      return "applying";
    case "failed":
      return "failed";
    case "kept":
      return "kept";
    default:
      return "waiting";
  }
}
