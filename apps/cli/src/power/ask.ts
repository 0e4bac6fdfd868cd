import { randomUUID } from "node:crypto";
import type { PostPowerPlanBody, PowerPlanReply } from "@bramble/core/api";
import { headClient } from "../head-client.ts";
import { type HeadOptions, headAddress } from "../options.ts";
import { CommandError, exitCodes } from "../problem.ts";
import type { Terminal } from "../terminal.ts";
import { followPlan } from "./follow.ts";
import { count, describePlanned, describeRefusal, type Fold, verbs } from "./words.ts";

/** What `up`, `down` and `cycle` take. */
export type PowerOptions = HeadOptions & {
  readonly profile?: string;
  readonly withParents?: boolean;
  readonly collateral?: boolean;
  readonly now?: boolean;
  readonly dryRun?: boolean;
  readonly why?: boolean;
  readonly reason?: string;
  readonly yes?: number;
  readonly wait: boolean;
};

/**
 * Plan first, show what will be touched, ask where it is much, then start it and follow it.
 *
 * @throws CommandError when it is refused, not confirmed, failed or cancelled.
 */
export async function askForPower(
  { action, set, options }: { action: PostPowerPlanBody["action"]; set: string; options: PowerOptions },
  terminal: Terminal,
  signal: AbortSignal,
): Promise<void> {
  const head = headClient(headAddress(options));
  const body = bodyOf(action, set, options);
  const planned = await head.post<PowerPlanReply>("/power/plans", { ...body, dryRun: true });
  // Loaded when the head has answered: it takes longer than most questions.
  const { foldNodeSet } = await import("@bramble/core/cluster");
  const fold: Fold = foldNodeSet;
  if (options.json && (options.dryRun || planned.kind !== "plan")) terminal.out(JSON.stringify(planned, null, 2));
  if (planned.kind === "refused") throw refusal(planned, options.json === true);
  if (planned.kind === "nothing" || planned.plan === null) {
    if (!options.json) terminal.out(`nothing to do: ${planned.why ?? "all is as asked"}`);
    return;
  }
  if (!options.json) {
    const text = `${verbs[action]} ${set}: ${describePlanned(planned.plan, fold, options.why === true)}`;
    if (options.dryRun) terminal.out(text);
    else terminal.note(text);
  }
  if (options.dryRun) return;
  await confirm(planned.confirm, { action, options }, terminal);
  const started = await head.post<PowerPlanReply>(
    "/power/plans",
    { ...body, confirm: planned.confirm },
    // An answer that was lost does not start it twice.
    { "idempotency-key": randomUUID() },
  );
  if (started.kind === "refused") throw refusal(started, false);
  if (started.id === null) {
    terminal.out(`nothing to do: ${started.why ?? "all is as asked"}`);
    return;
  }
  if (!options.wait) {
    terminal.out(
      options.json ? JSON.stringify(started, null, 2) : `plan ${started.id} runs; \`bramble power\` shows it`,
    );
    return;
  }
  await followPlan({ head, id: started.id, terminal, fold, signal, isJson: options.json === true });
}

function bodyOf(action: PostPowerPlanBody["action"], set: string, options: PowerOptions): PostPowerPlanBody {
  return {
    ...{ action, set },
    ...(options.profile === undefined ? {} : { profile: options.profile }),
    ...(options.withParents ? { withParents: true } : {}),
    ...(options.collateral ? { allowCollateral: true } : {}),
    ...(options.now ? { atOnce: true } : {}),
    ...(options.reason === undefined ? {} : { why: options.reason }),
  };
}

/** Where many boards go dark their number must be typed, or given. @throws CommandError where it is not. */
async function confirm(
  asked: number | null,
  { action, options }: { action: PostPowerPlanBody["action"]; options: PowerOptions },
  terminal: Terminal,
): Promise<void> {
  if (asked === null || options.yes === asked) return;
  const what = `${verbs[action]} takes power from ${count(asked, "board")}`;
  if (options.yes !== undefined)
    throw new CommandError(`${what}, not ${options.yes}`, { hint: `Say --yes ${asked}.`, exitCode: exitCodes.usage });
  const said = await terminal.ask?.(`${what}. Type their number to go on: `);
  if (said?.trim() === String(asked)) return;
  if (said === undefined || said === null)
    throw new CommandError(what, { hint: `Say --yes ${asked} to mean it.`, exitCode: exitCodes.usage });
  throw new CommandError(`"${said.trim().slice(0, 20)}" is not ${asked}: nothing was switched`);
}

function refusal(reply: PowerPlanReply, isTold: boolean): CommandError {
  const [first = "it cannot be planned", ...rest] = isTold ? [] : describeRefusal(reply).split("\n");
  return new CommandError(first, rest.length === 0 ? {} : { hint: rest.join("\n") });
}
