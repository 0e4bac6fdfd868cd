import type { Light } from "@bramble/core/show";
import type { Palette } from "./palette.ts";
import type { View } from "./view.ts";

/** Everything that one frame of the picture shows. */
export type Scene = {
  readonly view: View;
  readonly palette: Palette;
  /** Four bytes a board, see look.ts. */
  readonly looks: Uint8Array;
  /** When each board's state last changed, on the clock of `nowMs`. */
  readonly changed: Float64Array;
  readonly lights: readonly Light[];
  /** Colour by state instead of by the ramp. */
  readonly isByState: boolean;
};

/** Draws scenes on one canvas. */
export type Painter = {
  readonly kind: "webgl" | "canvas";
  /** @param nowMs monotonic; far in the future means without motion. @returns draw calls made. */
  paint(scene: Scene, nowMs: number): number;
  /** Make everything ready to paint such scenes, without holding the page up. */
  prepare?(scene: Scene): Promise<void>;
  dispose(): void;
};

/** How long a board glows after its state changed. */
export const glowMs = 900;
