import type { IncomingMessage } from "node:http";
import type { BoardMessage, HeadMessage, Hello, RoleOffer } from "@bramble/core/api";
import type { Clock, Mac, Millis, Timer } from "@bramble/core/base";
import { messageOf, unreachable } from "@bramble/core/base";
import type { Sample } from "@bramble/core/observe";
import { decodeSamples } from "@bramble/core/observe";
import type { BoardRecord } from "@bramble/core/register";
import type { FoldOrder, Outcome } from "@bramble/core/work";
import type { RawData, WebSocket } from "ws";
import type { Entry } from "../register/roster.ts";
import type { Arrears } from "./arrears.ts";
import { createArrears } from "./arrears.ts";
import type { LinkLimits, LinkParts } from "./link.ts";
import type { Read } from "./messages.ts";
import type { Unfinished } from "./unfinished.ts";
import type { Watched } from "./watcher.ts";

/** The conversation with one board over its link. */
export type Conversation = {
  send(message: HeadMessage): boolean;
  /** Another link of the same board is here. */
  replace(): void;
  /** The head stops. Resolves when the socket is closed. */
  end(): Promise<void>;
};

/** What a conversation tells its owner. */
type Owner = LinkParts & {
  readonly limits: LinkLimits;
  readonly read: (text: string) => Read;
  readonly unfinished: Unfinished;
  /** The board broke the rules and is sent away. */
  onFault(reason: string, mac: Mac | null): void;
  onRegistered(mac: Mac): void;
  /** @returns whether this was the board's link, so that the board stands without one now. */
  onClosed(mac: Mac | null): boolean;
};

/** Speak with the board at the far end of `socket`: hello first, then whatever it likes, within the limits. */
export function converse(socket: WebSocket, { socket: wire }: IncomingMessage, owner: Owner): Conversation {
  const from = wire.remoteAddress ?? null;
  const { registry, ingest, watcher, desk, bus, clock, log, limits } = owner;
  let board: { readonly mac: Mac; readonly watched: Watched; readonly arrears: Arrears } | null = null;
  let isGreeting = false;
  let hasSaidBye = false;
  let isReplaced = false;
  let slots: number | null = null;
  let chunks = 0;
  let waiting = 0;
  let holds = 0;
  let throttle: Timer | null = null;
  let early: (() => void)[] = [];
  let earlyOctets = 0;
  let cut: Timer | null = null;
  const bucket = createBucket(clock, limits.framesPerSecond, limits.burst);
  const octets = createBucket(clock, limits.octetsPerSecond, limits.octetsAtOnce);
  const waitForHello = (): Timer => {
    const since = clock.monotonic();
    return clock.after(limits.helloTimeoutMs, () => {
      // A timer that comes late tells that the head was away; the hello may lie unread.
      if (clock.monotonic() - since > limits.helloTimeoutMs + slowMs) helloTimer = waitForHello();
      else fault(`no hello within ${limits.helloTimeoutMs / 1000} s`);
    });
  };
  let helloTimer = waitForHello();
  const entry = (): (Entry & { record: BoardRecord }) | null => {
    const found = board === null ? null : registry.roster.byMac(board.mac);
    return found?.record == null ? null : (found as Entry & { record: BoardRecord });
  };

  /** The board's role, where there are roles and this one is known. */
  const roleOffer = (name: string): { role?: RoleOffer | null } => {
    const role = owner.roles?.offer(name);
    return role === undefined ? {} : { role };
  };

  const close = (code: number, reason: string): void => {
    helloTimer.cancel();
    socket.close(code, reason.slice(0, 100));
    // A peer that does not answer our close is cut off: nobody may keep a link, or the head from stopping.
    cut ??= clock.after(goodbyeMs, () => socket.terminate());
  };
  const fault = (reason: string, code = 1008): void => {
    if (socket.readyState !== socket.OPEN) return;
    owner.onFault(reason, board?.mac ?? null);
    close(code, reason);
  };
  const tooSlow = (): void => {
    owner.onFault("too slow to take what is sent", board?.mac ?? null);
    socket.terminate();
  };
  const partial = owner.unfinished.open(() => {
    fault("messages that were begun and not ended fill the head's memory", 1009);
    socket.terminate();
  });
  const send = (message: HeadMessage): boolean => {
    if (socket.readyState !== socket.OPEN) return false;
    if (socket.bufferedAmount > limits.unsentOctets) {
      tooSlow();
      return false;
    }
    socket.send(JSON.stringify(message));
    return true;
  };
  const refuse = (code: string, message: string, retryAfterMs: number): void => {
    send({ type: "refused", code, message, retryAfterMs });
    owner.onFault(`refused: ${message}`, board?.mac ?? null);
    close(1008, code);
  };

  /** We stop reading, and the board's own buffer fills; nobody takes that for silence. */
  const hold = (): void => {
    if (++holds > 1) return;
    socket.pause();
    board?.watched.hold(true);
  };
  const release = (): void => {
    if (--holds > 0) return;
    board?.watched.hold(false);
    socket.resume();
  };

  /** Counts what waits for the store; above the bound we stop reading. */
  const until = (done: Promise<unknown>): void => {
    if (++waiting === limits.waiting) hold();
    void done.finally(() => {
      if (--waiting === limits.waiting - 1) release();
    });
  };

  /** A board that says very much is read more slowly, so that the others are heard. */
  const slowDown = (size: number): void => {
    const waitMs = octets.spend(size);
    if (waitMs === 0 || throttle !== null) return;
    hold();
    throttle = clock.after(waitMs, () => {
      throttle = null;
      release();
    });
  };

  const greet = async (hello: Hello): Promise<void> => {
    helloTimer.cancel();
    if (!owner.allow(hello)) {
      refuse("auth.required", "the board token is missing or wrong", 60_000);
      return;
    }
    isGreeting = true;
    const answer = await registry.register({ ...hello, address: hello.address ?? from });
    isGreeting = false;
    if (socket.readyState !== socket.OPEN) return;
    if (answer.kind === "refused") {
      refuse(answer.code, answer.message, 10_000);
      return;
    }
    const { mac } = answer.record;
    owner.onRegistered(mac);
    const onBack = (): void => {
      const now = entry();
      if (now !== null && slots !== null) desk.ready(now.record, slots, undefined, chunks);
    };
    const onSilent = (): void => {
      const now = entry();
      if (now !== null) desk.gone(now.record);
    };
    const arrears = createArrears((samples) => ingest.fromLink(mac, samples), limits.arrears);
    board = { mac, watched: watcher.watch(mac, onSilent, onBack), arrears };
    const { index, name, record } = entry()!;
    const { place } = record!;
    send({
      ...{ type: "welcome", name, epoch: owner.epoch, intervalMs: 5000, heartbeatMs: 1000, cpuLimit: 30 },
      place: place === null ? null : { rack: place.rack, bank: place.bank, slot: place.slot },
      ...{ board: index, boards: registry.roster.all().length },
      ...roleOffer(name),
    });
    registry.note(index, { isLinked: true, boot: { step: "registered", failed: null, at: clock.now() } });
    registry.apply(index, { kind: "linked" });
    bus.emit("link.opened", { record });
    const frames = early;
    early = [];
    for (const run of frames) run();
  };

  const store = async ({ mac, arrears }: NonNullable<typeof board>, samples: readonly Sample[]): Promise<void> => {
    const upTo = samples.reduce((most, { at }) => Math.max(most, at), 0);
    try {
      await arrears.store(samples);
      send({ type: "stored", upTo });
    } catch (thrown) {
      // Not answered: the board keeps them and sends them again.
      log.debug({ mac, error: messageOf(thrown) }, "samples not stored");
      if (arrears.isFull()) close(1013, "the store is away for too long: send everything again");
    }
  };

  const take = async (record: BoardRecord, result: Extract<BoardMessage, { type: "result" }>): Promise<void> => {
    try {
      await desk.result(record, result.lease, result.outcome as unknown as Outcome, result.ms);
      send({ type: "taken", lease: result.lease });
    } catch (thrown) {
      log.debug({ mac: record.mac, lease: result.lease, error: messageOf(thrown) }, "result not taken");
    }
  };

  const hear = (message: BoardMessage): void => {
    const now = entry();
    if (message.type === "hello") {
      if (now === null) run(greet(message));
      else fault("a second hello");
      return;
    }
    if (now === null) {
      fault("hello comes first");
      return;
    }
    switch (message.type) {
      case "boot":
        run(registry.reportBoot({ mac: now.record.mac }, { step: message.step, failed: message.failed ?? null }));
        return;
      case "ready":
        slots = message.slots;
        chunks = message.chunks ?? chunks;
        desk.ready(now.record, message.slots, message.held, chunks);
        return;
      case "fold":
        desk.fold(now.record, message.lease, message.fold, message.order as FoldOrder);
        return;
      case "chunked":
        desk.chunked(now.record, message.lease, message.answers, message.ms);
        return;
      case "result":
        until(take(now.record, message));
        return;
      case "role-state":
        owner.roles?.report(now.record, message);
        return;
      case "bye":
        hasSaidBye = true;
        registry.apply(now.index, { kind: "bye" });
        return;
      default:
        unreachable(message);
    }
  };

  /** An edge: what goes wrong with one board's message harms no other. */
  const run = (done: Promise<unknown>): void => {
    done.catch(failed);
  };
  const failed = (thrown: unknown): void => {
    log.error({ mac: board?.mac ?? null, error: messageOf(thrown) }, "message of a board failed");
    if (socket.readyState === socket.OPEN) close(1011, "internal");
  };

  const onFrame = (data: RawData, isBinary: boolean): void => {
    if (socket.readyState !== socket.OPEN) return;
    const bytes = data as Buffer;
    if (isGreeting) {
      earlyOctets += bytes.length;
      const isTooMuch = early.push(() => onFrame(data, isBinary)) > maxEarly || earlyOctets > limits.helloOctets;
      if (isTooMuch) fault("too much before the welcome");
    } else if (board === null && bytes.length > limits.helloOctets) fault("a hello is smaller than that", 1009);
    else if (!isBinary) {
      board?.watched.heard();
      const read = owner.read(bytes.toString("utf8"));
      if (read.kind === "message") hear(read.message);
      else fault(read.reason);
    } else if (board === null) fault("hello comes first");
    else onSamples(board, bytes);
  };

  const onSamples = (from: NonNullable<typeof board>, bytes: Uint8Array): void => {
    try {
      const samples = decodeSamples(bytes);
      from.watched.sampled();
      if (samples.length > 0) until(store(from, samples));
    } catch (thrown) {
      fault(messageOf(thrown));
    }
  };

  // Before `ws` hears of them, so that a message that ends with these octets is whole afterwards.
  wire.prependListener("data", (piece: Uint8Array) => partial.came(piece.length));
  socket.on("message", (data, isBinary) => {
    // An edge: whatever a stranger makes one of us throw, the head lives on.
    try {
      partial.whole();
      slowDown((data as Buffer).length);
      if (bucket.take()) onFrame(data, isBinary);
      else fault("too many frames a second");
    } catch (thrown) {
      failed(thrown);
    }
  });
  socket.on("ping", (data) => {
    partial.aside(data.length);
    if (!bucket.take()) fault("too many pings a second");
    // `ws` answers whether or not anybody reads the answers.
    if (socket.bufferedAmount > limits.unsentOctets) tooSlow();
    board?.watched.heard();
    // `ws` has answered. A head that was away says so, that nobody thinks it dead.
    if (watcher.lagMs() > slowMs) socket.pong(`slow ${Math.round(watcher.lagMs())}`);
  });
  socket.on("pong", (data) => {
    partial.aside(data.length);
    if (!bucket.take()) fault("too many pongs a second");
    board?.watched.heard();
  });
  // A frame against RFC 6455, text that is not UTF-8, a frame too large: `ws` has closed with the right code.
  socket.on("error", (error) => owner.onFault(error.message, board?.mac ?? null));
  socket.on("close", () => {
    helloTimer.cancel();
    cut?.cancel();
    throttle?.cancel();
    partial[Symbol.dispose]();
    board?.watched.close();
    const now = entry();
    const wasItsLink = owner.onClosed(board?.mac ?? null);
    if (isReplaced || !wasItsLink || now === null) return;
    registry.note(now.index, { isLinked: false });
    if (!hasSaidBye) registry.apply(now.index, { kind: "broken" });
    desk.gone(now.record);
    bus.emit("link.closed", { record: now.record });
  });

  return {
    send,
    replace() {
      isReplaced = true;
      board?.watched.close();
      const now = entry();
      if (now !== null) desk.gone(now.record);
      close(4001, "another link of this board is here");
    },
    async end() {
      if (socket.readyState === socket.CLOSED) return;
      const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
      close(1001, "the head stops");
      await closed;
    },
  };
}

const goodbyeMs = 1000;
/** Frames that may come while the hello is being stored. */
const maxEarly = 16;
/** A tick of the head that was late by more than this is told to the boards. */
const slowMs = 500;

/** So many a second, and some at once. */
function createBucket(clock: Clock, perSecond: number, atOnce: number) {
  let tokens = atOnce;
  let last = clock.monotonic();
  const fill = (): void => {
    const now = clock.monotonic();
    tokens = Math.min(atOnce, tokens + ((now - last) / 1000) * perSecond);
    last = now;
  };
  return {
    /** One, if there is one. */
    take(): boolean {
      fill();
      if (tokens < 1) return false;
      tokens--;
      return true;
    },
    /** So many in any case; gives how long to wait until they are there. */
    spend(count: number): Millis {
      fill();
      tokens -= count;
      return tokens >= 0 ? 0 : Math.ceil((-tokens / perSecond) * 1000);
    },
  };
}
