import WebSocket from "ws";

/** The few things that a link asks of its socket. None of them throws. */
export type LinkSocket = {
  /** A text frame (string) or a binary one. */
  send(frame: string | Uint8Array): void;
  ping(): void;
  /** A clean end; `closed` follows. */
  close(): void;
  /** Gone at once; `closed` follows. */
  terminate(): void;
  /** Stop reading, as a board does that hangs: nothing is answered, nothing is closed. */
  pause(): void;
};

/** What a socket tells. After `closed` comes nothing more. */
export type SocketEvents = {
  opened(): void;
  text(frame: string): void;
  pong(): void;
  closed(why: string): void;
};

/** Opens a socket to a `ws:` or `wss:` URL. */
export type Connect = (url: string, events: SocketEvents) => LinkSocket;

/** The real socket: no compression (a sample is smaller than zlib's window), bounded messages, no redirects. */
export const connectWebSocket: Connect = (url, events) => {
  const socket = new WebSocket(url, {
    perMessageDeflate: false,
    maxPayload: maxMessageBytes,
    handshakeTimeout: 10_000,
  });
  let why = "closed by the head";
  socket.on("open", () => events.opened());
  socket.on("message", (data, isBinary) => {
    if (!isBinary) events.text(data.toString());
  });
  socket.on("pong", () => events.pong());
  socket.on("error", (error) => {
    why = error.message;
  });
  socket.on("close", (code, reason) => {
    const said = reason.length === 0 ? "" : `: ${reason.toString()}`;
    events.closed(code === 1006 ? why : `${why} (${code}${said})`);
  });
  const isOpen = (): boolean => socket.readyState === WebSocket.OPEN;
  return {
    send: (frame) => isOpen() && socket.send(frame),
    ping: () => isOpen() && socket.ping(),
    close: () => socket.close(1000),
    terminate: () => socket.terminate(),
    pause: () => socket.pause(),
  };
};

/** A run with all the saved values of a user fits; nothing larger is worth a board's memory. */
const maxMessageBytes = 2 * 1024 * 1024;
