import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { createInterface } from "node:readline";

/** What the stand-in does wrong on purpose, or null. */
export type AcmeFault = "refuses" | "drops" | "babbles" | null;

/** A pretend ACME PDU8 on a free port of this computer: it speaks as the real one does, and goes wrong when asked to. */
export async function standInAcme() {
  const on = new Set<number>();
  const sockets = new Set<Socket>();
  let fault: AcmeFault = null;
  const answer = (question: string): string => {
    if (fault === "babbles") return "?";
    if (question === "STATUS") return Array.from({ length: 8 }, (_, at) => (on.has(at + 1) ? "ON" : "OFF")).join(" ");
    const [, outlet, state] = /^OUT ([1-8]) (ON|OFF)$/.exec(question) ?? [];
    if (outlet === undefined) return "NO what?";
    if (fault === "refuses") return `NO outlet ${outlet} is locked`;
    if (state === "ON") on.add(Number(outlet));
    else on.delete(Number(outlet));
    return "DONE";
  };
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    createInterface({ input: socket }).on("line", (line) => {
      if (fault === "drops") socket.destroy();
      else socket.write(`${answer(line)}\r\n`);
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    outlets: 8,
    isOn: (outlet: number) => on.has(outlet),
    fail(how: AcmeFault) {
      fault = how;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
