import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer } from "node:net";
import type { Bind, ServerName } from "./messages.ts";

/**
 * Sockets that share a port would also share it with another head's: each must be free before ours take it.
 *
 * @throws what the system says, with the name of the `server` whose port it is.
 */
export async function mustBeFree({ tftp, http }: Readonly<Record<ServerName, Bind>>): Promise<void> {
  if (http.port !== 0)
    await telling("http", async () => {
      const server = createServer().listen({ host: http.address, port: http.port, exclusive: true });
      await once(server, "listening");
      server.close();
      await once(server, "close");
    });
  if (tftp.port !== 0)
    await telling("tftp", async () => {
      const socket = createSocket("udp4").bind({ address: tftp.address, port: tftp.port, exclusive: true });
      try {
        await once(socket, "listening");
      } finally {
        socket.close();
      }
    });
}

async function telling(server: ServerName, look: () => Promise<void>): Promise<void> {
  try {
    await look();
  } catch (thrown) {
    throw Object.assign(thrown as Error, { server });
  }
}
