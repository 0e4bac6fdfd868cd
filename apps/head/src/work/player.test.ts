import { fakeClock, type Logger, silentLog } from "@bramble/core/base";
import type { Colour, Effect, Lamp, Speaker } from "@bramble/core/work";
import { simulatedLamp, simulatedSpeaker } from "@bramble/drivers";
import { expect, test } from "vitest";
import { createPlayer, type Performance } from "./player.ts";

const limits = { players: 4, waitingRuns: 3 };
const device = { id: "device", address: null, count: 24 };
const signal = new AbortController().signal;

async function rig(some: { lamp?: Lamp; speaker?: Speaker; limits?: typeof limits } = {}) {
  const clock = fakeClock();
  const logged: string[] = [];
  const log: Logger = { ...silentLog, info: (facts, event) => logged.push(`${event}: ${facts.text}`) };
  const context = { clock, log };
  const lamp = some.lamp ?? (await simulatedLamp.open(device, context, signal));
  const speaker = some.speaker ?? (await simulatedSpeaker.open(device, context, signal));
  const changes: (readonly Colour[])[] = [];
  const player = createPlayer({
    ...{ lamp, speaker, clock, log, limits: some.limits ?? limits },
    lightsChanged: (lights) => changes.push(lights),
  });
  const first = () => lamp.read()[0];
  return { clock, logged, lamp, player, changes, first };
}

const run = (effects: readonly Effect[], user = "web:ada"): Performance => ({
  ...{ warble: "w1", user, board: "b0001", effects },
});
const red: Effect = ["LIGHTS", 0, 255, 0, 0];
const green: Effect = ["LIGHTS", 0, 0, 255, 0];
const blue: Effect = ["LIGHTS", 0, 0, 0, 255];
const nap: Effect = ["SLEEP", 20];

test("lights change at their moments, with the sleep between", async () => {
  const { clock, player, first, changes } = await rig();
  expect(player.play(run([red, nap, green]))).toBe(true);
  await clock.advance(0);
  expect(first()).toEqual([255, 0, 0]);
  await clock.advance(19_999);
  expect(first()).toEqual([255, 0, 0]);
  await clock.advance(1);
  expect(first()).toEqual([0, 255, 0]);
  expect(changes).toHaveLength(2);
});

test("of many changes in one moment the lamp hears the last of each pixel, once", async () => {
  const { clock, player, lamp, changes } = await rig();
  player.play(run([red, green, ["LIGHTS", 1, 9, 9, 9]]));
  await clock.advance(0);
  expect(lamp.read().slice(0, 2)).toEqual([
    [0, 255, 0],
    [9, 9, 9],
  ]);
  expect(changes).toHaveLength(1);
});

test("runs of one user play one after another, those of others beside them", async () => {
  const { clock, player, first } = await rig();
  player.play(run([red, nap, green]));
  player.play(run([blue]));
  await clock.advance(10_000);
  expect(first()).toEqual([255, 0, 0]);
  player.play(run([["LIGHTS", 0, 7, 7, 7]], "web:bob"));
  await clock.advance(5_000);
  expect(first()).toEqual([7, 7, 7]);
  await clock.advance(5_000);
  expect(first()).toEqual([0, 0, 255]);
});

test("what is playing is bounded, in users and in runs that wait", async () => {
  const { clock, player, first } = await rig({ limits: { players: 1, waitingRuns: 1 } });
  expect(player.play(run([red, nap, green]))).toBe(true);
  expect(player.play(run([blue], "web:bob"))).toBe(false);
  expect(player.play(run([blue]))).toBe(true);
  expect(player.play(run([red]))).toBe(false);
  await clock.advance(20_000);
  expect(first()).toEqual([0, 0, 255]);
  expect(player.play(run([red], "web:bob"))).toBe(true);
});

test("sounds with a web address are played and listed; others are not", async () => {
  const { clock, player } = await rig();
  const url = "http://downloads.bbc.co.uk/doctorwho/sounds/tardis.mp3";
  player.play(run([["PLAYSOUND", url], ["PLAYSOUND", "file:///etc/passwd"], nap, ["PLAYSOUND", "x"]]));
  await clock.advance(30_000);
  expect(player.sounds()).toEqual([{ at: clock.now() - 30_000, url, user: "web:ada", board: "b0001" }]);
});

test("the list of sounds is bounded, and one run plays so many only", async () => {
  const { clock, player } = await rig();
  const many: Effect[] = Array.from({ length: 40 }, (_, n) => ["PLAYSOUND", `http://example.org/${n}`]);
  for (let n = 0; n < 5; n++) {
    player.play(run(many));
    await clock.advance(10);
    for (let turn = 0; turn < 200; turn++) await Promise.resolve();
  }
  expect(player.sounds().length).toBe(50);
});

test("a lamp that fails stops neither the sounds nor the next light", async () => {
  let isBroken = true;
  const good = await simulatedLamp.open(device, { clock: fakeClock(), log: silentLog }, signal);
  const lamp: Lamp = {
    ...good,
    async set(changes, ended) {
      if (isBroken) throw new Error("no lamp");
      await good.set(changes, ended);
    },
  };
  const { clock, player } = await rig({ lamp });
  player.play(run([red, ["PLAYSOUND", "http://example.org/a"], nap, green]));
  await clock.advance(10);
  expect(player.sounds()).toHaveLength(1);
  isBroken = false;
  await clock.advance(20_000);
  expect(good.read()[0]).toEqual([0, 255, 0]);
});

test("LOG goes to the log, cut and counted", async () => {
  const { player, logged, clock } = await rig();
  const lines: Effect[] = Array.from({ length: 1000 }, () => ["LOG", "x".repeat(10_000)]);
  player.play(run([["LOG", "hello"], ...lines]));
  expect(logged[0]).toBe("warble logged: hello");
  expect(logged).toHaveLength(20);
  expect(logged[1]!.length).toBeLessThan(600);
  expect(clock.pending()).toBe(0);
});

test("a closed player leaves no timer and sets no more lights", async () => {
  const { clock, player, first } = await rig();
  player.play(run([red, nap, green]));
  await clock.advance(10);
  await player[Symbol.asyncDispose]();
  await clock.advance(60_000);
  expect(first()).toEqual([255, 0, 0]);
  expect(clock.pending()).toBe(0);
});
