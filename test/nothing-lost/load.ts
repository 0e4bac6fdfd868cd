import type { Agent, Runner } from "@bramble/agent";
import { startAgent } from "@bramble/agent";
import type { PostedAnswer, WarbleBody } from "@bramble/core/api";
import { clockFrom, seededRandom, silentLog } from "@bramble/core/base";
import { addressOf, macOf } from "../bench/fleet.ts";
import { pause } from "../bench/process.ts";
import { sampleOf } from "../bench/samples.ts";
import type { Ledger } from "./ledger.ts";
import { listeningConnect, note } from "./ledger.ts";

/** Time of boards that live `speed` times as fast: so do their heartbeats, samples and their patience. */
function hastyClock(speed: number) {
  return clockFrom(
    {
      now: () => Date.now(),
      monotonic: () => performance.now() * speed,
      setTimeout: (run, ms) => setTimeout(run, ms),
      clearTimeout: (handle) => clearTimeout(handle as NodeJS.Timeout),
    },
    speed,
  );
}

/** The real agent of one board on pretend hardware: a sample a second, eager to come back. */
export function startBoard(index: number, url: string, runner: Runner, ledger: Ledger, signal: AbortSignal): Agent {
  const address = macOf(index);
  const clock = hastyClock(5);
  const random = seededRandom(`nothing-lost-${index}`);
  let last = 0;
  return startAgent(
    {
      hardware: {
        identity: async () => ({
          ...{ mac: address, serial: null, model: "Raspberry Pi 3 Model B Plus Rev 1.3", address: addressOf(index) },
          ...{ cores: 4, memoryMb: 877.6, bootId: `boot-${index}`, isSimulated: true },
        }),
        read: async () => {
          last = Math.max(Date.now(), last + 1);
          return sampleOf(random, last, last / 1000);
        },
      },
      findHead: async () => ({ url }),
      connect: listeningConnect(ledger, address),
      ...{ runner, clock, random, log: silentLog, version: "0.1.0" },
    },
    signal,
  );
}

/** Posts batches of samples by REST, each again until it is answered. */
export async function postSamples(url: string, poster: number, ledger: Ledger, signal: AbortSignal): Promise<void> {
  const random = seededRandom(`poster-${poster}`);
  let at = Date.now() - 60_000;
  for (let round = 0; !signal.aborted; round++) {
    // The head reads no more than 5,000 samples of one board back to us.
    const mac = macOf(1000 + 50 * poster + Math.floor(round / 200));
    const batch = Array.from({ length: 20 }, () => ({ mac, ...sampleOf(random, at++, 1) }));
    const times = batch.map((sample) => sample.at);
    while (!signal.aborted) {
      const answer = await ask(url, "/samples", batch);
      if (answer?.status !== 202) {
        await pause(20);
        continue;
      }
      note(ledger.stored, mac, times);
      break;
    }
    await pause(10);
  }
}

/** What every player posts: one more than before. */
export const increment = '#pi{x=LOAD("n");x++;SAVE("n",x);PRINT(x)}';

/** A player who keeps a few increments in the queue and reads their results. */
export async function play(url: string, user: string, ledger: Ledger, signal: AbortSignal): Promise<void> {
  let token: string | undefined;
  const open: string[] = [];
  while (!signal.aborted) {
    const answer = open.length < 3 ? await ask(url, "/warbles", { text: increment, user }, token) : null;
    if (answer?.status === 202) {
      const posted = answer.body as PostedAnswer;
      token ??= posted.token;
      ledger.posted.set(posted.id, user);
      open.push(posted.id);
      continue;
    }
    const first = open[0];
    const seen = first === undefined ? null : await ask(url, `/warbles/${first}?wait=1`);
    const warble = seen?.status === 200 ? (seen.body as WarbleBody) : null;
    if (warble?.state === "done") {
      ledger.read.set(warble.id, warble.out.join("\n"));
      open.shift();
    } else await pause(20);
  }
}

/** One request; null when there is no head to answer. */
export async function ask(
  url: string,
  path: string,
  body?: unknown,
  token?: string,
): Promise<{ readonly status: number; readonly body: unknown } | null> {
  try {
    const response = await fetch(`${url}/api/v1${path}`, {
      method: body === undefined ? "GET" : "POST",
      headers: {
        "content-type": "application/json",
        ...(token === undefined ? {} : { "x-player-token": token }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: await response.json() };
  } catch {
    return null;
  }
}
