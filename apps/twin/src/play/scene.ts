import type { Light } from "@bramble/core/show";
import type { Answer } from "./running.ts";

/** What a program does beside printing, in order. */
export type Effects = Answer["effects"];

/** Effects that happen at once; SLEEP stands between two moments. */
export type Moment = { readonly atMs: number; readonly effects: Effects };

/** A point, or a line, as DRAW and DRAWLINE put it; a colour, or that of the page's ink. */
export type Stroke = {
  readonly from: readonly [x: number, y: number];
  readonly to: readonly [x: number, y: number];
  readonly colour: Light | null;
};

/** What is to be seen and told at some moment. */
export type Scene = {
  /** Null while no light was set. */
  readonly lights: readonly Light[] | null;
  readonly strokes: readonly Stroke[];
  readonly logged: readonly string[];
  readonly sounds: readonly string[];
};

const lamp = 24;

/** Effects by the time at which they happen. */
export function momentsOf(effects: Effects): readonly Moment[] {
  const moments: { atMs: number; effects: Effects[number][] }[] = [{ atMs: 0, effects: [] }];
  for (const effect of effects) {
    const last = moments.at(-1)!;
    if (effect[0] !== "SLEEP") last.effects.push(effect);
    else if (Number(effect[1]) > 0) moments.push({ atMs: last.atMs + Number(effect[1]) * 1000, effects: [] });
  }
  return moments;
}

/** Everything that happened up to `ms`, put together. */
export function sceneAt(moments: readonly Moment[], ms: number): Scene {
  let lights: Light[] | null = null;
  const strokes: Stroke[] = [];
  const logged: string[] = [];
  const sounds: string[] = [];
  for (const { atMs, effects } of moments) {
    if (atMs > ms) break;
    for (const [kind, ...values] of effects) {
      const numbers = values.map(Number);
      switch (kind) {
        case "LIGHTS":
          lights ??= Array.from({ length: lamp }, () => [0, 0, 0]);
          lights[numbers[0]!] = colourOf(numbers.slice(1))!;
          break;
        case "DRAW":
          strokes.push({ from: pointOf(numbers), to: pointOf(numbers), colour: colourOf(numbers.slice(2)) });
          break;
        case "DRAWLINE":
          strokes.push({ from: pointOf(numbers), to: pointOf(numbers.slice(2)), colour: colourOf(numbers.slice(4)) });
          break;
        case "LOG":
          logged.push(String(values[0]));
          break;
        case "PLAYSOUND":
          sounds.push(String(values[0]));
          break;
      }
    }
  }
  return { lights, strokes, logged, sounds };
}

/** The smallest upright rectangle that holds all strokes, with half a unit around them. */
export function boundsOf(strokes: readonly Stroke[]): {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
} {
  let left = Number.POSITIVE_INFINITY;
  let top = Number.POSITIVE_INFINITY;
  let right = Number.NEGATIVE_INFINITY;
  let bottom = Number.NEGATIVE_INFINITY;
  for (const { from, to } of strokes) {
    for (const [x, y] of [from, to]) {
      left = Math.min(left, x);
      right = Math.max(right, x);
      top = Math.min(top, y);
      bottom = Math.max(bottom, y);
    }
  }
  return { left: left - 0.5, top: top - 0.5, width: right - left + 1, height: bottom - top + 1 };
}

function pointOf([x = 0, y = 0]: readonly number[]): readonly [number, number] {
  return [x, y];
}

function colourOf([red, green, blue]: readonly number[]): Light | null {
  return red === undefined ? null : [red, green ?? 0, blue ?? 0];
}
