import type { PowerAnswer, PowerPlanAnswer } from "@bramble/core/api";
import { messageOf } from "@bramble/core/base";
import type { HeadClient } from "../head-client.ts";
import { pause } from "../pause.ts";
import { CommandError } from "../problem.ts";
import type { Terminal } from "../terminal.ts";
import { bar, describeEnd, type Fold, loadInWords, progressInWords, verbs } from "./words.ts";

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
  const askPower = (): Promise<PowerAnswer> => head.get<PowerAnswer>("/power");
  const draw: Draw = isJson ? async () => {} : terminal.isTty ? picture(terminal, askPower) : lines(terminal, askPower);
  for (let turn = 0; ; turn++) {
    const plan = await head.get<PowerPlanAnswer>(`/power/plans/${encodeURIComponent(id)}`);
    await draw(plan);
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
  const path = `/power/plans/${encodeURIComponent(id)}/cancel`;
  const answer = await head
    .post<{ cancelled: boolean; undo: string | null }>(path, { undo: wish === "u" })
    .catch((thrown: unknown) => terminal.note(`Plan ${id} could not be cancelled: ${messageOf(thrown)}`));
  if (answer === undefined) return;
  const { cancelled, undo } = answer;
  const undoing = undo === null ? "" : `; plan ${undo} undoes it`;
  terminal.note(cancelled ? `Plan ${id} is cancelled${undoing}.` : `Plan ${id} had ended already.`);
}

type Draw = (plan: PowerPlanAnswer) => Promise<void>;

/** The whole of power is a large answer: not with every look. */
type AskPower = () => Promise<PowerAnswer>;

/** One line for each change of wave, state or what it does, with what is drawn then. */
function lines(terminal: Terminal, askPower: AskPower): Draw {
  let told = "";
  return async (plan) => {
    const key = `${plan.state}/${plan.wave}/${plan.message}`;
    if (key === told || plan.endedAt !== null) return;
    told = key;
    const load = loadInWords(await askPower());
    const time = new Date(terminal.now()).toISOString().slice(11, 19);
    terminal.note(`${time} ${progressInWords(plan)}: ${plan.message}${load === null ? "" : ` (${load})`}`);
  };
}

/** Drawn over itself: what is asked, how far it is, watts against the limit, what it does now. */
function picture(terminal: Terminal, askPower: AskPower): Draw {
  let height = 0;
  let turn = 0;
  let power: PowerAnswer | null = null;
  return async (plan) => {
    if (turn++ % 4 === 0) power = await askPower();
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
  const load = power === null ? null : loadInWords(power);
  const now = steps.find(({ state }) => state === "running");
  return [
    `${verbs[action]} ${set}${profile === null ? "" : ` (${profile})`}: plan ${plan.id}, ${plan.state}`,
    `  boards  ${bar(boards === 0 ? 1 : reached / boards, 30)}`,
    `          ${progressInWords(plan)}`,
    ...(load === null ? [] : [`  power   ${load}`]),
    `  now     ${message}`,
    ...(now === undefined ? [] : [`          ${now.what}: ${now.why}`]),
    "  Ctrl+C asks whether to leave it running",
  ];
}
