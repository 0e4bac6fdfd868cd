import { createServer, type Server } from "node:net";
import type { Clock, Logger, Millis, Timer } from "@bramble/core/base";
import type { Cluster, Need } from "@bramble/core/cluster";
import { powerStandIns, type StandIn } from "@bramble/drivers/stand-ins";
import { StartError } from "./start-error.ts";
import type { World } from "./world.ts";

/** The things of the file that others wait for (a server), and the boxes that press their buttons. */
export type Servers = AsyncDisposable;

/**
 * Open them: the n-th thing of the file with a port takes connections on 127.30.255.n while it runs, the n-th device, if
 * something of the file is started by it, presses buttons on 127.30.254.n. A thing runs some time after it got power, or
 * was pressed where it needs that; pressed again it stops; without power it is off at once.
 *
 * @param port 0: nothing is opened, for nobody could find it.
 * @throws StartError when an address is taken.
 */
export async function openServers(parts: {
  readonly cluster: Cluster;
  readonly world: Pick<World, "isOn">;
  readonly clock: Clock;
  /** At the simulator's speed. */
  readonly paced: Clock;
  readonly port: number;
  /** They run at the start. */
  readonly allOn: boolean;
  readonly log: Logger;
}): Promise<Servers> {
  const { cluster, world, clock, port, log } = parts;
  await using stack = new AsyncDisposableStack();
  if (port !== 0) {
    const things = cluster.needs
      .filter(({ ready }) => ready !== null)
      .map((need, at) => stack.use(createThing(need, { ...parts, host: `127.30.255.${at + 1}` })));
    const boxes = new Set(things.flatMap(({ need }) => need.start?.of ?? []));
    for (const [at, { id }] of cluster.devices.entries()) {
      if (!boxes.has(id)) continue;
      const host = `127.30.254.${at + 1}`;
      const pressed = (): void => {
        for (const thing of things) if (thing.need.start?.of === id) thing.press();
      };
      try {
        stack.use(await openBox(host, port, clock, pressed));
      } catch (error) {
        throw new StartError(`port ${port} of ${host} cannot be opened: choose another with --pdu-port PORT`, error);
      }
    }
    const isPowered = ({ what }: Need): boolean =>
      cluster.outlets.filter(({ feeds }) => feeds.includes(what)).every(({ id }) => world.isOn(id));
    const look = (): void => {
      for (const thing of things) thing.setPower(isPowered(thing.need));
    };
    look();
    const timer = clock.every(lookMs, look);
    stack.defer(() => timer.cancel());
    log.debug({ things: things.map(({ need }) => need.what), boxes: [...boxes] }, "servers and their boxes are open");
  }
  const opened = stack.move();
  return { [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

type Thing = AsyncDisposable & { readonly need: Need; setPower(on: boolean): void; press(): void };

function createThing(
  need: Need,
  {
    paced,
    host,
    port,
    allOn,
    log,
  }: {
    readonly paced: Clock;
    readonly host: string;
    readonly port: number;
    readonly allOn: boolean;
    readonly log: Logger;
  },
): Thing {
  let state: "dark" | "off" | "starting" | "running" | "stopping" = "dark";
  let server: Server | null = null;
  let timer: Timer | null = null;

  const enter = (next: typeof state): void => {
    timer?.cancel();
    state = next;
    log.debug({ what: need.what, state }, "server");
    if (next === "running") {
      server = createServer((socket) => socket.on("error", () => {}).end()).listen(port, host);
      server.on("error", (error) =>
        log.warn({ what: need.what, host, port, error: error.message }, "server not there"),
      );
      return;
    }
    server?.close();
    server = null;
    if (next === "starting") timer = paced.after(startMs, () => enter("running"));
    if (next === "stopping") timer = paced.after(stopMs, () => enter("off"));
  };
  return {
    need,
    setPower(on) {
      if (on === (state !== "dark")) return;
      if (!on) enter("dark");
      else if (allOn) enter("running");
      else enter(need.start === null ? "starting" : "off");
    },
    press() {
      if (state === "off") enter("starting");
      // Whoever presses while it starts stops it, as a real one would.
      else if (state === "running" || state === "starting") enter("stopping");
    },
    async [Symbol.asyncDispose]() {
      enter("dark");
    },
  };
}

function openBox(host: string, port: number, clock: Clock, pressed: () => void): Promise<StandIn> {
  const open = powerStandIns.get("arduino-buttons")!;
  const onSwitch = (button: number, on: boolean): void => {
    if (button === 1 && on) pressed();
  };
  return open({ outlets: 2, host, port, clock, onSwitch });
}

const lookMs: Millis = 100;
const startMs: Millis = 40_000;
const stopMs: Millis = 5000;
