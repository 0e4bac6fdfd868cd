import type { StateKind } from "@bramble/core/observe";
import type { ReactNode } from "react";
import { createElement, Fragment, useEffect, useRef, useState } from "react";
import { useParts } from "../live/context.tsx";
import { onThemeChange } from "../parts/theme.ts";
import type { ColourBy } from "./look.ts";
import { writeLooks } from "./look.ts";
import { createCanvasPainter } from "./paint-canvas.ts";
import type { Painter, Scene } from "./painter.ts";
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
 *
 * The first frames are plain 2D, which costs milliseconds; WebGL, whose shaders take half a second where there is no
 * graphics card, is made ready behind them and takes over with its first frame. Should it fail, now or later, the plain
 * canvas is there.
 */
export function usePainting(painting: Painting): ReactNode {
  const { twin, clock } = useParts();
  const flat = useRef<HTMLCanvasElement>(null);
  const deep = useRef<HTMLCanvasElement>(null);
  const latest = useRef(painting);
  latest.current = painting;
  const ask = useRef<() => void>(() => {});
  const [shown, setShown] = useState<Painter["kind"]>("canvas");
  const { view, colourBy, only, selected, pointed } = painting;

  useEffect(() => {
    const canvases = { canvas: flat.current, webgl: deep.current };
    if (canvases.canvas === null || canvases.webgl === null) return;
    const [flatCanvas, deepCanvas] = [canvases.canvas, canvases.webgl];
    const plain = createCanvasPainter(flatCanvas);
    let painter: Painter = plain;
    let palette: { by: ColourBy; colours: Palette } | null = null;
    let frame = 0;
    let frames = 0;
    let isOver = false;
    const calm = window.matchMedia("(prefers-reduced-motion: reduce)");

    const sceneOf = (view: View): Scene => {
      const { colourBy, ...choice } = latest.current;
      const { columns } = twin;
      if (palette === null || palette.by !== colourBy)
        palette = { by: colourBy, colours: readPalette(document.body, colourBy) };
      const looks = new Uint8Array(view.rects.length);
      writeLooks(columns, { ...choice, colourBy }, looks.subarray(0, Math.min(looks.length, columns.count * 4)));
      return {
        ...{ view, looks, palette: palette.colours, changed: columns.changed, lights: twin.lights },
        isByState: colourBy === "state",
      };
    };

    const paint = (): void => {
      frame = 0;
      const { view } = latest.current;
      if (view === null || twin.columns.count === 0) return;
      const now = clock.monotonic();
      const calls = painter.paint(sceneOf(view), calm.matches ? Number.POSITIVE_INFINITY : now);
      frames += 1;
      const { kind } = painter;
      const element = kind === "webgl" ? deepCanvas : flatCanvas;
      Object.assign(element.dataset, { painter: kind, boards: twin.columns.count, calls, frames });
      if (frames === 1) {
        performance.mark("bramble-first-frame");
        if (!wantsCanvas()) void deepen().catch(fallBack);
      }
      if (!calm.matches && twin.columns.changed.some((at) => now - at < glowMs)) request();
    };
    const request = (): void => {
      if (frame === 0) frame = requestAnimationFrame(paint);
    };
    ask.current = request;

    let broken = false;
    const fallBack = (): void => {
      broken = true;
      if (painter !== plain) painter.dispose();
      painter = plain;
      if (isOver) return;
      setShown("canvas");
      request();
    };
    const deepen = async (): Promise<void> => {
      await seen();
      const { createWebglPainter } = await import("./paint-webgl.ts");
      const { view } = latest.current;
      if (isOver || view === null) return;
      const made = createWebglPainter(deepCanvas, fallBack);
      await made.prepare?.(sceneOf(view));
      if (isOver || broken) return made.dispose();
      painter = made;
      paint();
      if (broken) return;
      performance.mark("bramble-webgl-frame");
      setShown("webgl");
    };
    deepCanvas.addEventListener("webglcontextlost", fallBack);

    const stopPaint = twin.onPaint(request);
    const stopTheme = onThemeChange(() => {
      palette = null;
      request();
    });
    request();
    return () => {
      isOver = true;
      cancelAnimationFrame(frame);
      stopPaint();
      stopTheme();
      deepCanvas.removeEventListener("webglcontextlost", fallBack);
      painter.dispose();
    };
  }, [twin, clock]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: each of these changes what is painted
  useEffect(() => ask.current(), [view, colourBy, only, selected, pointed]);

  const style = view === null ? {} : { width: view.width, height: view.height };
  const canvasOf = (kind: Painter["kind"], ref: typeof flat): ReactNode =>
    createElement("canvas", {
      ref,
      style,
      className: shown === kind ? "picture-canvas" : "picture-spare",
      "aria-hidden": true,
    });
  return createElement(Fragment, null, canvasOf("canvas", flat), canvasOf("webgl", deep));
}

/** Making a WebGL context holds the page up: let the first frame reach the screen before. */
function seen(): Promise<void> {
  return new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve())));
}

/** `?renderer=2d` asks for the plain canvas. */
function wantsCanvas(): boolean {
  return new URLSearchParams(window.location.search).get("renderer") === "2d";
}
