import { fakeClock, seededRandom } from "@bramble/core/base";
import type { BoardRow, Frame } from "@bramble/core/show";
import { encodeFrame } from "@bramble/core/show";
import { expect, test } from "vitest";
import { readRow } from "./columns.ts";
import type { LiveSocket } from "./follow.ts";
import { follow } from "./follow.ts";
import type { Rest } from "./rest.ts";
import { RestError } from "./rest.ts";
import { Twin } from "./twin.ts";

const row = (state: BoardRow["state"]): BoardRow => ({
  state,
  cpu: 5,
  memory: 10,
  temperatureC: 40,
  isSimulated: true,
  isWorking: false,
  isThrottled: false,
});
const counters = { samplesPerSecond: 1, warblesDone: 2, warblesQueued: 3 };
const snapshot = (sequence: number, rows: BoardRow[]): Frame => ({
  kind: "snapshot",
  sequence,
  at: 1000,
  rows,
  lights: [],
  counters,
});
const delta = (base: number, index: number, to: BoardRow): Frame => ({
  kind: "delta",
  base,
  sequence: base + 1,
  at: 2000,
  rows: [{ index, row: to }],
  lights: [[1, 2, 3]],
  counters: null,
});

/** A follower whose sockets and answers the test holds in its hands. */
function bench() {
  const clock = fakeClock();
  const twin = new Twin(clock);
  const opened: { query: string; socket: LiveSocket; isClosed: boolean }[] = [];
  let isReachable = true;
  const rest: Rest = {
    async get<T>(path: string): Promise<T> {
      if (!isReachable) throw new RestError("network", "no", "");
      if (path.startsWith("/layout"))
        return { cluster: "c", racks: [], boards: [{ index: 0, name: "b1" }], lights: 0 } as T;
      if (path.startsWith("/events")) return { events: [] } as T;
      return { name: "c", expected: 1 } as T;
    },
    async post<T>(): Promise<T> {
      throw new Error("nothing is posted");
    },
    async put<T>(): Promise<T> {
      throw new Error("nothing is put");
    },
  };
  const follower = follow({
    twin,
    rest,
    clock,
    random: seededRandom(1),
    open(query) {
      const socket: LiveSocket = { binaryType: "", onopen: null, onmessage: null, onclose: null, close: () => {} };
      const entry = { query, socket, isClosed: false };
      socket.close = () => {
        entry.isClosed = true;
      };
      opened.push(entry);
      return socket;
    },
  });
  const say = (frame: Frame | string | ArrayBuffer): void => {
    const data = typeof frame === "string" || frame instanceof ArrayBuffer ? frame : encodeFrame(frame).buffer;
    opened.at(-1)!.socket.onmessage?.({ data });
  };
  return { clock, twin, opened, follower, say, reach: (is: boolean) => (isReachable = is) };
}

test("a snapshot, then deltas: the twin follows", async () => {
  const { clock, twin, say, follower } = bench();
  await clock.advance(0);
  say(snapshot(7, [row("off"), row("off")]));
  say(delta(7, 1, row("up")));
  expect(twin.sequence).toBe(8);
  expect(twin.link.kind).toBe("live");
  expect(readRow(twin.columns, 1).state).toBe("up");
  expect(twin.lights).toEqual([[1, 2, 3]]);
  follower.close();
});

test("a lost link keeps the picture, pauses longer each time, and resumes from its sequence", async () => {
  const { clock, twin, opened, say, follower } = bench();
  await clock.advance(0);
  say(snapshot(7, [row("up")]));
  opened[0]!.socket.onclose?.();
  expect(twin.link).toEqual({ kind: "lost", since: clock.now() });
  expect(readRow(twin.columns, 0).state).toBe("up");
  await clock.advance(800);
  expect(opened.map(({ query }) => query)).toEqual(["", "?from=7"]);
  opened[1]!.socket.onclose?.();
  await clock.advance(450);
  expect(opened).toHaveLength(2);
  await clock.advance(1100);
  expect(opened).toHaveLength(3);
  say(delta(7, 0, row("silent")));
  expect(twin.link.kind).toBe("live");
  expect(readRow(twin.columns, 0).state).toBe("silent");
  follower.close();
});

test.each([
  ["a delta that does not follow", delta(99, 0, row("off"))],
  ["a delta for a board that is not there", delta(7, 40, row("off"))],
  ["bytes that are no frame", new Uint8Array([1, 2, 3]).buffer],
  ["text that is no JSON", "{"],
])("%s makes the follower begin again from a snapshot, with the picture kept", async (_, frame) => {
  const { clock, twin, opened, say, follower } = bench();
  await clock.advance(0);
  say(snapshot(7, [row("up")]));
  say(frame);
  expect(opened[0]!.isClosed).toBe(true);
  expect(readRow(twin.columns, 0).state).toBe("up");
  await clock.advance(800);
  expect(opened.at(-1)!.query).toBe("");
  follower.close();
});

test("a head that stops answering without closing anything counts as lost", async () => {
  const { clock, twin, say, reach, follower } = bench();
  await clock.advance(0);
  say(snapshot(1, [row("up")]));
  reach(false);
  await clock.advance(2600);
  expect(twin.link.kind).toBe("lost");
  follower.close();
});

test("events come in by the stream, newest first, each once", async () => {
  const { clock, twin, say, follower } = bench();
  await clock.advance(0);
  const event = (id: number) => ({
    id,
    at: id,
    kind: "board.up",
    level: "info" as const,
    board: null,
    message: `${id}`,
  });
  for (const id of [1, 3, 2, 3]) say(JSON.stringify({ type: "event", event: event(id) }));
  expect(twin.events.map(({ id }) => id)).toEqual([3, 2, 1]);
  follower.close();
});

test("a closed follower leaves no timer and opens nothing more", async () => {
  const { clock, opened, follower } = bench();
  await clock.advance(0);
  opened[0]!.socket.onclose?.();
  follower.close();
  await clock.advance(60_000);
  expect(opened).toHaveLength(1);
  expect(clock.pending()).toBe(0);
});
