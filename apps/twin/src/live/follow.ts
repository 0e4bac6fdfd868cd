import type { ClusterAnswer, EventBody, LayoutAnswer, LiveText } from "@bramble/core/api";
import type { Clock, Random } from "@bramble/core/base";
import { decodeFrame } from "@bramble/core/show";
import type { Rest } from "./rest.ts";
import { isSilence } from "./rest.ts";
import type { Twin } from "./twin.ts";

/** The little of a WebSocket that we use, so that tests need none. */
export type LiveSocket = {
  binaryType: string;
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: (() => void) | null;
  close(): void;
};

/** What following needs. */
export type FollowParts = {
  readonly twin: Twin;
  readonly rest: Rest;
  readonly clock: Clock;
  readonly random: Random;
  /** Opens `/api/v1/live` with this query. */
  readonly open: (query: string) => LiveSocket;
};

/** A running follower. */
export type Follower = {
  /** Try again now instead of after the pause; for when the network came back. */
  hurry(): void;
  close(): void;
};

const firstPauseMs = 500;
const longestPauseMs = 15_000;
/** How often the numbers of the whole are asked for; oftener while waves come up. */
const pollMs = { calm: 2_500, waking: 1_000 } as const;
const answerMs = 8_000;

/**
 * Keep the twin fed: layout, events and numbers by REST, rows by the live stream, for ever, with growing pauses
 * after a loss. Nothing that is shown is ever taken away by a loss.
 */
export function follow(parts: FollowParts): Follower {
  const { twin, rest, clock, random } = parts;
  const ended = new AbortController();
  let socket: LiveSocket | null = null;
  let pause = clock.after(0, connect);
  let pauseMs = firstPauseMs;
  let isRefreshing = false;
  let polledAt = Number.NEGATIVE_INFINITY;

  function connect(): void {
    pause.cancel();
    if (ended.signal.aborted || socket !== null) return;
    const opened = parts.open(twin.sequence === null ? "" : `?from=${twin.sequence}`);
    socket = opened;
    opened.binaryType = "arraybuffer";
    opened.onopen = () => void refresh();
    // The first time, ask for the layout while the stream is still being opened.
    if (twin.layout === null) void refresh();
    opened.onmessage = ({ data }) => {
      if (socket === opened) take(data);
    };
    opened.onclose = () => lose(opened);
  }

  function lose(opened: LiveSocket): void {
    if (socket !== opened) return;
    socket = null;
    opened.close();
    if (ended.signal.aborted) return;
    twin.setLink({ kind: "lost", since: clock.now() });
    pause = clock.after(pauseMs * (0.5 + random.next()), connect);
    pauseMs = Math.min(longestPauseMs, pauseMs * 2);
  }

  function take(data: unknown): void {
    try {
      if (typeof data === "string") {
        hear(JSON.parse(data) as LiveText);
      } else if (data instanceof ArrayBuffer) {
        if (twin.apply(decodeFrame(new Uint8Array(data))) === "applied") {
          pauseMs = firstPauseMs;
          twin.setLink({ kind: "live" });
        } else startOver();
      }
    } catch {
      // A damaged frame must not stop the picture: begin again from a snapshot.
      startOver();
    }
  }

  function startOver(): void {
    twin.sequence = null;
    if (socket !== null) lose(socket);
  }

  function hear(message: LiveText): void {
    switch (message.type) {
      case "event":
        twin.addEvents([message.event]);
        if (message.event.kind.startsWith("wave.")) polledAt = Number.NEGATIVE_INFINITY;
        return;
      case "layout":
        void fetchLayout();
        return;
      case "gap":
        return;
    }
  }

  async function fetchLayout(): Promise<void> {
    await attempt(async () => twin.setLayout(await rest.get<LayoutAnswer>("/layout", ended.signal)));
  }

  async function refresh(): Promise<void> {
    if (isRefreshing) return;
    isRefreshing = true;
    await Promise.all([fetchLayout(), poll().then(fetchEvents)]);
    isRefreshing = false;
  }

  async function fetchEvents(): Promise<void> {
    await attempt(async () => {
      const { events } = await rest.get<{ events: EventBody[] }>("/events?limit=100", ended.signal);
      twin.addEvents(events);
    });
  }

  async function poll(): Promise<void> {
    polledAt = clock.monotonic();
    const signal = AbortSignal.any([ended.signal, AbortSignal.timeout(answerMs)]);
    const isAnswered = await attempt(async () => twin.setCluster(await rest.get<ClusterAnswer>("/cluster", signal)));
    // A cut cable closes no socket: when the head stops answering, the stream is as dead.
    if (!isAnswered && socket !== null) lose(socket);
  }

  /** @returns false when the head could not be reached; an answer that is an error is an answer. */
  async function attempt(ask: () => Promise<void>): Promise<boolean> {
    try {
      await ask();
      return true;
    } catch (thrown) {
      if (ended.signal.aborted) return true;
      return !isSilence(thrown);
    }
  }

  const polling = clock.every(500, () => {
    const isWaking = twin.cluster?.bringUp?.done === false;
    if (twin.link.kind === "live" && clock.monotonic() - polledAt >= pollMs[isWaking ? "waking" : "calm"]) void poll();
  });

  return {
    hurry() {
      pauseMs = firstPauseMs;
      connect();
    },
    close() {
      ended.abort();
      pause.cancel();
      polling.cancel();
      socket?.close();
      socket = null;
    },
  };
}
