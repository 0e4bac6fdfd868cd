import { readFileSync } from "node:fs";
import { WebSocketServer } from "ws";

/*
 * The head's end of the link to one board and nothing else: welcomes it, hands it each Warble that its parent posts, and
 * notes when each heartbeat arrived. A process of its own, so that nothing else it does makes the board look late.
 */

/** Who posts, and what the head keeps for them. */
export type Player = {
  readonly user: string;
  readonly saved: Readonly<Record<string, string>>;
  readonly data: Readonly<Record<string, string>>;
};

/** Who the board's process is, a Warble for it, or the question when its heartbeats came. */
export type ToEndpoint =
  | { readonly kind: "watch"; readonly pid: number }
  | { readonly kind: "run"; readonly post: string; readonly by: Player }
  | { readonly kind: "beats" };

/** When a heartbeat arrived, and how long the main threads of board and endpoint had waited for a CPU until then, in ms. */
export type Beat = { readonly at: number; readonly waited: number };

/** The endpoint's answers. */
export type FromEndpoint =
  | { readonly kind: "listening"; readonly port: number }
  | { readonly kind: "welcomed" }
  | { readonly kind: "result"; readonly outcome: unknown; readonly ms: number }
  | { readonly kind: "beats"; readonly beats: readonly Beat[] };

const say = (message: FromEndpoint): void => void process.send!(message);
const beats: Beat[] = [];
let watched = 0;
let board: { send(text: string): void } | null = null;
let leases = 0;

/** How long the main thread of a process was ready to run and not let, so far. */
const waitedMs = (pid: number): number =>
  Number(readFileSync(`/proc/${pid}/task/${pid}/schedstat`, "utf8").split(" ")[1]) / 1e6;

const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
server.on("listening", () => say({ kind: "listening", port: (server.address() as { port: number }).port }));
server.on("connection", (socket) => {
  const tell = (message: object): void => socket.send(JSON.stringify(message));
  socket.on("ping", () => {
    if (watched !== 0) beats.push({ at: performance.now(), waited: waitedMs(watched) + waitedMs(process.pid) });
  });
  socket.on("message", (data, isBinary) => {
    if (isBinary) return tell({ type: "stored", upTo: Date.now() });
    const message = JSON.parse(String(data)) as { type: string; lease: string; outcome: unknown; ms: number };
    if (message.type === "hello") {
      board = socket;
      const view = { name: "b1", place: null, board: 0, boards: 1, epoch: "one", cpuLimit: 101 };
      tell({ type: "welcome", ...view, intervalMs: 5000, heartbeatMs: 1000 });
      say({ kind: "welcomed" });
    } else if (message.type === "result") {
      tell({ type: "taken", lease: message.lease });
      say({ kind: "result", outcome: message.outcome, ms: message.ms });
    }
  });
});
process.on("message", (message: ToEndpoint) => {
  if (message.kind === "beats") return say({ kind: "beats", beats });
  if (message.kind === "watch") {
    watched = message.pid;
    return;
  }
  const facts = { ...message.by, seed: 7, nowMs: 1_793_000_000_000, timeoutMs: 10_000 };
  board!.send(JSON.stringify({ type: "run", lease: `lease-${++leases}`, post: message.post, ...facts }));
});
process.on("disconnect", () => process.exit(0));
