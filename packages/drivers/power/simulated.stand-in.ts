import { createServer, type Server, type Socket } from "node:net";
import type { Clock } from "@bramble/core/base";

/** What a stand-in does wrong on purpose; changed at any time through `PduStandIn.fault`. */
export type PduFault =
  /** Answers only after so long. */
  | { readonly kind: "slow"; readonly ms: number }
  /** Refuses every SET. */
  | { readonly kind: "refuses" }
  /** Says OK to SET and switches nothing. */
  | { readonly kind: "lies" }
  /** Cuts the connection instead of answering. */
  | { readonly kind: "drops" }
  /** Answers what no driver understands. */
  | { readonly kind: "babbles" };

/** How a stand-in PDU is made. */
export type PduStandInParts = {
  readonly outlets: number;
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly clock: Clock;
  /** Outlets that are on at the start, by number. */
  readonly on?: Iterable<number>;
  /** Called after an outlet was switched, never for one that already stood so. */
  readonly onSwitch: (outlet: number, on: boolean) => void;
  /** What an outlet that is on draws. */
  readonly watts: (outlet: number) => number;
};

/** A running stand-in: a simulated PDU that speaks the `simulated` driver's protocol. */
export type PduStandIn = AsyncDisposable & {
  readonly port: number;
  fault: PduFault | null;
  isOn(outlet: number): boolean;
  /** As if somebody pressed the button on the PDU. */
  press(outlet: number, on: boolean): void;
};

/** Start a stand-in PDU. @throws what `listen` throws (address in use). */
export async function standInPdu(parts: PduStandInParts): Promise<PduStandIn> {
  const { outlets, host, clock } = parts;
  const on = new Set<number>(parts.on ?? []);
  const sockets = new Set<Socket>();
  const press = (outlet: number, want: boolean): void => {
    if (on.has(outlet) === want) return;
    if (want) on.add(outlet);
    else on.delete(outlet);
    parts.onSwitch(outlet, want);
  };
  const answer = (question: string, fault: PduFault | null): string => {
    if (fault?.kind === "babbles") return "?SYNTAX 42";
    if (question === "READ") {
      const words = Array.from({ length: outlets }, (_, i) => {
        const isOn = on.has(i + 1);
        return `${i + 1}:${isOn ? "on" : "off"}:${isOn ? Math.max(0, parts.watts(i + 1)).toFixed(1) : "0"}`;
      });
      return `OK ${words.join(" ")}`;
    }
    const set = /^SET (\d{1,3}) (on|off)$/.exec(question);
    const outlet = Number(set?.[1]);
    if (set === null) return "ERR READ or SET <outlet> on|off was expected";
    if (outlet < 1 || outlet > outlets) return `ERR there is no outlet ${outlet}`;
    if (fault?.kind === "refuses") return `ERR outlet ${outlet} is locked`;
    if (fault?.kind !== "lies") press(outlet, set[2] === "on");
    return "OK";
  };
  const serve = (socket: Socket): void => {
    sockets.add(socket);
    let rest = "";
    socket.setEncoding("latin1");
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    socket.on("data", (text: string) => {
      rest += text;
      const lines = rest.split("\n");
      rest = lines.pop() ?? "";
      if (rest.length > 200) socket.destroy();
      for (const line of lines) {
        const fault = standIn.fault;
        if (fault?.kind === "drops") {
          socket.destroy();
          return;
        }
        const reply = (): void => {
          if (!socket.destroyed) socket.write(`${answer(line.trim(), fault)}\r\n`);
        };
        if (fault?.kind === "slow") clock.after(fault.ms, reply);
        else reply();
      }
    });
  };
  const server = createServer(serve);
  server.maxConnections = 16;
  await listen(server, host, parts.port);
  const address = server.address();
  const standIn: PduStandIn = {
    port: typeof address === "object" && address !== null ? address.port : parts.port,
    fault: null,
    isOn: (outlet) => on.has(outlet),
    press,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
  return standIn;
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
