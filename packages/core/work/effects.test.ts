import fc from "fast-check";
import { expect, test } from "vitest";
import { beatsOf, lightOf, maxSleepMs, sleepMsOf, soundOf } from "./effects.ts";
import type { Effect } from "./job.ts";

test("SLEEP splits the effects in time", () => {
  const effects: Effect[] = [
    ["LIGHTS", 0, 0, 255, 0],
    ["LIGHTS", 1, 0, 255, 0],
    ["SLEEP", 20],
    ["LIGHTS", 0, 0, 0, 255],
    ["SLEEP", 0.5],
    ["SLEEP", 1],
    ["LOG", "end"],
  ];
  expect(beatsOf(effects)).toEqual([
    { atMs: 0, effects: effects.slice(0, 2) },
    { atMs: 20_000, effects: [effects[3]] },
    { atMs: 21_500, effects: [effects[6]] },
  ]);
  expect(sleepMsOf(effects)).toBe(21_500);
});

const anyEffect = fc.tuple(
  fc.constantFrom("LIGHTS", "SLEEP", "PLAYSOUND", "LOG", "DRAW"),
  fc.oneof(fc.double(), fc.string(), fc.integer()),
) as fc.Arbitrary<Effect>;

test("whatever a board sends, beats keep the order, leave nothing out and end within a minute", () => {
  fc.assert(
    fc.property(fc.array(anyEffect), (effects) => {
      const beats = beatsOf(effects);
      expect(beats.flatMap((beat) => beat.effects)).toEqual(effects.filter(([name]) => name !== "SLEEP"));
      expect(sleepMsOf(effects)).toBeLessThanOrEqual(maxSleepMs);
      let before = -1;
      for (const { atMs } of beats) {
        expect(atMs).toBeGreaterThan(before);
        expect(atMs).toBeLessThanOrEqual(maxSleepMs);
        before = atMs;
      }
    }),
  );
});

test.each<[string, Effect]>([
  ["another effect", ["LOG", 0, 1, 2, 3]],
  ["a pixel that the lamp does not have", ["LIGHTS", 24, 0, 0, 0]],
  ["a negative pixel", ["LIGHTS", -1, 0, 0, 0]],
  ["half a pixel", ["LIGHTS", 0.5, 0, 0, 0]],
  ["a colour that is too bright", ["LIGHTS", 0, 256, 0, 0]],
  ["a colour that is a text", ["LIGHTS", 0, "255", 0, 0]],
  ["a missing colour", ["LIGHTS", 0, 1, 2]],
  ["not a number", ["LIGHTS", 0, Number.NaN, 0, 0]],
])("%s sets no light", (_case, effect) => {
  expect(lightOf(effect, 24)).toBeNull();
});

test("a pixel within the lamp is set to its colour", () => {
  expect(lightOf(["LIGHTS", 23, 1, 2, 255], 24)).toEqual({ index: 23, colour: [1, 2, 255] });
});

test.each<[string, Effect, string | null]>([
  ["http", ["PLAYSOUND", "http://example.org/a.mp3"], "http://example.org/a.mp3"],
  ["https", ["PLAYSOUND", "https://example.org/a.mp3"], "https://example.org/a.mp3"],
  ["a file of the head", ["PLAYSOUND", "file:///etc/passwd"], null],
  ["a script", ["PLAYSOUND", "javascript:alert(1)"], null],
  ["a password", ["PLAYSOUND", "http://user:secret@example.org/"], null],
  ["no address", ["PLAYSOUND", "tardis"], null],
  ["an empty one", ["PLAYSOUND", ""], null],
  ["a number", ["PLAYSOUND", 7], null],
  ["one without end", ["PLAYSOUND", `http://example.org/${"a".repeat(5000)}`], null],
])("of sounds, %s is judged by its address alone", (_case, effect, url) => {
  expect(soundOf(effect)).toBe(url);
});
