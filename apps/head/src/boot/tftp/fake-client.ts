import { createSocket } from "node:dgram";
import type { TftpOptions, TftpPacket } from "@bramble/core/boot";
import { decodeTftp, encodeTftp } from "@bramble/core/boot";

/** What a client got. */
export type Fetched =
  | { readonly kind: "file"; readonly bytes: Uint8Array; readonly options: TftpOptions; readonly serverPort: number }
  | { readonly kind: "error"; readonly code: number; readonly message: string };

/** A client for tests that takes one file over a real socket, and asks again when the server is silent. */
export function fetchFile(parts: {
  readonly server: { readonly address: string; readonly port: number };
  readonly path: string;
  readonly options?: Readonly<Record<string, string>>;
  /** Address to ask from, on loopback. */
  readonly from?: string;
}): Promise<Fetched> {
  const { server, path, options = {}, from = "127.0.0.1" } = parts;
  const socket = createSocket("udp4");
  const got: Uint8Array[] = [];
  let agreed: TftpOptions = new Map();
  let serverPort = 0;
  let last = 0;
  let unacked = 0;
  const numberOf = (name: string, otherwise: number): number => Number(agreed.get(name) ?? otherwise);
  return new Promise((resolve, reject) => {
    let latest = encodeTftp({ kind: "read", path, mode: "octet", options: new Map(Object.entries(options)) });
    const again = setInterval(() => socket.send(latest, serverPort || server.port, server.address), 1500);
    const end = (fetched: Fetched): void => {
      clearInterval(again);
      socket.close();
      resolve(fetched);
    };
    const acknowledge = (port: number, then?: () => void): void => {
      unacked = 0;
      latest = encodeTftp({ kind: "ack", block: last & 0xffff });
      socket.send(latest, port, server.address, then);
    };
    const hear = (packet: TftpPacket, port: number): void => {
      if (serverPort === 0) serverPort = port;
      if (port !== serverPort) return;
      if (packet.kind === "error") end({ kind: "error", code: packet.code, message: packet.message });
      else if (packet.kind === "oack" && last === 0) {
        agreed = packet.options;
        acknowledge(port);
      } else if (packet.kind === "data" && packet.block === ((last + 1) & 0xffff)) {
        last++;
        got.push(packet.bytes);
        if (packet.bytes.length < numberOf("blksize", 512)) {
          acknowledge(port, () => end({ kind: "file", bytes: Buffer.concat(got), options: agreed, serverPort }));
        } else if (++unacked === numberOf("windowsize", 1)) acknowledge(port);
      } else if (packet.kind === "data") acknowledge(port);
    };
    socket.on("message", (bytes, { port }) => hear(decodeTftp(bytes), port));
    socket.on("error", reject);
    socket.bind(0, from, () => socket.send(latest, server.port, server.address));
  });
}
