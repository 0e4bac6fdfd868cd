import type { Mac } from "@bramble/core/base";
import { mac } from "@bramble/core/base";
import { WebSocket } from "ws";
import { pause } from "./process.ts";

/** Boards on links of their own, as thin as a test can make them: the cost that is measured is the head's. */
export type Fleet = Disposable & {
  readonly boards: readonly FleetBoard[];
  /** From the first connection to the last welcome. */
  readonly tookMs: number;
};

export type FleetBoard = {
  readonly mac: Mac;
  /** Its place in the layout, as the head told it. */
  readonly index: number;
  readonly socket: WebSocket;
  /** Called for each text message after the welcome. */
  onText: ((text: string) => void) | null;
};

/** Links `count` boards to the head, all at once, and waits until each is welcome. @throws when one is turned away ten times. */
export async function linkFleet(url: string, count: number): Promise<Fleet> {
  const from = performance.now();
  const boards = await Promise.all(Array.from({ length: count }, (_, index) => linkBoard(url, index)));
  return {
    boards,
    tookMs: performance.now() - from,
    [Symbol.dispose]() {
      for (const { socket } of boards) socket.terminate();
    },
  };
}

/** The MAC of the n-th board. */
export function macOf(index: number): Mac {
  const digits = (0xb827eb000000 + index + 1).toString(16);
  return mac(digits.replace(/(..)(?=.)/g, "$1:"));
}

/** As a board does: when the connection fails before the welcome it tries again, a little later. */
async function linkBoard(url: string, index: number): Promise<FleetBoard> {
  for (let tries = 1; ; tries++) {
    const board = await tryToLink(url, index).catch((thrown: unknown) => {
      if (tries === 10) throw thrown;
      return null;
    });
    if (board !== null) return board;
    await pause(500);
  }
}

function tryToLink(url: string, index: number): Promise<FleetBoard> {
  const address = macOf(index);
  const hello = {
    ...{ type: "hello", mac: address, serial: null, model: "Raspberry Pi 3 Model B Plus Rev 1.3" },
    ...{ address: addressOf(index), agent: "0.1.0", node: "24.0.0", cores: 4, memoryMb: 877.6 },
    ...{ bootId: `bench-${index}`, simulated: true },
  };
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`${url.replace("http", "ws")}/api/v1/link`, { perMessageDeflate: false });
    const board: Writable<FleetBoard> = { mac: address, index: -1, socket, onText: null };
    socket.on("error", reject);
    socket.once("close", (code) => reject(new Error(`a link was closed with ${code}`)));
    socket.once("open", () => socket.send(JSON.stringify(hello)));
    socket.on("message", (data, isBinary) => {
      if (isBinary) return;
      const text = String(data);
      if (board.onText !== null) board.onText(text);
      else if (text.startsWith('{"type":"welcome"')) {
        board.index = (JSON.parse(text) as { board: number }).board;
        resolve(board);
      }
    });
  });
}

/** Addresses of the police box's rule for the first boards; the rest are boards without a place. */
export function addressOf(index: number): string | null {
  return index < 1050 ? `172.20.${11 + Math.floor(index / 42)}.${1 + (index % 42)}` : null;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };
