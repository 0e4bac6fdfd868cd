import type { PostPowerPlanBody } from "@bramble/core/api";
import { verbs } from "./words.ts";

/** A wish as `bramble` takes it: `bramble down @g03 --collateral --yes 84`. */
export function brambleOf(wish: PostPowerPlanBody): string {
  const { action, set, profile, withParents, allowCollateral, why, confirm } = wish;
  return [
    `bramble ${verbs[action]} ${quoted(set)}`,
    ...(profile ? [`--profile ${quoted(profile)}`] : []),
    ...(withParents ? ["--with-parents"] : []),
    ...(allowCollateral && action !== "on" ? ["--collateral"] : []),
    ...(why ? [`--reason ${quoted(why)}`] : []),
    ...(typeof confirm === "number" && action !== "on" ? [`--yes ${confirm}`] : []),
  ].join(" ");
}

/** The same wish as curl sends it to this head. */
export function curlOf(origin: string, wish: PostPowerPlanBody, key: string): string {
  return `curl -X POST ${origin}/api/v1/power/plans -H 'content-type: application/json' -H 'idempotency-key: ${key}' -d ${quoted(JSON.stringify(wish), true)}`;
}

/** For a shell: as it is where that is safe, else in single quotes. */
function quoted(text: string, always = false): string {
  return !always && /^[\w@.,:/-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
