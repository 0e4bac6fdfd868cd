import { fakeClock, silentLog } from "@bramble/core/base";
import { expect, test } from "vitest";
import type { Image } from "./images.ts";
import { pretendImage } from "./pretend-image.ts";
import { watchImages } from "./watch-images.ts";

test("what was built meanwhile is told; a folder that cannot be read is one line and does not end the watch", async () => {
  const clock = fakeClock();
  const lines: string[] = [];
  const ready: Image[] = [];
  const image = pretendImage({ full: false });
  let found: () => readonly Image[] = () => [];
  const watch = watchImages({
    images: { look: async () => found() },
    ready: (one) => ready.push(one),
    clock,
    log: { ...silentLog, error: (_, event) => lines.push(event) },
  });
  await clock.advance(4000);
  expect(ready).toEqual([]);
  found = () => {
    throw new Error("the disk is away");
  };
  await clock.advance(10_000);
  expect(lines).toEqual(["images cannot be looked for"]);
  found = () => [image];
  await clock.advance(1000);
  expect(ready).toEqual([image]);
  await watch[Symbol.asyncDispose]();
  expect(clock.pending()).toBe(0);
});

test("it looks once at a time, and its end waits for the look", async () => {
  const clock = fakeClock();
  let looks = 0;
  const waiting = Promise.withResolvers<readonly Image[]>();
  const watch = watchImages({
    images: {
      look() {
        looks++;
        return waiting.promise;
      },
    },
    ready: () => {},
    clock,
    log: silentLog,
  });
  await clock.advance(20_000);
  expect(looks).toBe(1);
  let isEnded = false;
  const ended = watch[Symbol.asyncDispose]().then(() => {
    isEnded = true;
  });
  await clock.advance(1);
  expect(isEnded).toBe(false);
  waiting.resolve([]);
  await ended;
});
