import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { ClusterError, type Logger, messageOf } from "@bramble/core/base";
import { isLoopback } from "./subnets.ts";

/** Who sent a datagram. */
export type Sender = { readonly address: string; readonly port: number };

/** Takes one datagram; the bytes are the taker's to keep. */
export type Receive = (bytes: Uint8Array, from: Sender) => void;

/** The sockets of a DHCP server. */
export type Wire = AsyncDisposable & {
  /** The port that it listens on. */
  readonly port: number;
  /** The port of proxyDHCP; null without. */
  readonly proxyPort: number | null;
  /** False on loopback, where nothing can be broadcast. */
  readonly canBroadcast: boolean;
  /** Send, from the server's own address and port; what cannot be sent is counted. */
  send(bytes: Uint8Array, port: number, address: string): void;
  /** Send some small frame, whatever it holds, so that whoever is there moves. */
  poke(address: string): void;
};

/** What the sockets count. */
export type WireCounts = { unsent: number; socketErrors: number };

/** Where to listen. */
export type WirePlan = {
  /** The head's own address on the boards' network, or one of loopback. */
  readonly address: string;
  /** 67; 0 for any that is free. */
  readonly port: number;
  /** Port of proxyDHCP (PXE 2.1, section 2.2.3), null for none. */
  readonly proxyPort: number | null;
  /** Port where clients are answered, to hear what other servers say; null for none. */
  readonly clientPort: number | null;
};

/** Asked of the kernel: room for some ten thousand messages, so that a thousand boards may ask in one instant. */
const receiveBufferBytes = 4 * 2 ** 20;

/**
 * Open them.
 *
 * Broadcasts reach only a socket that is bound to every address, and only one that is bound to the head's own address sends
 * them out by the right interface: so on a real network there are two on the same port. Whatever comes in by another
 * interface can be heard that way, but no answer leaves by it.
 *
 * @throws ClusterError `input.invalid` when the port or the address cannot be had.
 */
export async function openWire(
  plan: WirePlan,
  hear: { readonly asServer: Receive; readonly asProxy: Receive; readonly asClient: Receive },
  { counts, log }: { readonly counts: WireCounts; readonly log: Logger },
): Promise<Wire> {
  const { address, proxyPort, clientPort } = plan;
  const open: Socket[] = [];
  let isClosed = false;
  const add = async (host: string, port: number, receive: Receive, isShared: boolean): Promise<Socket> => {
    const socket = await bind(host, port, isShared);
    open.push(socket);
    socket.on("error", (error) => {
      counts.socketErrors++;
      log.debug({ host, port, error: messageOf(error) }, "error of a DHCP socket");
    });
    socket.on("message", (bytes: Uint8Array, from: RemoteInfo) => receive(bytes, from));
    return socket;
  };
  try {
    const isAlone = isLoopback(address) || address === anyAddress;
    // Two heads on one machine would share the port without a word, since it has to be shared between our own two.
    if (!isAlone && plan.port !== 0) await close(await bind(anyAddress, plan.port, false));
    const speaker = await add(address, plan.port, hear.asServer, !isAlone);
    const { port } = speaker.address();
    const listeners = [speaker];
    if (!isAlone) listeners.push(await add(anyAddress, port, hear.asServer, true));
    if (proxyPort !== null) listeners.push(await add(address, proxyPort, hear.asProxy, false));
    const given = Math.min(...listeners.map(grow));
    if (given < receiveBufferBytes)
      log.warn(
        { askedBytes: receiveBufferBytes, givenBytes: given, sysctl: `net.core.rmem_max=${receiveBufferBytes}` },
        "the kernel gives DHCP a smaller receive buffer than asked: of many boards that ask at once some wait for their next try",
      );
    const canBroadcast = !isLoopback(address);
    if (canBroadcast) speaker.setBroadcast(true);
    if (clientPort !== null && canBroadcast)
      await add(anyAddress, clientPort, hear.asClient, true).catch((thrown) =>
        log.info({ port: clientPort, error: messageOf(thrown) }, "answers of other DHCP servers cannot be overheard"),
      );
    const sent = (error: Error | null): void => {
      if (error === null) return;
      counts.unsent++;
      log.debug({ error: messageOf(error) }, "a DHCP answer could not be sent");
    };
    const send = (bytes: Uint8Array, to: number, host: string): void => {
      if (!isClosed) speaker.send(bytes, to, host, sent);
    };
    return {
      port,
      proxyPort: proxyPort === null ? null : listeners.at(-1)!.address().port,
      canBroadcast,
      send,
      poke: (host) => send(nothing, discardPort, host),
      async [Symbol.asyncDispose]() {
        isClosed = true;
        await Promise.all(open.map(close));
      },
    };
  } catch (thrown) {
    await Promise.all(open.map(close));
    throw bindError(thrown, plan);
  }
}

const anyAddress = "0.0.0.0";
const nothing = new Uint8Array(18);
/** UDP "discard" (RFC 863). */
const discardPort = 9;

function bind(host: string, port: number, isShared: boolean): Promise<Socket> {
  return new Promise((resolve, reject) => {
    // Only addresses are ever sent to: answered at once, a datagram leaves within the call that sends it.
    const socket = createSocket({
      type: "udp4",
      reuseAddr: isShared,
      lookup: (name, _options, done) => done(null, name, 4),
    });
    socket.once("error", reject);
    socket.bind(port, host, () => {
      socket.off("error", reject);
      resolve(socket);
    });
  });
}

/** Asks for the large buffer; gives what there is. Linux counts its own overhead and so tells twice what it was asked. */
function grow(socket: Socket): number {
  try {
    socket.setRecvBufferSize(receiveBufferBytes);
  } catch {
    // macOS refuses what it cannot give at once.
  }
  const told = socket.getRecvBufferSize();
  return process.platform === "linux" ? told / 2 : told;
}

function close(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.close(() => resolve()));
}

function bindError(thrown: unknown, { address, port }: WirePlan): unknown {
  const code = (thrown as NodeJS.ErrnoException).code;
  const sorry = (message: string): ClusterError => new ClusterError("input.invalid", message, { cause: thrown });
  if (code === "EADDRINUSE")
    return sorry(
      `UDP port ${port} is taken: another DHCP server (dnsmasq, Kea, a second head) runs on this machine; stop it, or --dhcp off`,
    );
  if (code === "EACCES") return sorry(`UDP port ${port} needs root or CAP_NET_BIND_SERVICE; or another --dhcp-port`);
  if (code === "EADDRNOTAVAIL")
    return sorry(`this machine has no address ${address} to serve DHCP from; see network.head or --boot-listen`);
  return thrown;
}
