import { createServer, type Server, type Socket } from "node:net";
import type { Clock, Logger, Millis } from "@bramble/core/base";
import { ClusterError, messageOf } from "@bramble/core/base";
import { isLoopbackHost } from "../../http/security.ts";
import { UsageError } from "../../usage.ts";
import type { PowerDesk } from "../desk.ts";
import { createConversation } from "./conversation.ts";
import { createLineReader } from "./lines.ts";
import { codes, encodeReply, parseCommand, prompt, spokenVersion } from "./words.ts";

/** The door for powerman, open. */
export type PowermanDoor = AsyncDisposable & { readonly host: string; readonly port: number };

/** What one door lets in. */
export type PowermanLimits = {
  readonly connections: number;
  readonly lineOctets: number;
  /** Commands that wait while one is answered; the next is refused as busy. */
  readonly waiting: number;
  /** A client that neither speaks nor waits for an answer is let go. */
  readonly idleMs: Millis;
  /** Octets of answers that nobody reads; more, and the client is let go. */
  readonly unreadOctets: number;
};

/** Far above what powerman needs. */
export const powermanLimits: PowermanLimits = {
  connections: 64,
  lineOctets: 65_536,
  waiting: 16,
  idleMs: 60_000,
  unreadOctets: 4 * 2 ** 20,
};

/**
 * Open the door. Its protocol knows no password, so it opens on this machine only.
 *
 * @param at `127.0.0.1:10101`; port 0 takes any free one.
 * @throws UsageError for an address that others reach; ClusterError `input.invalid` where the port is taken.
 */
export async function startPowerman(
  at: string,
  parts: { readonly desk: PowerDesk; readonly clock: Clock; readonly log: Logger; readonly limits?: PowermanLimits },
): Promise<PowermanDoor> {
  const { host, port } = readPlace(at);
  const limits = parts.limits ?? powermanLimits;
  const ended = new AbortController();
  const open = new Set<Socket>();
  // Whoever says all at once and closes their side (printf | nc) still gets their answers.
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    open.add(socket);
    socket.on("close", () => open.delete(socket));
    receive(socket, { ...parts, limits, signal: ended.signal });
  });
  server.maxConnections = limits.connections;
  await listen(server, host, port);
  server.on("error", (error) => parts.log.error({ error: error.message }, "the powerman door failed"));
  const address = server.address();
  return {
    host,
    port: typeof address === "object" && address !== null ? address.port : port,
    async [Symbol.asyncDispose]() {
      ended.abort(new ClusterError("internal", "the head stops"));
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

type Parts = {
  readonly desk: PowerDesk;
  readonly clock: Clock;
  readonly log: Logger;
  readonly limits: PowermanLimits;
  readonly signal: AbortSignal;
};

/** One client: its lines in turn, one answered before the next is looked at. */
function receive(socket: Socket, { desk, clock, log, limits, signal }: Parts): void {
  const gone = new AbortController();
  const reader = createLineReader(limits.lineOctets);
  const talk = createConversation({ desk, clock });
  const waiting: string[] = [];
  let isBusy = false;
  let hasEnded = false;

  const write = (text: string): void => {
    if (socket.destroyed) return;
    // A thousand lines of one answer go out together.
    if (socket.writableCorked === 0) {
      socket.cork();
      process.nextTick(() => socket.uncork());
    }
    socket.write(text);
    // Nobody reads: what is written would be kept here for ever.
    if (socket.writableLength > limits.unreadOctets) socket.destroy();
  };
  const leave = (): void => {
    waiting.length = 0;
    socket.setTimeout(limits.idleMs);
    socket.end(() => socket.destroy());
  };
  const work = async (): Promise<void> => {
    isBusy = true;
    for (let line = waiting.shift(); line !== undefined; line = waiting.shift()) {
      if (!(await talk.answer(parseCommand(line), write, AbortSignal.any([gone.signal, signal])))) return leave();
      write(prompt);
    }
    isBusy = false;
    // The other side has said all; what it asked is answered.
    if (hasEnded) leave();
    else socket.setTimeout(limits.idleMs);
  };
  const begin = (): void => {
    if (isBusy || waiting.length === 0) return;
    // A plan takes its time, and its client has nothing to say meanwhile.
    socket.setTimeout(0);
    work().catch((thrown: unknown) => {
      log.error({ error: messageOf(thrown) }, "the powerman door could not answer");
      socket.destroy();
    });
  };

  socket.setNoDelay(true);
  socket.setTimeout(limits.idleMs, () => socket.destroy());
  socket.on("error", () => socket.destroy());
  socket.on("close", () => gone.abort(new ClusterError("internal", "the client has gone")));
  socket.on("end", () => {
    hasEnded = true;
    if (!isBusy) leave();
  });
  socket.on("data", (bytes: Uint8Array) => {
    for (const event of reader.feed(bytes)) {
      if (event.kind === "too-long") write(`${encodeReply(codes.tooLong, "Command too long")}${prompt}`);
      else if (waiting.length >= limits.waiting) write(encodeReply(codes.busy, "Command in progress"));
      else waiting.push(event.text);
    }
    begin();
  });
  write(`${encodeReply(codes.version, spokenVersion)}${prompt}`);
}

function readPlace(at: string): { host: string; port: number } {
  const [, bracketed, plain, port] = /^(?:\[([0-9a-fA-F:]+)\]|([^:\s]+)):(\d{1,5})$/.exec(at) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined || Number(port) > 65_535)
    throw new UsageError(`--powerman ${at.slice(0, 60)}: address:port was expected, for example 127.0.0.1:10101`);
  if (!isLoopbackHost(host))
    throw new UsageError(
      `--powerman ${at.slice(0, 60)}: powerman knows no password, so this door opens on 127.0.0.1 only; reach it from elsewhere by ssh -L 10101:127.0.0.1:10101`,
    );
  return { host, port: Number(port) };
}

async function listen(server: Server, host: string, port: number): Promise<void> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, host, () => {
        server.off("error", reject);
        resolve();
      });
    });
  } catch (thrown) {
    const isTaken = (thrown as NodeJS.ErrnoException).code === "EADDRINUSE";
    throw isTaken
      ? new ClusterError("input.invalid", `port ${port} of ${host} is taken; give another with --powerman ${host}:N`)
      : thrown;
  }
}
