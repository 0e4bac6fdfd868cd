import { connect } from "node:net";
import { fakeClock, silentLog } from "@bramble/core/base";
import type { Cluster } from "@bramble/core/cluster";
import { fakeCluster } from "@bramble/core/power";
import { expect, test } from "vitest";
import { openServers } from "./servers.ts";

const plain = fakeCluster([{ id: "c-server", feeds: ["server"] }]);
const cluster: Cluster = {
  ...plain,
  devices: [
    {
      ...{ id: "buttons", kind: "solenoid-pair", driver: null, address: null },
      count: null,
      mac: null,
      watts: null,
      settings: {},
    },
  ],
  needs: [
    {
      ...{ what: "server", needs: ["c-server"], timeoutMs: null, ready: "tcp 10.0.0.10:8880" },
      start: { press: "power", of: "buttons", afterMs: 0 },
    },
  ],
};
/** Far from the usual port, for a demo may run beside this. */
const port = 27_311;

test("a server with power starts when it is pressed, stops when it is pressed again, and is gone without power", async () => {
  const clock = fakeClock();
  let isOn = true;
  const world = { isOn: () => isOn };
  await using _servers = await openServers({ cluster, world, clock, paced: clock, port, allOn: false, log: silentLog });
  await clock.advance(60_000);
  expect(await answers()).toBe(false);
  await press();
  await clock.advance(39_000);
  expect(await answers()).toBe(false);
  await clock.advance(2000);
  expect(await answers()).toBe(true);
  await press();
  expect(await answers()).toBe(false);
  await clock.advance(6000);
  await press();
  await clock.advance(41_000);
  expect(await answers()).toBe(true);
  isOn = false;
  await clock.advance(1000);
  expect(await answers()).toBe(false);
});

test("where everything is on at the start the server runs", async () => {
  const clock = fakeClock();
  const parts = { cluster, clock, paced: clock, port, allOn: true, log: silentLog };
  await using _servers = await openServers({ ...parts, world: { isOn: () => true } });
  expect(await answers()).toBe(true);
});

async function press(): Promise<void> {
  expect((await fetch(`http://127.30.254.1:${port}/?reset=0&power=1`)).status).toBe(200);
}

function answers(): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.30.255.1");
    socket.on("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}
