import { createServer } from "node:net";
import { type Clock, clockFrom, silentLog } from "@bramble/core/base";
import type { Cluster } from "@bramble/core/cluster";
import { fakeCluster } from "@bramble/core/power";
import { powerDrivers } from "@bramble/drivers";
import { powerStandIns } from "@bramble/drivers/stand-ins";
import { expect, test } from "vitest";
import { createReach } from "./reach.ts";

/* What the cluster file says of a server (`start: { press }`, `ready: tcp`) is done to the things themselves. */

const signal = new AbortController().signal;
const clock: Clock = clockFrom({
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimeout: (run, ms) => setTimeout(run, ms),
  clearTimeout: (handle) => clearTimeout(handle as NodeJS.Timeout),
});

test("the file's box presses the server's power button, and the server is ready once its port answers", async () => {
  const server = createServer((socket) => socket.end());
  const started = Promise.withResolvers<number>();
  await using box = await powerStandIns.get("arduino-buttons")!({
    ...{ outlets: 2, clock },
    onSwitch: (button, on) => {
      if (button !== 1 || !on) return;
      server.listen(0, "127.0.0.2", () => started.resolve((server.address() as { port: number }).port));
    },
  });
  const reach = reachOf(withBox({ driver: "arduino-buttons", address: box.address, settings: { path: "/" } }));
  expect(await reach.probe("127.0.0.3", 9, signal)).toBe(false);
  await reach.press("box", "power", signal);
  const port = await started.promise;
  expect(await reach.probe("127.0.0.2", port, signal)).toBe(true);
  await new Promise((resolve) => server.close(resolve));
});

test("an address of --power-map goes before the file's", async () => {
  const pressed: number[] = [];
  await using box = await powerStandIns.get("arduino-buttons")!({
    ...{ outlets: 2, clock, onSwitch: (button) => void pressed.push(button) },
  });
  const reach = reachOf(
    withBox({ driver: null, address: "127.0.0.1:1", settings: {} }),
    new Map([["box", box.address]]),
  );
  await reach.press("box", "reset", signal);
  expect(pressed).toEqual([2]);
});

test.each([
  [
    "a box without an address",
    { driver: null, address: null, settings: {} },
    "power",
    /box has no address; say --power-map box=/,
  ],
  [
    "a driver that there is not",
    { driver: "robot", address: "127.0.0.1:1", settings: {} },
    "power",
    /no driver "robot"/,
  ],
  [
    "a setting that its driver does not know",
    { driver: null, address: "127.0.0.1:1", settings: { pth: "/" } },
    "power",
    /did you mean path/,
  ],
  [
    "a button that it does not have",
    { driver: null, address: "127.0.0.1:1", settings: {} },
    "nose",
    /no button "nose"; it has power and reset/,
  ],
] as const)("%s is told by name", async (_what, device, button, message) => {
  await expect(reachOf(withBox(device)).press("box", button, signal)).rejects.toThrow(message);
});

function withBox(device: Pick<Cluster["devices"][number], "driver" | "address" | "settings">): Cluster {
  const box = { id: "box", kind: "solenoid-pair", count: null, mac: null, watts: null, ...device };
  return fakeCluster([{ id: "g01", boards: 1 }], { devices: [box] });
}

function reachOf(cluster: Cluster, addresses: ReadonlyMap<string, string> = new Map()) {
  return createReach({
    cluster,
    isSimulated: false,
    addresses,
    pduPort: 0,
    drivers: powerDrivers,
    clock,
    log: silentLog,
  });
}
