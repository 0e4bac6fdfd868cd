import type { Clock, Logger } from "../base/index.ts";

/** Red, green, blue; whole numbers 0 to 255. */
export type Colour = readonly [number, number, number];

/** One pixel of a lamp to set. */
export type LightChange = { readonly index: number; readonly colour: Colour };

/** An open lamp: a row of pixels. */
export type Lamp = AsyncDisposable & {
  /** Pixels, counted from 0. */
  readonly count: number;
  /** Set some pixels at once; the others keep their colour. Resolves when the lamp has taken them. */
  set(changes: readonly LightChange[], signal: AbortSignal): Promise<void>;
  /** All pixels as they are now. */
  read(): readonly Colour[];
};

/** An open speaker. */
export type Speaker = AsyncDisposable & {
  /** Begin to play what stands at an http or https address. Resolves when the speaker has taken it, not at its end. */
  play(url: string, signal: AbortSignal): Promise<void>;
};

/** What the cluster file says of one lamp or speaker. */
export type DeviceConfig = {
  readonly id: string;
  readonly address: string | null;
  /** Pixels of a lamp. */
  readonly count: number | null;
};

/** What the driver of a lamp or a speaker is given of the world. */
export type DeviceContext = { readonly clock: Clock; readonly log: Logger };

/** One make of lamp. */
export type LightDriver = {
  readonly id: string;
  /** One sentence for `bramble check` and the docs. */
  readonly summary: string;
  open(config: DeviceConfig, context: DeviceContext, signal: AbortSignal): Promise<Lamp>;
};

/** One make of speaker. */
export type SoundDriver = {
  readonly id: string;
  readonly summary: string;
  open(config: DeviceConfig, context: DeviceContext, signal: AbortSignal): Promise<Speaker>;
};

/** Names a lamp driver's shape for the compiler; gives it back unchanged. */
export function defineLightDriver(driver: LightDriver): LightDriver {
  return driver;
}

/** Names a sound driver's shape for the compiler; gives it back unchanged. */
export function defineSoundDriver(driver: SoundDriver): SoundDriver {
  return driver;
}
