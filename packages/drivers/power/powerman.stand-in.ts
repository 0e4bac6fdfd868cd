import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import type { Clock } from "@bramble/core/base";

/** What a pretend powermand does wrong on purpose. */
export type PowermanFault =
  /** Answers only after so long. */
  | { readonly kind: "slow"; readonly ms: number }
  /** The device behind it fails: 210. */
  | { readonly kind: "refuses" }
  /** Says 102 and switches nothing. */
  | { readonly kind: "lies" }
  /** Cuts the connection instead of answering. */
  | { readonly kind: "drops" }
  /** Switches, then cuts the connection. */
  | { readonly kind: "drops-after-write" }
  /** Answers what is no powerman. */
  | { readonly kind: "babbles" }
  /** The device behind it says nothing of its plugs. */
  | { readonly kind: "unknown" };

/** How a pretend powermand is made. */
export type PowermandParts = {
  /** Its nodes, in the order of our outlets. */
  readonly nodes: readonly string[];
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly clock: Clock;
  /** More are hung up on. */
  readonly sessions?: number;
  readonly onSwitch: (node: string, on: boolean) => void;
};

/** A pretend powermand. */
export type Powermand = AsyncDisposable & {
  readonly port: number;
  fault: PowermanFault | null;
  isOn(node: string): boolean;
  /** Forgets what was switched, as a device that starts anew. */
  restart(): void;
};

/** A pretend powermand 2.3.27, by conversations recorded with the real one: on, off, cycle, status, exprange, quit. */
export async function standInPowermand(parts: PowermandParts): Promise<Powermand> {
  const on = new Set<string>();
  const sockets = new Set<Socket>();
  const press = (node: string, want: boolean): void => {
    if (on.has(node) === want) return;
    if (want) on.add(node);
    else on.delete(node);
    parts.onSwitch(node, want);
  };
  const status = (nodes: readonly string[], isExpanded: boolean): string => {
    const state = (node: string) => (daemon.fault?.kind === "unknown" ? "unknown" : on.has(node) ? "on" : "off");
    const lines = isExpanded
      ? nodes.map((node) => `303 ${node}: ${state(node)}\r\n`)
      : ["on", "off", "unknown"].map(
          (word) => `304 ${word}: ${nodes.filter((node) => state(node) === word).join(",")}\r\n`,
        );
    return `${lines.join("")}103 Query complete\r\n`;
  };
  const answer = (words: readonly string[], isExpanded: boolean): string => {
    const [command = "", list] = words;
    if (daemon.fault?.kind === "babbles") return "login: \r\n";
    const nodes = list?.split(",") ?? parts.nodes;
    const strangers = nodes.filter((node) => !parts.nodes.includes(node));
    if (command === "status" && strangers.length === 0) return status(nodes, isExpanded);
    if (!/^(on|off|cycle|status)$/.test(command) || (list === undefined && command !== "status"))
      return "201 Unknown command\r\n";
    if (strangers.length > 0) return `209 No such nodes: ${strangers.join(",")}\r\n`;
    if (daemon.fault?.kind === "refuses") return "210 Command completed with errors\r\n";
    for (const node of daemon.fault?.kind === "lies" ? [] : nodes) {
      if (command !== "on") press(node, false);
      if (command !== "off") press(node, true);
    }
    return "102 Command completed successfully\r\n";
  };
  const server = createServer((socket) => {
    if (sockets.size >= (parts.sessions ?? 16)) {
      socket.destroy();
      return;
    }
    sockets.add(socket);
    let isExpanded = false;
    let rest = "";
    socket.setEncoding("latin1");
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    socket.write("001 2.3.27\r\npowerman> ");
    const hear = (line: string): void => {
      const fault = daemon.fault;
      if (fault?.kind === "drops") return void socket.destroy();
      if (line === "quit") return void socket.end("101 Goodbye\r\n");
      const toggled = `105 Hostrange expansion ${isExpanded ? "OFF" : "ON"}\r\n`;
      if (line === "exprange") isExpanded = !isExpanded;
      const said = line === "exprange" ? toggled : answer(line.split(" "), isExpanded);
      if (fault?.kind === "drops-after-write") return void socket.destroy();
      const say = (): boolean => socket.write(`${said}powerman> `);
      if (fault?.kind === "slow") parts.clock.after(fault.ms, say);
      else say();
    };
    socket.on("data", (text: string) => {
      const lines = (rest + text).split(/\r?\n/);
      rest = lines.pop() ?? "";
      if (rest.length > 8192) socket.destroy();
      for (const line of lines) hear(line);
    });
  });
  server.listen(parts.port, parts.host);
  await once(server, "listening");
  const daemon: Powermand = {
    port: (server.address() as AddressInfo).port,
    fault: null,
    isOn: (node) => on.has(node),
    restart() {
      for (const node of [...on]) press(node, false);
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
  return daemon;
}
