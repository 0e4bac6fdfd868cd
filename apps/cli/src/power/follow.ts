import type { PowerAnswer, PowerPlanAnswer } from "@bramble/core/api";
import type { HeadClient } from "../head-client.ts";
import { pause } from "../pause.ts";
import { CommandError } from "../problem.ts";
import type { Terminal } from "../terminal.ts";
import { bar, describeEnd, type Fold, progressInWords, tightest, useInWords, verbs } from "./words.ts";

/** What following a plan is made of. */
export type Following = {
  readonly head: HeadClient;
  readonly id: string;
  readonly terminal: Terminal;
  readonly fold: Fold;
  /** Ctrl+C. The plan goes on unless somebody says otherwise. */
  readonly signal: AbortSignal;
  readonly isJson: boolean;
};

/**
 * Show a plan until it has ended: a picture on a terminal, a line for each change elsewhere. After Ctrl+C a person is
 * asked whether it shall go on.
 *
 * @throws CommandError when it failed or was cancelled.
 */
export async function followPlan(following: Following): Promise<void> {
  const { head, id, terminal, fold, signal, isJson } = following;
  const draw = isJson ? () => {} : terminal.isTty ? picture(terminal) : lines(terminal);
  let power: PowerAnswer | null = null;
  for (let turn = 0; ; turn++) {
    const plan = await head.get<PowerPlanAnswer>(`/power/plans/${encodeURIComponent(id)}`);
    // The whole of power is a large answer: not with every look.
    if (terminal.isTty && !isJson && turn % 4 === 0) power = await head.get<PowerAnswer>("/power");
    draw(plan, power);
    if (plan.endedAt !== null) {
      terminal.out(isJson ? JSON.stringify(plan, null, 2) : describeEnd(plan, fold));
      if (plan.state !== "done")
        throw new CommandError(`the plan ${plan.state}`, { hint: "`bramble power` shows how it stands." });
      return;
    }
    // Often at first: what is short is soon over.
    if (!(await pause(Math.min(500, 50 * (turn + 1)), signal))) return leaveOrCancel(following);
  }
}

async function leaveOrCancel({ head, id, terminal }: Following): Promise<void> {
  const said = await terminal.ask?.(
    "\nThe plan goes on without this window. Enter: leave it running. c: cancel it where it stands. u: cancel it and undo what it has switched. ",
  );
  const wish = said?.trim().toLowerCase() ?? "";
  if (wish !== "c" && wish !== "u") {
    terminal.note(`Plan ${id} goes on; \`bramble power\` shows it.`);
    return;
  }
  const { cancelled, undo } = await head.post<{ cancelled: boolean; undo: string | null }>(
    `/power/plans/${encodeURIComponent(id)}/cancel`,
    { undo: wish === "u" },
  );
  const undoing = undo === null ? "" : `; plan ${undo} undoes it`;
  terminal.note(cancelled ? `Plan ${id} is cancelled${undoing}.` : `Plan ${id} had ended already.`);
}

type Draw = (plan: PowerPlanAnswer, power: PowerAnswer | null) => void;

/** One line for each change of wave, state or what it does. */
function lines(terminal: Terminal): Draw {
  let told = "";
  return (plan) => {
    const key = `${plan.state}/${plan.wave}/${plan.message}`;
    if (key === told || plan.endedAt !== null) return;
    told = key;
    const time = new Date(terminal.now()).toISOString().slice(11, 19);
    terminal.note(`${time} ${progressInWords(plan)}: ${plan.message}`);
  };
}

/** Drawn over itself: what is asked, how far it is, watts against the limit, what it does now. */
function picture(terminal: Terminal): Draw {
  let height = 0;
  return (plan, power) => {
    const rows = plan.endedAt === null ? pictureOf(plan, power) : [];
    const cut = rows.map((row) => row.slice(0, terminal.columns - 1));
    const up = height === 0 ? "" : `\x1b[${height}A`;
    if (height > 0 || cut.length > 0) terminal.note(`${up}\x1b[J${cut.join("\n")}`);
    height = cut.length;
  };
}

/** The picture's lines. */
function pictureOf(plan: PowerPlanAnswer, power: PowerAnswer | null): string[] {
  const { action, set, profile, boards, up, steps, message } = plan;
  const reached = action === "off" ? boards - up : up;
  const use = tightest((power?.limits ?? []).filter(({ kind, unit }) => kind === "steady" && unit === "W"));
  const watts = power?.watts ?? null;
  const site = power?.limits.find(({ limit, kind }) => limit === "site" && kind === "steady");
  const load = [
    ...(watts === null
      ? []
      : [`${Math.round(watts)} W${site === undefined ? "" : ` of ${Math.round(site.allowed)} W`}`]),
    ...(use === null ? [] : [`at full work ${useInWords(use)}`]),
  ];
  const now = steps.find(({ state }) => state === "running");
  return [
    `${verbs[action]} ${set}${profile === null ? "" : ` (${profile})`}: plan ${plan.id}, ${plan.state}`,
    `  boards  ${bar(boards === 0 ? 1 : reached / boards, 30)}`,
    `          ${progressInWords(plan)}`,
    ...(load.length === 0 ? [] : [`  power   ${load.join("; ")}`]),
    `  now     ${message}`,
    ...(now === undefined ? [] : [`          ${now.what}: ${now.why}`]),
    "  Ctrl+C asks whether to leave it running",
  ];
}
