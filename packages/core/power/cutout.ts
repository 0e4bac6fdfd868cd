import type { Millis } from "../base/index.ts";
import type { Limits } from "../cluster/index.ts";

/** How hot one board is, with memory: a level is left only well below the degree at which it was entered. */
export type Heat = {
  readonly level: "fine" | "warn" | "alarm" | "cut";
  /** Since when every reading was at the cut or just below it; null when it is not. */
  readonly hotSince: Millis | null;
  readonly at: Millis;
};

/** How far a cut-out has gone for the boards behind one outlet. */
export type CutoutStage =
  | { readonly kind: "normal" }
  /** Nothing new runs there. */
  | { readonly kind: "drained"; readonly since: Millis; readonly coolSince: Millis | null }
  /** Every second board is halted. */
  | { readonly kind: "thinned"; readonly since: Millis; readonly coolSince: Millis | null }
  /** Power is off until a person says otherwise. */
  | { readonly kind: "off" };

/** What a change of stage asks for. */
export type CutoutAct =
  | { readonly kind: "nothing" }
  | { readonly kind: "drain"; readonly boards: readonly string[] }
  | { readonly kind: "halt"; readonly boards: readonly string[] }
  | { readonly kind: "off" }
  /** Cool for long enough: give work again, start what was halted. */
  | { readonly kind: "release" };

/** A board that was never measured. */
export const cool: Heat = { level: "fine", hotSince: null, at: Number.NEGATIVE_INFINITY };

/** A level is left so many degrees below its threshold. */
export const hysteresisC = 3;

/** The heat of a board after a reading. A pause in the readings as long as the time to sustain proves nothing. */
export function stepHeat(heat: Heat, celsius: number, at: Millis, thermal: Limits["thermal"]): Heat {
  const { warnC, alarmC, cutC, sustainMs } = thermal;
  const isGap = at - heat.at > sustainMs;
  const wasHot = heat.hotSince !== null && !isGap;
  const isHot = celsius >= cutC || (wasHot && celsius >= cutC - hysteresisC);
  const hotSince = isHot ? (wasHot ? heat.hotSince : at) : null;
  const holds = (level: Heat["level"], threshold: number): boolean =>
    celsius >= threshold || (ranks[heat.level] >= ranks[level] && celsius >= threshold - hysteresisC);
  if (hotSince !== null && at - hotSince >= sustainMs) return { level: "cut", hotSince, at };
  if (isHot || holds("alarm", alarmC)) return { level: "alarm", hotSince, at };
  return { level: holds("warn", warnC) ? "warn" : "fine", hotSince, at };
}

/**
 * The stage of one outlet's boards after a look at them: drain first, then thin out every second board, then off. Each
 * stage has the time to sustain to show its effect; a stage is left when all boards were below warning for as long.
 *
 * @param boards all boards behind the outlet that are not halted, in the order of the layout.
 */
export function stepCutout(
  stage: CutoutStage,
  boards: readonly { readonly name: string; readonly heat: Heat }[],
  at: Millis,
  thermal: Limits["thermal"],
): { readonly stage: CutoutStage; readonly act: CutoutAct } {
  const nothing: CutoutAct = { kind: "nothing" };
  if (stage.kind === "off") return { stage, act: nothing };
  const isCut = boards.some(({ heat }) => heat.level === "cut");
  if (stage.kind === "normal") {
    if (!isCut) return { stage, act: nothing };
    const names = boards.map(({ name }) => name);
    return { stage: { kind: "drained", since: at, coolSince: null }, act: { kind: "drain", boards: names } };
  }
  if (isCut && at - stage.since >= thermal.sustainMs) {
    // Of a single board there is no second to halt.
    if (stage.kind === "thinned" || boards.length < 2) return { stage: { kind: "off" }, act: { kind: "off" } };
    const names = boards.filter((_, index) => index % 2 === 1).map(({ name }) => name);
    return { stage: { kind: "thinned", since: at, coolSince: null }, act: { kind: "halt", boards: names } };
  }
  const isCool = boards.every(({ heat }) => heat.level === "fine");
  const coolSince = isCool ? (stage.coolSince ?? at) : null;
  if (coolSince !== null && at - coolSince >= thermal.sustainMs)
    return { stage: { kind: "normal" }, act: { kind: "release" } };
  return { stage: { ...stage, coolSince }, act: nothing };
}

const ranks = { fine: 0, warn: 1, alarm: 2, cut: 3 } as const;
