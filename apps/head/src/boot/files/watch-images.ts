import { type Clock, type Logger, type Millis, messageOf } from "@bramble/core/base";
import { sparingly } from "../../observe/sparingly.ts";
import type { Image, Images } from "./images.ts";

/** Looks for new images while the head runs. */
export type ImageWatch = AsyncDisposable;

/**
 * Serve what `bramble image build` has just made, or somebody has copied there, without a restart: the folder is looked at
 * every second, which costs a handful of `stat`.
 *
 * @param ready is told each image that is served from now on.
 */
export function watchImages(parts: {
  readonly images: Pick<Images, "look">;
  readonly ready: (image: Image) => void;
  readonly clock: Clock;
  readonly log: Logger;
}): ImageWatch {
  const { images, ready, clock, log } = parts;
  const broken = sparingly(clock, 60_000);
  let looking: Promise<void> | null = null;

  const look = async (): Promise<void> => {
    try {
      for (const image of await images.look()) ready(image);
    } catch (thrown) {
      // What is served already still is.
      if (broken.due() !== null) log.error({ error: messageOf(thrown) }, "images cannot be looked for");
    }
  };
  const timer = clock.every(everyMs, () => {
    looking ??= look().finally(() => {
      looking = null;
    });
  });
  return {
    async [Symbol.asyncDispose]() {
      timer.cancel();
      await looking;
    },
  };
}

const everyMs: Millis = 1000;
