import type { ReactNode } from "react";
import { useEffect, useMemo, useRef, useState } from "react";
import { Button } from "react-aria-components/Button";
import { useParts } from "../live/context.tsx";
import { onThemeChange } from "../parts/theme.ts";
import { whole } from "../parts/words.ts";
import { Lights } from "./lamp.tsx";
import type { Effects, Stroke } from "./scene.ts";
import { boundsOf, momentsOf, sceneAt } from "./scene.ts";

/** A moment is shown at least this long: more often a screen does not change. */
const leastMs = 33;
const shown = 20;
/** A drawing is at most this high, in CSS pixels. */
const tallest = 320;

/** What a program did beside printing, as it would look: the lamp and the canvas in their time, what is logged and played. */
export function Stage({ effects }: { readonly effects: Effects }): ReactNode {
  const { clock } = useParts();
  const moments = useMemo(() => momentsOf(effects), [effects]);
  const endMs = moments.at(-1)!.atMs;
  // Who wants no motion sees the end at once.
  const [isStill] = useState(() => window.matchMedia("(prefers-reduced-motion: reduce)").matches);
  const [atMs, setAtMs] = useState(isStill ? endMs : 0);
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    const last = moments.at(-1)!.atMs;
    setAtMs(isStill && turn === 0 ? last : 0);
  }, [moments, isStill, turn]);
  useEffect(() => {
    const next = moments.find((moment) => moment.atMs > atMs)?.atMs;
    if (next === undefined) return;
    const then = Math.min(endMs, Math.max(next, atMs + leastMs));
    const timer = clock.after(then - atMs, () => setAtMs(then));
    return () => timer.cancel();
  }, [moments, endMs, atMs, clock]);
  const scene = useMemo(() => sceneAt(moments, atMs), [moments, atMs]);
  return (
    <div className="acted">
      {scene.lights !== null && <Lights lights={scene.lights} of="The lamp in this run" />}
      {scene.strokes.length > 0 && <Drawing strokes={scene.strokes} />}
      <Told title="Log" lines={scene.logged} />
      <Told title="Sound" lines={scene.sounds} />
      {endMs > 0 && (
        <p className="acted-time">
          <span className="quiet">
            {seconds(atMs)} of {seconds(endMs)} s
          </span>
          <Button className="chip" isDisabled={atMs < endMs} onPress={() => setTurn(turn + 1)}>
            Once more
          </Button>
        </p>
      )}
    </div>
  );
}

function Told({ title, lines }: { readonly title: string; readonly lines: readonly string[] }): ReactNode {
  if (lines.length === 0) return null;
  return (
    <p className="acted-line">
      <b>{title}</b> {lines.slice(0, shown).join(" · ")}
      {lines.length > shown && <span className="quiet"> and {whole(lines.length - shown)} more</span>}
    </p>
  );
}

function Drawing({ strokes }: { readonly strokes: readonly Stroke[] }): ReactNode {
  const canvas = useRef<HTMLCanvasElement>(null);
  const bounds = useMemo(() => boundsOf(strokes), [strokes]);
  useEffect(() => {
    const draw = (): void => {
      if (canvas.current !== null) paint(canvas.current, strokes);
    };
    draw();
    const stop = onThemeChange(draw);
    window.addEventListener("resize", draw);
    return () => {
      stop();
      window.removeEventListener("resize", draw);
    };
  }, [strokes]);
  const ratio = Math.min(4, Math.max(0.25, bounds.width / bounds.height || 1));
  const style = { aspectRatio: ratio, width: `min(100%, ${Math.round(tallest * ratio)}px)` };
  const label = `A drawing of ${whole(strokes.length)} points and lines, ${extent(bounds.width)} wide and ${extent(bounds.height)} high`;
  return <canvas ref={canvas} className="drawing" style={style} role="img" aria-label={label} />;
}

/** All strokes, as large as the canvas lets them be: x to the right, y down. */
function paint(canvas: HTMLCanvasElement, strokes: readonly Stroke[]): void {
  const context = canvas.getContext("2d");
  if (context === null) return;
  const { left, top, width, height } = boundsOf(strokes);
  const dots = window.devicePixelRatio;
  canvas.width = Math.round(canvas.clientWidth * dots);
  canvas.height = Math.round(canvas.clientHeight * dots);
  const scale = Math.min(canvas.width / width, canvas.height / height);
  const margins = [(canvas.width - width * scale) / 2, (canvas.height - height * scale) / 2] as const;
  const ink = getComputedStyle(canvas).color;
  const size = Math.max(1.5 * dots, scale);
  context.lineWidth = Math.min(size, 3 * dots);
  context.lineCap = "round";
  for (const { from, to, colour } of strokes) {
    const paintColour = colour === null ? ink : `rgb(${colour.join(" ")})`;
    const [x, y] = [margins[0] + (from[0] - left) * scale, margins[1] + (from[1] - top) * scale];
    if (from[0] === to[0] && from[1] === to[1]) {
      context.fillStyle = paintColour;
      context.fillRect(x - size / 2, y - size / 2, size, size);
      continue;
    }
    context.strokeStyle = paintColour;
    context.beginPath();
    context.moveTo(x, y);
    context.lineTo(margins[0] + (to[0] - left) * scale, margins[1] + (to[1] - top) * scale);
    context.stroke();
  }
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1);
}

function extent(units: number): string {
  return whole(Math.round(units));
}
