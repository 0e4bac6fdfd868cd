import type { PowerAnswer, PowerOutletBody, PowerPlanSummary, PowerTraceAnswer } from "@bramble/core/api";
import { ago } from "../terminal.ts";
import { verbs } from "./words.ts";

/** Why each outlet stands as it does: who switched it last, what it needs, what needs it. */
export function describeWhy(
  power: PowerAnswer,
  { trace }: PowerTraceAnswer,
  outlets: readonly PowerOutletBody[],
): string {
  const last = new Map(trace.map((move) => [move.outlet, move]));
  const plans = new Map([...power.recent, ...power.running].map((plan) => [plan.id, plan]));
  const standing = new Map(power.outlets.map(({ id, on }) => [id, wordOf(on)]));
  return outlets
    .map(({ id, on, alwaysOn, needs, doubted }) => {
      const move = last.get(id);
      const isMove = move !== undefined && move.on === on;
      const since = isMove ? doneBy(move.plan, ago(power.now - move.at), plans) : `: ${unmoved(alwaysOn)}`;
      const children = power.outlets.filter((other) => other.needs.includes(id)).map((other) => other.id);
      return [
        `${id} is ${wordOf(on)}${on === null ? "" : since}`,
        ...(doubted === null ? [] : [`  not believed: ${doubted}`]),
        ...(needs.length === 0 ? [] : [`  needs ${listOf(needs.map((each) => `${each} (${standing.get(each)})`))}`]),
        ...(children.length === 0 ? [] : [`  needed by ${listOf(children)}`]),
      ].join("\n");
    })
    .join("\n");
}

function doneBy(id: string | null, time: string, plans: ReadonlyMap<string, PowerPlanSummary>): string {
  const plan = plans.get(id ?? "");
  // The head may only have seen it so first: then nobody knows who switched it, nor when.
  if (id === null) return `: found so, or switched by hand, ${time} ago`;
  if (plan === undefined) return ` for ${time}: plan ${id}`;
  return ` for ${time}: plan ${id}, ${verbs[plan.action]} ${plan.set} (${plan.by}${plan.why === null ? "" : `: ${plan.why}`})`;
}

function unmoved(alwaysOn: boolean): string {
  return alwaysOn ? "it always is, by the cluster file" : "as this head found it";
}

function wordOf(on: boolean | null): string {
  return on === null ? "not known" : on ? "on" : "off";
}

function listOf(names: readonly string[]): string {
  const shown = names.slice(0, mostNames).join(", ");
  return names.length > mostNames ? `${shown} and ${names.length - mostNames} more` : shown;
}

const mostNames = 8;
