import { stateKinds } from "@bramble/core/observe";
import type { ColourBy } from "./look.ts";

/** Red, green, blue, 0 to 1. */
export type Rgb = readonly [number, number, number];

/** The colours of a picture, read from the page's tokens, so that both painters follow the theme. */
export type Palette = {
  /** Low to high, six stops. */
  readonly ramp: readonly Rgb[];
  /** By index of `stateKinds`. */
  readonly states: readonly Rgb[];
  readonly outline: Rgb;
  readonly wake: Rgb;
  readonly neutral: Rgb;
  readonly ring: Rgb;
  readonly paper: Rgb;
  readonly light: Rgb;
};

/** How many stops every ramp has. */
const rampStops = 6;

/** Read the tokens as they stand now. `host` must be in the document; a probe is added to it for a moment. */
export function readPalette(host: HTMLElement, by: ColourBy): Palette {
  const probe = document.createElement("i");
  host.append(probe);
  const read = (token: string): Rgb => {
    probe.style.color = `var(--${token})`;
    const parts =
      getComputedStyle(probe)
        .color.match(/[\d.]+/g)
        ?.map(Number) ?? [];
    return [(parts[0] ?? 0) / 255, (parts[1] ?? 0) / 255, (parts[2] ?? 0) / 255];
  };
  const ramp = by === "state" ? "temperature" : by;
  const palette: Palette = {
    ramp: Array.from({ length: rampStops }, (_, stop) => read(`ramp-${ramp}-${stop}`)),
    states: stateKinds.map((kind) => read(`state-${kind}`)),
    outline: read("board-outline"),
    wake: read("board-wake"),
    neutral: read("board-neutral"),
    ring: read("board-ring"),
    paper: read("picture-paper"),
    light: read("lamp-off"),
  };
  probe.remove();
  return palette;
}

/** The ramp's colour at 0 to 1. */
export function colourAt(ramp: readonly Rgb[], value: number): Rgb {
  const scaled = Math.max(0, Math.min(1, value)) * (ramp.length - 1);
  const low = ramp[Math.floor(scaled)] ?? [0, 0, 0];
  const high = ramp[Math.min(ramp.length - 1, Math.floor(scaled) + 1)] ?? low;
  const part = scaled - Math.floor(scaled);
  return [0, 1, 2].map((channel) => low[channel]! + (high[channel]! - low[channel]!) * part) as unknown as Rgb;
}
