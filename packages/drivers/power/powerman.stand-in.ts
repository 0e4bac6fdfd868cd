import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import type { StandIn, StandInParts } from "./made.stand-in.ts";

/** How a pretend powermand is made; its own limit of sessions is far above 2. */
export type PowermandParts = StandInParts & {
  /** Its nodes, in the order of our outlets; absent: their numbers. */
  readonly nodes?: readonly string[];
};

/** A pretend powermand. `refuses` is a device behind it that fails: 210. */
export type Powermand = StandIn & {
  /** The device behind it tells nothing of its plugs. */
  isBlind: boolean;
};

/** A pretend powermand 2.3.27, by conversations recorded with the real one: on, off, cycle, status, exprange, quit. */
export async function standInPowermand(parts: PowermandParts): Promise<Powermand> {
  const { outlets, host = "127.0.0.1", sessions = 16 } = parts;
  const all = parts.nodes ?? Array.from({ length: outlets }, (_, at) => String(at + 1));
  const on = new Set(parts.on ?? []);
  const sockets = new Set<Socket>();
  const press = (outlet: number, want: boolean): void => {
    if (on.has(outlet) === want) return;
    if (want) on.add(outlet);
    else on.delete(outlet);
    parts.onSwitch?.(outlet, want);
  };
  const outletOf = (node: string): number => all.indexOf(node) + 1;
  const status = (nodes: readonly string[], isExpanded: boolean): string => {
    const state = (node: string) => (daemon.isBlind ? "unknown" : on.has(outletOf(node)) ? "on" : "off");
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
    const nodes = list?.split(",") ?? all;
    const strangers = nodes.filter((node) => !all.includes(node));
    if (command === "status" && strangers.length === 0) return status(nodes, isExpanded);
    if (!/^(on|off|cycle|status)$/.test(command) || (list === undefined && command !== "status"))
      return "201 Unknown command\r\n";
    if (strangers.length > 0) return `209 No such nodes: ${strangers.join(",")}\r\n`;
    if (daemon.fault?.kind === "refuses") return "210 Command completed with errors\r\n";
    for (const node of daemon.fault?.kind === "lies" ? [] : nodes) {
      if (command !== "on") press(outletOf(node), false);
      if (command !== "off") press(outletOf(node), true);
    }
    return "102 Command completed successfully\r\n";
  };
  const server = createServer((socket) => {
    if (sockets.size >= sessions) {
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
  server.listen(parts.port ?? 0, host);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const daemon: Powermand = {
    ...{ address: `${host}:${port}`, port, outlets, fault: null, isBlind: false, press },
    isOn: (outlet) => on.has(outlet),
    restart() {
      for (const socket of sockets) socket.destroy();
      for (const outlet of [...on]) press(outlet, false);
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
  return daemon;
}
