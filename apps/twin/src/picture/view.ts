import type { LayoutSource, Unfolded } from "@bramble/core/show";
import { sizes, unfold } from "@bramble/core/show";

/** One board on the canvas, CSS pixels, y down. */
type PixelRect = { readonly x: number; readonly y: number; readonly width: number; readonly height: number };

/** A layout fitted to a canvas: everything in CSS pixels, edges on device pixels so that all boards are equally wide. */
export type View = {
  readonly width: number;
  readonly height: number;
  readonly dpr: number;
  /** Whether there is room for frames around the racks. */
  readonly isFramed: boolean;
  readonly page: Unfolded;
  /** x, y, width, height of each board, by index. */
  readonly rects: Float32Array;
  readonly racks: readonly (PixelRect & {
    readonly id: string;
    readonly label: string;
    readonly banks: readonly (PixelRect & { readonly id: string })[];
  })[];
  readonly others: PixelRect | null;
  readonly lights: readonly { readonly x: number; readonly y: number; readonly radius: number }[];
};

/** The room given to a picture. */
export type Room = { readonly width: number; readonly height: number; readonly dpr: number };

const captionPx = 34;
const widestPitchPx = 34;

/**
 * Unfold and fit. A narrow room (a phone) stacks the racks two by two and lets the picture be as tall as it needs;
 * a wide one fills the room's height by making banks taller or flatter, within reason.
 */
export function viewOf(source: LayoutSource, room: Room): View {
  const isNarrow = room.width < 620;
  const labelPx = isNarrow ? 30 : 46;
  const columns = isNarrow ? Math.min(2, source.racks.length) : source.racks.length;
  // Labels are pixels, the layout metres: fit once to learn the scale, then again with the labels' size known.
  const bare = unfold(source, { columns, gap: 0, caption: 0 });
  const shown = Math.max(1, Math.min(columns, source.racks.length));
  const padding = isNarrow ? 2 : 10;
  const free = Math.max(120, room.width - shown * labelPx - 2 * padding);
  const fitted = Math.min((widestPitchPx / sizes.pitch) | 0, free / bare.width);
  const scale = Math.max(1, Math.floor(fitted * sizes.pitch * room.dpr)) / (sizes.pitch * room.dpr);
  const at = (bankHeight: number): Unfolded =>
    unfold(source, { columns, bankHeight, gap: labelPx / scale, caption: captionPx / scale });
  const flat = at(0.04).height;
  const grows = (at(0.14).height - flat) / 0.1;
  const wanted = isNarrow ? 24 / scale : 0.04 + ((room.height - 2 * padding) / scale - flat) / grows;
  const page = at(Math.max(isNarrow ? 0 : 14 / scale, Math.min(wanted, 0.11)));

  const snap = (px: number): number => Math.round(px * room.dpr) / room.dpr;
  const width = room.width;
  const height = Math.max(isNarrow ? 0 : room.height, Math.ceil(page.height * scale + 2 * padding));
  const left = Math.max(0, (width - page.width * scale) / 2 - (isNarrow ? 0 : 8));
  const top = Math.max(padding, (height - page.height * scale) / 2);
  const place = (rect: PixelRect): PixelRect => ({
    x: snap(left + rect.x * scale),
    y: snap(top + rect.y * scale),
    width: snap(rect.width * scale),
    height: snap(rect.height * scale),
  });
  const rects = new Float32Array((page.boards.at(-1)?.index ?? -1) * 4 + 4);
  for (const board of page.boards) {
    const { x, y, width: wide, height: tall } = place(board);
    rects.set([x, y, wide, tall], board.index * 4);
  }
  return {
    width,
    height,
    dpr: room.dpr,
    isFramed: !isNarrow,
    page,
    rects,
    racks: page.racks.map((rack) => ({
      id: rack.id,
      label: rack.label,
      ...place(rack),
      banks: rack.banks.map((bank) => ({ id: bank.id, ...place(bank) })),
    })),
    others: page.others === null ? null : place(page.others),
    lights: page.lights.map(({ x, y, radius }) => ({
      x: left + x * scale,
      y: top + y * scale,
      radius: Math.max(2.5, radius * scale),
    })),
  };
}

/** The board under a point, or the nearest within `reach` pixels; -1 when there is none. */
export function boardAt(view: View, x: number, y: number, reach = 4): number {
  let best = -1;
  let bestDistance = reach;
  for (let index = 0; index * 4 < view.rects.length; index++) {
    const [left, top, width, height] = rectOf(view, index);
    if (width === 0) continue;
    const distance = Math.hypot(Math.max(left - x, 0, x - left - width), Math.max(top - y, 0, y - top - height));
    if (distance < bestDistance || (distance === 0 && best === -1)) [best, bestDistance] = [index, distance];
    if (distance === 0) return index;
  }
  return best;
}

/** Where an arrow key leads from a board: the nearest one in that direction; itself at the edge. */
export function neighbour(view: View, from: number, key: "ArrowLeft" | "ArrowRight" | "ArrowUp" | "ArrowDown"): number {
  const [x, y, width, height] = rectOf(view, from);
  const isAcross = key === "ArrowLeft" || key === "ArrowRight";
  const sign = key === "ArrowLeft" || key === "ArrowUp" ? -1 : 1;
  let best = from;
  let least = Number.POSITIVE_INFINITY;
  for (let index = 0; index * 4 < view.rects.length; index++) {
    const [otherX, otherY, otherWidth, otherHeight] = rectOf(view, index);
    if (index === from || otherWidth === 0) continue;
    const dx = otherX + otherWidth / 2 - x - width / 2;
    const dy = otherY + otherHeight / 2 - y - height / 2;
    const [along, aside] = isAcross ? [dx * sign, Math.abs(dy)] : [dy * sign, Math.abs(dx)];
    if (along <= 1 || (isAcross && aside > height)) continue;
    const cost = along + aside * (isAcross ? 2 : 3);
    if (cost < least) [best, least] = [index, cost];
  }
  return best;
}

/** x, y, width, height of a board; zeros when it has none. */
export function rectOf(view: View, index: number): readonly [number, number, number, number] {
  const { rects } = view;
  return [rects[index * 4] ?? 0, rects[index * 4 + 1] ?? 0, rects[index * 4 + 2] ?? 0, rects[index * 4 + 3] ?? 0];
}
