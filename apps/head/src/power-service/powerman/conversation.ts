import type { Clock } from "@bramble/core/base";
import { ClusterError, messageOf, unreachable } from "@bramble/core/base";
import { foldNodeSet } from "@bramble/core/cluster";
import { type DeskAction, type DeskPlan, isEnded, type PowerDesk, type PowerState } from "../desk.ts";
import { codes, encodeReply, helpLines, type PowermanCommand } from "./words.ts";

/** One client's talk: what it has switched on for itself, and how its commands are answered. */
export type Conversation = {
  /**
   * Answer one command by lines. Resolves when the answer is whole: for `on` and its like when the plan has ended.
   *
   * @returns false where the talk is over.
   */
  answer(command: PowermanCommand, write: (line: string) => void, signal: AbortSignal): Promise<boolean>;
};

/** A conversation over this desk. A client that leaves does not take its plan with it. */
export function createConversation({ desk, clock }: { readonly desk: PowerDesk; readonly clock: Clock }): Conversation {
  let hasTelemetry = false;
  let isSpelledOut = false;

  /** The boards of a set, or null when the client was told what is wrong with it. */
  const boardsOf = (set: string, say: Say): readonly string[] | null => {
    try {
      return desk.boardsOf(set);
    } catch (thrown) {
      if (!(thrown instanceof ClusterError)) throw thrown;
      const isGrammar = /[[\]!&^]/.test(set);
      say(isGrammar ? codes.hostlist : codes.noSuchNodes, `${titles[isGrammar ? 1 : 0]}: ${thrown.message}`);
      return null;
    }
  };

  const tellStatus = (boards: readonly string[], say: Say): void => {
    const states = boards.map((board) => [board, desk.stateOf(board)] as const);
    if (isSpelledOut) for (const [board, power] of states) say(codes.statusOf, `${board}: ${power}`);
    else
      for (const power of ["on", "off", "unknown"] satisfies PowerState[]) {
        const those = states.filter(([, is]) => is === power).map(([board]) => board);
        say(codes.status, `${`${power}:`.padEnd(9)}${foldNodeSet(those)}`);
      }
    say(codes.answered, "Query complete");
  };

  const act = async (action: DeskAction, boards: readonly string[], say: Say, signal: AbortSignal): Promise<void> => {
    const answer = await desk.ask(action, boards, "powerman");
    switch (answer.kind) {
      case "nothing":
        say(codes.done, "Command completed successfully");
        return;
      case "told": {
        const untold = boards.filter((board) => !answer.boards.includes(board));
        if (untold.length > 0) say(codes.error, `${foldNodeSet(untold)}: no agent answers there`);
        end(untold.length === 0, say);
        return;
      }
      case "refused":
        for (const reason of answer.reasons.slice(0, mostReasons)) say(codes.error, reason);
        for (const way of answer.instead.slice(0, mostReasons)) say(codes.remark, `instead: ${way}`);
        end(false, say);
        return;
      case "started":
        await follow(answer.plan, say, signal);
        return;
      default:
        unreachable(answer);
    }
  };

  const follow = async (id: string, say: Say, signal: AbortSignal): Promise<void> => {
    let told = "";
    for (;;) {
      const plan = desk.plan(id);
      if (plan === null || isEnded(plan)) return conclude(plan, say);
      const news = `${plan.stepsDone} of ${plan.steps} steps: ${plan.message}`;
      if (hasTelemetry && news !== told) say(codes.progress, news);
      told = news;
      await clock.sleep(lookMs, signal);
    }
  };

  const conclude = (plan: DeskPlan | null, say: Say): void => {
    for (const { board, step } of plan?.missing.slice(0, mostNamed) ?? [])
      say(codes.remark, `${board} has power and did not come up: it stopped at ${step}`);
    const more = (plan?.missing.length ?? 0) - mostNamed;
    if (more > 0) say(codes.remark, `and ${more} more`);
    if (plan?.state !== "done") say(codes.error, plan?.message ?? "the plan is not known any more");
    end(plan?.state === "done", say);
  };

  const tellDevices = (boards: ReadonlySet<string>, say: Say): void => {
    for (const { id, driver, error, outlets } of desk.pdus()) {
      const fed = [...new Set(outlets.flatMap((outlet) => outlet.boards))];
      if (!fed.some((board) => boards.has(board))) continue;
      const state = error === null ? "connected" : "disconnected";
      say(codes.device, `${id}: state=${state} reconnects=000 actions=000 type=${driver} hosts=${foldNodeSet(fed)}`);
    }
    say(codes.answered, "Query complete");
  };

  const tellHeat = (boards: readonly string[], say: Say): void => {
    for (const board of boards) say(codes.statusOf, `${board}: ${desk.board(board)?.celsius?.toFixed(1) ?? "unknown"}`);
    say(codes.answered, "Query complete");
  };

  return {
    async answer(command, write, signal) {
      const say: Say = (code, text) => write(encodeReply(code, text));
      const named = (set: string | null): readonly string[] | null =>
        set === null ? desk.boards() : boardsOf(set, say);
      try {
        switch (command.kind) {
          case "on":
          case "off":
          case "cycle":
          case "reset": {
            const boards = boardsOf(command.set, say);
            const action = command.kind === "reset" ? "restart" : command.kind;
            if (boards !== null) await act(action, boards, say, signal);
            return true;
          }
          case "status": {
            const boards = named(command.set);
            if (boards !== null) tellStatus(boards, say);
            return true;
          }
          case "temp": {
            const boards = named(command.set);
            if (boards !== null) tellHeat(boards, say);
            return true;
          }
          case "device": {
            const boards = named(command.set);
            if (boards !== null) tellDevices(new Set(boards), say);
            return true;
          }
          case "nodes":
            if (isSpelledOut) for (const board of desk.boards()) say(codes.node, board);
            else say(codes.nodes, foldNodeSet(desk.boards()));
            say(codes.answered, "Query complete");
            return true;
          case "telemetry":
            hasTelemetry = !hasTelemetry;
            say(codes.telemetry, `Telemetry ${hasTelemetry ? "ON" : "OFF"}`);
            return true;
          case "exprange":
            isSpelledOut = !isSpelledOut;
            say(codes.exprange, `Hostrange expansion ${isSpelledOut ? "ON" : "OFF"}`);
            return true;
          case "beacon":
            say(codes.cannot, "Command cannot be handled by power control device(s)");
            return true;
          case "help":
            for (const line of helpLines) say(codes.help, line);
            say(codes.answered, "Query complete");
            return true;
          case "unknown":
            say(codes.unknown, "Unknown command");
            return true;
          case "quit":
            say(codes.goodbye, "Goodbye");
            return false;
          case "foreign":
            return false;
          default:
            return unreachable(command);
        }
      } catch (thrown) {
        if (signal.aborted) return false;
        if (!(thrown instanceof ClusterError)) throw thrown;
        say(codes.error, messageOf(thrown));
        end(false, say);
        return true;
      }
    },
  };
}

type Say = (code: number, text: string) => void;

function end(isWell: boolean, say: Say): void {
  if (isWell) say(codes.done, "Command completed successfully");
  else say(codes.doneWithErrors, "Command completed with errors");
}

const titles = ["No such nodes", "Hostlist error"] as const;
const lookMs = 200;
const mostReasons = 20;
const mostNamed = 50;
