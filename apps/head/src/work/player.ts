import type { Clock, Logger, Millis } from "@bramble/core/base";
import { messageOf } from "@bramble/core/base";
import type { Beat, Colour, Effect, Lamp, LightChange, Speaker } from "@bramble/core/work";
import { beatsOf, lightOf, soundOf } from "@bramble/core/work";

/** A sound that was handed to the speaker. */
export type PlayedSound = {
  readonly at: Millis;
  readonly url: string;
  readonly user: string;
  readonly board: string | null;
};

/** The effects of one durable result. */
export type Performance = {
  readonly warble: string;
  readonly user: string;
  readonly board: string | null;
  readonly effects: readonly Effect[];
};

/** Plays effects on the lamp and the speaker at their moments. */
export type Player = AsyncDisposable & {
  /** False when too much is playing already: then the devices hear nothing of it. Effects of one user never overtake each other. */
  play(performance: Performance): boolean;
  /** The newest sounds, newest last. */
  sounds(): readonly PlayedSound[];
};

/** A player over one lamp and one speaker. A device that fails is told in the log and stops nothing. */
export function createPlayer({
  lamp,
  speaker,
  clock,
  log,
  lightsChanged,
  limits,
}: {
  readonly lamp: Lamp;
  readonly speaker: Speaker;
  readonly clock: Clock;
  readonly log: Logger;
  readonly lightsChanged: (lights: readonly Colour[]) => void;
  readonly limits: { readonly players: number; readonly waitingRuns: number };
}): Player {
  const stop = new AbortController();
  const played: PlayedSound[] = [];
  /** What waits behind the run of a user that plays now. */
  const lines = new Map<string, Performance[]>();
  const playing = new Set<Promise<void>>();
  let waiting = 0;

  const begin = (first: Performance): void => {
    const task = playLine(first).finally(() => playing.delete(task));
    playing.add(task);
  };

  const playLine = async (first: Performance): Promise<void> => {
    const line: Performance[] = [];
    lines.set(first.user, line);
    try {
      for (let next: Performance | undefined = first; next !== undefined; next = line.shift()) {
        if (next !== first) waiting--;
        await perform(next);
      }
    } catch (thrown) {
      if (!stop.signal.aborted) log.error({ user: first.user, error: messageOf(thrown) }, "effects broke off");
    } finally {
      waiting -= line.length;
      lines.delete(first.user);
    }
  };

  const perform = async (performance: Performance): Promise<void> => {
    let reached = 0;
    let sounds = 0;
    for (const beat of beatsOf(performance.effects)) {
      if (beat.atMs > reached) await clock.sleep(beat.atMs - reached, stop.signal);
      reached = beat.atMs;
      await setLights(beat);
      for (const effect of beat.effects) {
        const url = soundOf(effect);
        if (url !== null && sounds++ < maxSoundsPerRun) await playSound(performance, url);
      }
    }
  };

  const setLights = async (beat: Beat): Promise<void> => {
    const changes = new Map<number, LightChange>();
    for (const effect of beat.effects) {
      const change = lightOf(effect, lamp.count);
      if (change !== null) changes.set(change.index, change);
    }
    if (changes.size === 0) return;
    try {
      await lamp.set([...changes.values()], AbortSignal.any([stop.signal, AbortSignal.timeout(deviceTimeoutMs)]));
      lightsChanged(lamp.read());
    } catch (thrown) {
      log.warn({ error: messageOf(thrown) }, "lamp not set");
    }
  };

  const playSound = async ({ user, board }: Performance, url: string): Promise<void> => {
    try {
      await speaker.play(url, AbortSignal.any([stop.signal, AbortSignal.timeout(deviceTimeoutMs)]));
      played.push({ at: clock.now(), url, user, board });
      if (played.length > keptSounds) played.shift();
    } catch (thrown) {
      log.warn({ url, error: messageOf(thrown) }, "sound not played");
    }
  };

  return {
    play(performance) {
      tellLog(performance, log);
      if (!performance.effects.some(isForDevices)) return true;
      const line = lines.get(performance.user);
      if (line !== undefined ? waiting >= limits.waitingRuns : lines.size >= limits.players) return false;
      if (line === undefined) begin(performance);
      else {
        waiting++;
        line.push(performance);
      }
      return true;
    },
    sounds: () => [...played],
    async [Symbol.asyncDispose]() {
      stop.abort();
      await Promise.allSettled(playing);
    },
  };
}

const keptSounds = 50;
const maxSoundsPerRun = 16;
const deviceTimeoutMs = 5000;
const maxLogLines = 20;
const maxLogChars = 500;

function isForDevices([name]: Effect): boolean {
  return name === "LIGHTS" || name === "PLAYSOUND";
}

/** LOG goes to the head's log, but a stranger may not fill it: the whole of it stands in the stored effects. */
function tellLog({ warble, user, board, effects }: Performance, log: Logger): void {
  const lines = effects.filter(([name]) => name === "LOG");
  for (const [, text] of lines.slice(0, maxLogLines)) {
    log.info({ warble, user, board, text: String(text).slice(0, maxLogChars) }, "warble logged");
  }
  if (lines.length > maxLogLines) log.debug({ warble, left: lines.length - maxLogLines }, "more log lines left out");
}
