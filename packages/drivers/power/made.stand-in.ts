import { createServer as createHttp, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTcp, type Server, type Socket } from "node:net";
import type { Clock } from "@bramble/core/base";

/** What a stand-in does wrong on purpose. */
export type StandInFault =
  /** Answers only after so long. */
  | { readonly kind: "slow"; readonly ms: number }
  /** Refuses to switch. */
  | { readonly kind: "refuses" }
  /** Says that it switched, and did not. */
  | { readonly kind: "lies" }
  /** Cuts the connection instead of answering. */
  | { readonly kind: "drops" }
  /** Switches, and cuts the connection instead of saying so. */
  | { readonly kind: "drops-after-write" }
  /** Answers what no driver understands. */
  | { readonly kind: "babbles" };

/** How a stand-in is made. */
export type StandInParts = {
  readonly outlets: number;
  readonly clock: Clock;
  /** Absent: 127.0.0.1. */
  readonly host?: string;
  /** Absent or 0: any free port. */
  readonly port?: number;
  /** Outlets that are on at the start, by number. */
  readonly on?: Iterable<number>;
  /** Called after an outlet was switched, never for one that already stood so. */
  readonly onSwitch?: (outlet: number, on: boolean) => void;
  /** What an outlet that is on draws. */
  readonly watts?: (outlet: number) => number;
  /** How many may talk to it at once; one more is turned away. Absent: 2, as such devices do. */
  readonly sessions?: number;
  /** What it answers over HTTP says nothing. */
  readonly isMute?: boolean;
};

/** A running pretend device. */
export type StandIn = AsyncDisposable & {
  readonly address: string;
  readonly port: number;
  readonly outlets: number;
  fault: StandInFault | null;
  isOn(outlet: number): boolean;
  /** As if somebody pressed the button on it. */
  press(outlet: number, on: boolean): void;
  /** As if its own plug was pulled for a moment: it cuts all lines and comes back with everything off. */
  restart(): void;
};

/** The outlets, as the make's own code sees them. */
export type Outlets = {
  readonly count: number;
  isOn(outlet: number): boolean;
  /** What it draws now: 0 when it is off. */
  watts(outlet: number): number;
  /** Somebody asks to switch: `refused` by the fault or because there is no such outlet; `done` may be a lie. */
  ask(outlet: number, on: boolean): "done" | "refused";
};

/** One question over HTTP, as a stand-in hears it. */
export type Heard = {
  readonly method: string;
  readonly path: string;
  /** The query as it came, without its question mark. */
  readonly query: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
};

/** What it says to that. */
export type Said = {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
};

/** One line session of a stand-in: `greeting` first, then an answer for each line, as it goes over the wire. */
export type Session = { readonly greeting: string; answer(line: string): string };

/** A pretend device that speaks over a line. @throws what `listen` throws (address in use). */
export async function standInLine(parts: StandInParts, session: (outlets: Outlets) => Session): Promise<StandIn> {
  const core = createCore(parts);
  const server = createTcp((socket) => {
    if (!core.admit(socket)) return;
    socket.setEncoding("latin1");
    const { greeting, answer } = session(core.outlets);
    if (greeting !== "") socket.write(greeting, "latin1");
    let rest = "";
    socket.on("data", (text: string) => {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      if (rest.length > 1000) socket.destroy();
      for (const line of lines)
        core.reply(
          socket,
          () => answer(line.replace(/\r$/, "")),
          (said) => socket.write(said, "latin1"),
        );
    });
  });
  return core.start(server);
}

/** A pretend device that speaks HTTP. @throws what `listen` throws (address in use). */
export async function standInHttp(
  parts: StandInParts,
  answer: (heard: Heard, outlets: Outlets) => Said,
): Promise<StandIn> {
  const core = createCore(parts);
  const server = createHttp((request, response) => {
    void heardFrom(request).then(
      (heard) => {
        const say = ({ status = 200, headers = {}, body }: Said): void => {
          response.writeHead(status, { connection: "close", ...headers }).end(body);
        };
        core.reply(response, () => answer(heard, core.outlets), say);
      },
      () => request.destroy(),
    );
  });
  server.on("connection", (socket: Socket) => core.admit(socket));
  return core.start(server);
}

const babble = "\u0001\u00fe?SYNTAX 42\r\n\r\n>";

function createCore({ outlets: count, clock, host = "127.0.0.1", ...parts }: StandInParts) {
  const on = new Set<number>(parts.on ?? []);
  const sockets = new Set<Socket>();
  /** Outlets asked to switch by the question at hand. */
  let hasWritten = false;
  let standIn: StandIn | null = null;
  const fault = (): StandInFault | null => standIn?.fault ?? null;
  const press = (outlet: number, want: boolean): void => {
    if (on.has(outlet) === want) return;
    if (want) on.add(outlet);
    else on.delete(outlet);
    parts.onSwitch?.(outlet, want);
  };
  const outlets: Outlets = {
    count,
    isOn: (outlet) => on.has(outlet),
    watts: (outlet) => (on.has(outlet) ? Math.max(0, parts.watts?.(outlet) ?? 0) : 0),
    ask(outlet, want) {
      if (outlet < 1 || outlet > count || fault()?.kind === "refuses") return "refused";
      hasWritten = true;
      if (fault()?.kind !== "lies") press(outlet, want);
      return "done";
    },
  };
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    outlets,
    /** Takes a connection, or turns it away: false. */
    admit(socket: Socket): boolean {
      socket.on("error", () => socket.destroy());
      socket.on("close", () => sockets.delete(socket));
      if (sockets.size >= (parts.sessions ?? 2)) {
        socket.destroy();
        return false;
      }
      sockets.add(socket);
      return true;
    },
    /** Answers one question in the way that the fault of the moment has it. */
    reply<T>(way: Socket | ServerResponse, answer: () => T, say: (answer: T) => void): void {
      const now = fault();
      const socket = "socket" in way ? way.socket : way;
      if (now?.kind === "drops") return void socket?.destroy();
      if (now?.kind === "babbles") {
        // A make whose answers say nothing can only babble below HTTP.
        if ("socket" in way && parts.isMute !== true) way.end(babble);
        else socket?.end(babble, "latin1");
        return;
      }
      hasWritten = false;
      const said = answer();
      if (now?.kind === "drops-after-write" && hasWritten) return void socket?.destroy();
      const speak = (): void => {
        if (socket?.destroyed === false) say(said);
      };
      if (now?.kind === "slow") clock.after(now.ms, speak);
      else speak();
    },
    async start(server: Server): Promise<StandIn> {
      await listen(server, host, parts.port ?? 0);
      const bound = server.address();
      const port = typeof bound === "object" && bound !== null ? bound.port : 0;
      standIn = {
        ...{ address: `${host}:${port}`, port, outlets: count, fault: null, press },
        isOn: (outlet) => on.has(outlet),
        restart() {
          cut();
          for (const outlet of [...on]) press(outlet, false);
        },
        async [Symbol.asyncDispose]() {
          cut();
          await new Promise<void>((resolve) => server.close(() => resolve()));
        },
      };
      return standIn;
    },
  };
}

async function heardFrom(request: IncomingMessage): Promise<Heard> {
  let body = "";
  request.setEncoding("utf8");
  for await (const chunk of request as AsyncIterable<string>) {
    body += chunk;
    if (body.length > 10_000) throw new Error("a question that long is none");
  }
  const [path = "", query = ""] = (request.url ?? "").split("?", 2);
  return { method: request.method ?? "", path, query, headers: request.headers, body };
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
}
