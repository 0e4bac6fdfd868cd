import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import type { Bus } from "../bus.ts";
import { type BootView, bootBody } from "./boot-body.ts";

/** Adds what Prometheus is told of booting to `registry`; read when it asks. The histogram follows the bus. */
export function bootMetrics(registry: Registry, view: BootView, bus: Bus): Disposable {
  const registers = [registry];
  const seconds = new Histogram({
    name: "bramble_boot_seconds",
    help: "From power, or a board's first sign, to its registered agent",
    buckets: [5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300],
    registers,
  });
  const stopped = new Counter({
    name: "bramble_boot_failures_total",
    help: "Boots that stopped, by step and fault",
    labelNames: ["step", "fault"],
    registers,
  });
  const ends = [
    bus.on("lane.done", ({ tookMs }) => seconds.observe(tookMs / 1000)),
    bus.on("lane.stopped", ({ step, fault }) => stopped.inc({ step, fault })),
  ];
  const labelled = (name: string, help: string, label: string, read: () => Readonly<Record<string, number>>): void => {
    new Gauge({
      ...{ name, help, labelNames: [label], registers },
      collect() {
        this.reset();
        for (const [value, count] of Object.entries(read())) this.set({ [label]: value }, count);
      },
    });
  };
  const counter = (name: string, help: string, read: () => number | null): void => {
    new Counter({
      ...{ name, help, registers },
      collect() {
        this.reset();
        this.inc(read() ?? 0);
      },
    });
  };
  const { room } = view;
  labelled("bramble_boot_boards", "Boards by the step of their boot that they are at", "step", () => {
    const { steps, states } = bootBody(view);
    return { ...steps, up: states.up, stopped: states.stopped };
  });
  if (room.servers === null) return ending(ends);

  const { dhcp, tftp, http } = room.servers;
  counter("bramble_boot_dropped_total", "News of files that belong to no known board", room.dropped);
  counter("bramble_boot_tftp_transfers_total", "Files sent whole by TFTP", () => tftp.counters().done);
  counter("bramble_boot_tftp_bytes_total", "Octets acknowledged by TFTP", () => tftp.counters().sentBytes);
  counter("bramble_boot_tftp_resends_total", "Blocks or windows sent again", () => tftp.counters().resends);
  counter("bramble_boot_tftp_probes_total", "Files that were only looked for", () => tftp.counters().probed);
  counter("bramble_boot_tftp_missing_total", "Files asked for that there are not", () => tftp.counters().missing);
  counter("bramble_boot_tftp_failed_total", "Transfers that broke off", () => tftp.counters().failed);
  counter("bramble_boot_http_requests_total", "Requests to the boot server for HTTP", () => http.counters().requests);
  counter("bramble_boot_http_sent_total", "Files or parts sent by HTTP", () => http.counters().sent);
  if (dhcp === null) return ending(ends);
  new Counter({
    name: "bramble_boot_dhcp_packets_total",
    help: "DHCP messages by type",
    labelNames: ["type"],
    registers,
    collect() {
      this.reset();
      const counts = dhcp.counters();
      for (const type of packetTypes) this.inc({ type }, counts[type]);
    },
  });
  counter("bramble_boot_dhcp_dropped_total", "DHCP messages that could not be answered", () => {
    const { malformed, overloaded, unwritten, unsent, faults } = dhcp.counters();
    return malformed + overloaded + unwritten + unsent + faults;
  });
  labelled("bramble_boot_addresses", "Leases, and what the pool has left", "kind", () => {
    const { leases = 0, poolFree = 0 } = bootBody(view).servers.dhcp ?? {};
    return { leases, "pool-free": poolFree };
  });
  return ending(ends);
}

const packetTypes = [
  ...(["discovers", "offers", "requests", "acks", "naks", "declines", "releases", "informs", "ignored"] as const),
];

function ending(ends: readonly (() => void)[]): Disposable {
  return {
    [Symbol.dispose]() {
      for (const end of ends) end();
    },
  };
}
