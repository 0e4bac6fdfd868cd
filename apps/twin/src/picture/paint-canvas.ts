import { unknown } from "../live/columns.ts";
import { lookFlags, wakeLevels } from "./look.ts";
import type { Painter, Scene } from "./painter.ts";
import type { Palette, Rgb } from "./palette.ts";
import { colourAt } from "./palette.ts";
import { rectOf } from "./view.ts";

/** Draw on a plain 2D canvas: the same signs without glow, for browsers without WebGL. */
export function createCanvasPainter(canvas: HTMLCanvasElement): Painter {
  const context = canvas.getContext("2d");
  return {
    kind: "canvas",
    paint(scene) {
      if (context === null) return 0;
      const { width, height, dpr } = scene.view;
      if (canvas.width !== Math.round(width * dpr) || canvas.height !== Math.round(height * dpr)) {
        canvas.width = Math.round(width * dpr);
        canvas.height = Math.round(height * dpr);
      }
      context.setTransform(dpr, 0, 0, dpr, 0, 0);
      context.clearRect(0, 0, width, height);
      const raised: number[] = [];
      const lifted = lookFlags.selected | lookFlags.pointed | lookFlags.hot;
      for (let index = 0; index * 4 < scene.looks.length; index++) {
        if ((scene.looks[index * 4 + 2]! & lifted) !== 0) raised.push(index);
        else drawBoard(context, scene, index);
      }
      for (const index of raised) drawBoard(context, scene, index);
      drawLights(context, scene);
      return 1;
    },
    dispose() {},
  };
}

function drawBoard(context: CanvasRenderingContext2D, scene: Scene, index: number): void {
  let [x, y, width, height] = rectOf(scene.view, index);
  if (width === 0) return;
  const { palette, looks } = scene;
  const state = looks[index * 4]!;
  const value = looks[index * 4 + 1]!;
  const flags = looks[index * 4 + 2]!;
  if (flags & lookFlags.hot) {
    const [wider, taller] = [Math.max(1.5, width * 0.17), Math.max(2, height * 0.06)];
    [x, y, width, height] = [x - wider, y - taller, width + 2 * wider, height + 2 * taller];
  }
  context.globalAlpha = flags & lookFlags.dim ? 0.16 : 1;
  const own = scene.isByState
    ? palette.states[state]!
    : value === unknown
      ? palette.neutral
      : colourAt(palette.ramp, value / 254);
  const outline = (colour: Rgb): void => {
    context.strokeStyle = css(colour);
    context.lineWidth = 1;
    context.strokeRect(x + 0.5, y + 0.5, width - 1, height - 1);
  };
  const level = wakeLevels[state];
  if (level !== undefined) {
    const colour = scene.isByState ? own : palette.wake;
    context.fillStyle = css(colour);
    context.fillRect(x, y + height * (1 - level), width, height * level);
    outline(state === 0 ? palette.outline : colour);
  } else if (state === 6 || state === 7) {
    drawMarked(context, palette, state, x, y, width, height);
    outline(palette.states[state]!);
  } else {
    context.fillStyle = css(own);
    context.fillRect(x, y, width, height);
    if (state >= 8) {
      context.fillStyle = css(palette.paper);
      for (let bar = y + 3; bar < y + height - 2; bar += 6)
        context.fillRect(x + 1.5, bar, state === 8 ? width - 3 : 2, 2);
    }
  }
  if (flags & lookFlags.working) {
    context.fillStyle = css(palette.ring);
    context.fillRect(x + width / 2 - 1.5, y + 2, 3, 3);
  }
  context.globalAlpha = 1;
  if (flags & (lookFlags.selected | lookFlags.pointed)) {
    context.strokeStyle = css(palette.ring);
    context.lineWidth = flags & lookFlags.selected ? 2.5 : 1.5;
    context.strokeRect(x - 3, y - 3, width + 6, height + 6);
  }
}

/** Silent: hatched. Failed: crossed. */
function drawMarked(
  context: CanvasRenderingContext2D,
  palette: Palette,
  state: number,
  x: number,
  y: number,
  width: number,
  height: number,
): void {
  context.save();
  context.beginPath();
  context.rect(x, y, width, height);
  context.clip();
  context.strokeStyle = css(palette.states[state]!);
  context.lineWidth = 1.6;
  context.beginPath();
  if (state === 6) {
    for (let start = y - width; start < y + height; start += 5) {
      context.moveTo(x, start + width);
      context.lineTo(x + width, start);
    }
  } else {
    context.moveTo(x, y);
    context.lineTo(x + width, y + height);
    context.moveTo(x + width, y);
    context.lineTo(x, y + height);
  }
  context.stroke();
  context.restore();
}

function drawLights(context: CanvasRenderingContext2D, scene: Scene): void {
  for (const [index, { x, y, radius }] of scene.view.lights.entries()) {
    const [red, green, blue] = scene.lights[index] ?? [0, 0, 0];
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    if (red + green + blue > 0) {
      context.fillStyle = `rgb(${red} ${green} ${blue})`;
      context.fill();
    }
    context.strokeStyle = css(scene.palette.light);
    context.lineWidth = 1;
    context.stroke();
  }
}

function css([red, green, blue]: Rgb): string {
  return `rgb(${Math.round(red * 255)} ${Math.round(green * 255)} ${Math.round(blue * 255)})`;
}
