import type { StateKind } from "@bramble/core/observe";
import type { ReactNode } from "react";
import { createElement, useEffect, useRef, useState } from "react";
import { useParts } from "../live/context.tsx";
import { onThemeChange } from "../parts/theme.ts";
import type { ColourBy } from "./look.ts";
import { writeLooks } from "./look.ts";
import { createCanvasPainter } from "./paint-canvas.ts";
import type { Painter } from "./painter.ts";
import { glowMs } from "./painter.ts";
import type { Palette } from "./palette.ts";
import { readPalette } from "./palette.ts";
import type { View } from "./view.ts";

/** What is to be painted. */
export type Painting = {
  readonly view: View | null;
  readonly colourBy: ColourBy;
  readonly only: ReadonlySet<StateKind>;
  readonly selected: number;
  readonly pointed: number;
};

/**
 * The canvas of the picture, painted on demand: when the twin, the choice, the theme or the size changed, and for
 * a second after a board changed its state. Never while nothing moves, never while the tab is hidden.
 */
export function usePainting(painting: Painting): ReactNode {
  const { twin, clock } = useParts();
  const canvas = useRef<HTMLCanvasElement>(null);
  const latest = useRef(painting);
  latest.current = painting;
  const ask = useRef<() => void>(() => {});
  const [kind, setKind] = useState<"webgl" | "canvas">(wantsCanvas() ? "canvas" : "webgl");
  const { view, colourBy, only, selected, pointed } = painting;

  useEffect(() => {
    const element = canvas.current;
    if (element === null) return;
    let painter: Painter | null = null;
    let palette: { by: ColourBy; colours: Palette } | null = null;
    let frame = 0;
    let frames = 0;
    let isOver = false;
    const calm = window.matchMedia("(prefers-reduced-motion: reduce)");

    const paint = (): void => {
      frame = 0;
      const { view, colourBy, ...choice } = latest.current;
      const { columns } = twin;
      if (painter === null || view === null) return;
      if (palette === null || palette.by !== colourBy)
        palette = { by: colourBy, colours: readPalette(document.body, colourBy) };
      const looks = new Uint8Array(view.rects.length);
      writeLooks(columns, { ...choice, colourBy }, looks.subarray(0, Math.min(looks.length, columns.count * 4)));
      const now = clock.monotonic();
      const scene = {
        view,
        palette: palette.colours,
        looks,
        changed: columns.changed,
        lights: twin.lights,
        isByState: colourBy === "state",
      };
      const calls = painter.paint(scene, calm.matches ? Number.POSITIVE_INFINITY : now);
      frames += 1;
      if (frames === 1) performance.mark("bramble-first-frame");
      Object.assign(element.dataset, { painter: painter.kind, boards: columns.count, calls, frames });
      if (!calm.matches && columns.changed.some((at) => now - at < glowMs)) request();
    };
    const request = (): void => {
      if (frame === 0 && painter !== null) frame = requestAnimationFrame(paint);
    };
    ask.current = request;

    const start = (made: Painter): void => {
      if (isOver) made.dispose();
      else {
        painter = made;
        request();
      }
    };
    const giveUp = (): void => {
      if (!isOver) setKind("canvas");
    };
    if (kind === "canvas") start(createCanvasPainter(element));
    else
      void Promise.all([import("./paint-webgl.ts"), nextFrame()])
        .then(([{ createWebglPainter }]) => start(createWebglPainter(element, giveUp)))
        .catch(giveUp);
    element.addEventListener("webglcontextlost", giveUp);

    const stopPaint = twin.onPaint(request);
    const stopTheme = onThemeChange(() => {
      palette = null;
      request();
    });
    return () => {
      isOver = true;
      cancelAnimationFrame(frame);
      stopPaint();
      stopTheme();
      element.removeEventListener("webglcontextlost", giveUp);
      painter?.dispose();
    };
  }, [twin, clock, kind]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: each of these changes what is painted
  useEffect(() => ask.current(), [view, colourBy, only, selected, pointed]);

  const size = view === null ? {} : { width: view.width, height: view.height };
  return createElement("canvas", {
    key: kind,
    ref: canvas,
    className: "picture-canvas",
    style: size,
    "aria-hidden": true,
  });
}

/** Making a WebGL context holds the page up: let it show its text first. */
function nextFrame(): Promise<void> {
  return new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve())));
}

/** `?renderer=2d` asks for the plain canvas. */
function wantsCanvas(): boolean {
  return new URLSearchParams(window.location.search).get("renderer") === "2d";
}
