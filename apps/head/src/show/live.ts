import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { Clock, Millis } from "@bramble/core/base";
import type { Counters, Light } from "@bramble/core/show";
import type { WebSocket } from "ws";
import type { Bus } from "../bus.ts";
import type { Roster } from "../register/roster.ts";
import { createStage } from "./stage.ts";
import { binaryFrame, Viewer, type ViewerSocket, type ViewerTerms, viewerTerms } from "./viewer.ts";

/** The live stream: one picture, many viewers. */
export type Live = AsyncDisposable & {
  /** A viewer came: `/api/v1/live?from=<sequence>`. */
  accept(socket: WebSocket, request: Pick<IncomingMessage, "url" | "socket">): void;
  viewers(): number;
  /** Viewers that do not read fast enough now. */
  behind(): number;
};

/**
 * The live stream over the roster; at most five steps a second. With more viewers than `crowd`, a reading that drifts waits for
 * the one full step a second, and only what a board does comes at once: each frame to each viewer is a system call.
 */
export function createLive(parts: {
  readonly roster: Roster;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly lights: () => readonly Light[];
  readonly counters: () => Counters;
  readonly stepMs?: Millis;
  readonly terms?: ViewerTerms;
  readonly crowd?: number;
}): Live {
  const { roster, bus, clock, counters, stepMs = 200, terms = viewerTerms, crowd = 100 } = parts;
  // Grows faster than five a second ever can, so that no two starts of the head share a sequence.
  const stage = createStage(roster, { first: Math.floor(clock.now() / stepMs), at: clock.now() });
  const viewers = new Map<WebSocket, Viewer>();
  let shown = roster.all().length;
  let countedAt = Number.NEGATIVE_INFINITY;
  let counted = counters();
  stage.setLights(parts.lights());

  const step = (): void => {
    const now = clock.monotonic();
    const isFull = now - countedAt >= 1000;
    if (isFull) {
      countedAt = now;
      counted = counters();
    }
    const delta = stage.advance(clock.now(), counted, isFull || viewers.size <= crowd);
    if (delta === null) return;
    if (stage.size > shown) {
      shown = stage.size;
      for (const viewer of viewers.values()) viewer.text({ type: "layout", boards: shown });
    }
    const frame = binaryFrame(delta);
    for (const viewer of viewers.values()) viewer.step(stage.sequence, frame, () => binaryFrame(stage.snapshot()));
  };

  const ends = [
    bus.on("roster.changed", ({ index }) => stage.touch(index)),
    bus.on("lights.changed", ({ lights }) => stage.setLights(lights)),
    bus.on("event.kept", ({ event }) => {
      for (const viewer of viewers.values()) viewer.text({ type: "event", event });
    }),
  ];
  const stepping = clock.every(stepMs, step);
  const checking = clock.every(terms.silentMs / 4, () => {
    for (const viewer of viewers.values()) viewer.check(clock.monotonic());
  });

  return {
    accept(socket, request) {
      const viewer = new Viewer(viewerSocket(socket, request.socket), terms, clock.monotonic());
      socket.on("message", () => viewer.said());
      // Each is answered by `ws`, whether or not the viewer reads.
      socket.on("ping", () => viewer.said());
      socket.on("pong", () => viewer.heard(clock.monotonic()));
      socket.on("close", () => viewers.delete(socket));
      const from = fromOf(request.url);
      const steps = from === null ? null : stage.since(from);
      if (from !== null && steps === null) viewer.text({ type: "gap", from, to: stage.sequence });
      viewer.begin(stage.sequence, (steps ?? [stage.snapshot()]).map(binaryFrame));
      viewers.set(socket, viewer);
    },
    viewers: () => viewers.size,
    behind: () => [...viewers.values()].filter(({ isBehind }) => isBehind).length,
    async [Symbol.asyncDispose]() {
      stepping.cancel();
      checking.cancel();
      for (const end of ends) end();
      for (const socket of viewers.keys()) socket.close(1001, "the head stops");
      viewers.clear();
    },
  };
}

/** What `ws` sends it puts on the wire at once, since nothing is compressed: frames of ours fall between its own. */
function viewerSocket(socket: WebSocket, wire: Duplex): ViewerSocket {
  return {
    get bufferedAmount() {
      return socket.bufferedAmount;
    },
    sendFrame(frame) {
      if (socket.readyState === socket.OPEN) wire.write(frame);
    },
    send: (text) => socket.send(text),
    ping: () => socket.ping(),
    terminate: () => socket.terminate(),
  };
}

/** The sequence that a viewer has; null when it tells none. */
function fromOf(url: string | undefined): number | null {
  const said = new URLSearchParams((url ?? "").split("?", 2)[1] ?? "").get("from");
  return said !== null && /^\d{1,15}$/.test(said) ? Number(said) : null;
}
