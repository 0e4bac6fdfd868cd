import { expect, test } from "vitest";
import { boundsOf, momentsOf, sceneAt } from "./scene.ts";

const effects = [
  ["LIGHTS", 0, 255, 0, 0],
  ["LOG", "begin"],
  ["SLEEP", 0],
  ["DRAW", 10, 20],
  ["SLEEP", 1.5],
  ["LIGHTS", 0, 0, 0, 255],
  ["DRAWLINE", 0, 0, 30, -5, 1, 2, 3],
  ["SLEEP", 0.5],
  ["PLAYSOUND", "https://example.org/bell.mp3"],
];

test("SLEEP tells when what follows is seen", () => {
  expect(momentsOf(effects).map((moment) => [moment.atMs, moment.effects.length])).toEqual([
    [0, 3],
    [1500, 2],
    [2000, 1],
  ]);
  expect(momentsOf([])).toEqual([{ atMs: 0, effects: [] }]);
});

test("a scene is all that happened so far", () => {
  const moments = momentsOf(effects);
  const first = sceneAt(moments, 1499);
  expect(first.lights).toHaveLength(24);
  expect(first.lights![0]).toEqual([255, 0, 0]);
  expect(first).toMatchObject({
    logged: ["begin"],
    sounds: [],
    strokes: [{ from: [10, 20], to: [10, 20], colour: null }],
  });
  const last = sceneAt(moments, 2000);
  expect(last.lights![0]).toEqual([0, 0, 255]);
  expect(last.strokes[1]).toEqual({ from: [0, 0], to: [30, -5], colour: [1, 2, 3] });
  expect(last.sounds).toEqual(["https://example.org/bell.mp3"]);
});

test("a program that sets no light shows no lamp", () => {
  expect(sceneAt(momentsOf([["LOG", "x"]]), 0).lights).toBeNull();
});

test("a drawing is as large as what was drawn, however far out", () => {
  const { strokes } = sceneAt(momentsOf(effects), 2000);
  expect(boundsOf(strokes)).toEqual({ left: -0.5, top: -5.5, width: 31, height: 26 });
  expect(boundsOf(strokes.slice(0, 1))).toEqual({ left: 9.5, top: 19.5, width: 1, height: 1 });
});
