import type { BootAnswer } from "@bramble/core/api";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { headAddress } from "../boot/head.ts";
import { until } from "../support/netns.ts";
import { untilEvent } from "../support/netns-head.ts";
import { knownMacs, openStage, type Stage, strangers, whyNoStage } from "../support/netns-stage.ts";

/** Other DHCP servers on the wire: a second head, a rogue, and one that belongs there. */
const whyNot = whyNoStage();
const minute = 60_000;

// Where there is no root, no namespace or no Debian this cannot be shown; the reason stands in the name.
describe.skipIf(whyNot !== null)(`other servers on the wire${whyNot === null ? "" : `: ${whyNot}`}`, () => {
  let stage: Stage;
  beforeEach(() => {
    stage = openStage();
  });
  afterEach(() => stage[Symbol.asyncDispose]());

  test("two heads on one segment both say so within a minute, and no two boards get one address", {
    timeout: 4 * minute,
  }, async () => {
    const ours = await stage.head(stage.segment.name);
    const place = stage.plug("02:00:00:00:00:09", "10.77.0.9");
    const theirs = await stage.head(place.name, "second", { address: "10.77.0.9" });
    const [first, second] = await Promise.all([
      untilEvent(ours, "dhcp.rogue", minute),
      untilEvent(theirs, "dhcp.rogue", minute),
    ]);
    console.log(`told after ${Math.round(first)} and ${Math.round(second)} ms`);
    expect((await ours.events("dhcp.rogue"))[0]).toMatchObject({
      level: "error",
      message: expect.stringContaining("10.77.0.9"),
    });
    expect((await ours.get<BootAnswer>("/boot")).alarms.map(({ kind }) => kind)).toContain("dhcp.rogue");
    const stations = [...knownMacs, ...strangers(10)].map((mac) => stage.plug(mac));
    const addresses = await Promise.all(stations.map((station) => stage.asks(station)));
    expect(addresses.slice(0, 2)).toEqual(["10.77.0.21", "10.77.0.22"]);
    const had = addresses.filter((address) => address !== null);
    expect(new Set(had).size, `${addresses}`).toBe(had.length);
  });

  test("a DHCP server that should not be there is named within a minute, and no two boards get one address", {
    timeout: 4 * minute,
  }, async () => {
    const head = await stage.head(stage.segment.name);
    const rogue = stage.plug("02:00:00:00:00:08", "10.77.0.8");
    await stage.dnsmasq(rogue, "10.77.0.240,10.77.0.253");
    const stations = strangers(6).map((mac) => stage.plug(mac));
    const addresses = await Promise.all(stations.map((station) => stage.asks(station)));
    console.log(`named after ${Math.round(await untilEvent(head, "dhcp.rogue", minute))} ms`);
    expect((await head.events("dhcp.rogue"))[0]).toMatchObject({
      level: "error",
      message: expect.stringContaining("10.77.0.8"),
    });
    const had = addresses.filter((address) => address !== null);
    expect(new Set(had).size, `${addresses}`).toBe(had.length);
    expect((await head.get<BootAnswer>("/boot")).servers.dhcp?.rogues).toEqual(["10.77.0.8"]);
  });

  test("proxyDHCP: another server gives the addresses, this head what to boot, and nobody is alarmed", {
    timeout: 4 * minute,
  }, async () => {
    const house = stage.plug("02:00:00:00:00:08", "10.77.0.8");
    const router = await stage.dnsmasq(house, "10.77.0.100,10.77.0.120");
    const head = await stage.head(stage.segment.name, "head", { flags: ["--dhcp", "proxy"] });
    const board = stage.plug(knownMacs[0]!);
    const address = await stage.asks(board);
    expect(address).toMatch(/^10\.77\.0\.1[012]\d$/);
    // From the REQUEST that it overheard the head knows which board lives there.
    expect(await stage.gets(board, "cmdline.txt")).toContain(`at=${address}`);
    const card = stage.plug(knownMacs[1]!, "10.77.0.200");
    const offers = await stage.played<{ from: string; yiaddr: string; server: string; isForPi: boolean }[]>(
      card,
      "discover",
      "10.77.0.255",
      knownMacs[1]!,
      "8000",
    );
    expect(offers.find(({ from }) => from === "10.77.0.8")?.yiaddr ?? "", router.said()).toMatch(
      /^10\.77\.0\.1[012]\d$/,
    );
    expect(offers.find(({ from }) => from === headAddress)).toMatchObject({
      yiaddr: "0.0.0.0",
      server: headAddress,
      isForPi: true,
    });
    await until("the other server is known", 90_000, () =>
      head.log().includes("the DHCP server beside us gives addresses"),
    );
    expect(await head.events("dhcp.")).toEqual([]);
    // One that gives addresses is expected; a second is one too many.
    const rogue = stage.plug("02:00:00:00:00:07", "10.77.0.7");
    await stage.dnsmasq(rogue, "10.77.0.130,10.77.0.140");
    await untilEvent(head, "dhcp.rogue", 90_000);
  });
});
