import type { AgentFacts } from "../agent.ts";

/** The board's last sample and the agent's own counters as Prometheus text (version 0.0.4). What is unknown is left out. */
export function metricsText(facts: AgentFacts): string {
  const lines: string[] = [];
  const put = (name: string, kind: "gauge" | "counter", help: string, value: number | null): void => {
    if (value === null || !Number.isFinite(value)) return;
    lines.push(`# HELP bramble_${name} ${help}`, `# TYPE bramble_${name} ${kind}`, `bramble_${name} ${value}`);
  };
  const { latest, samples, work } = facts;
  if (latest !== null) {
    put("board_cpu_percent", "gauge", "Busy part of all cores.", latest.cpu);
    put("board_load", "gauge", "Load average of one minute.", latest.load);
    put("board_memory_used_bytes", "gauge", "Memory that is not available.", scaled(latest.memoryUsedMb, 2 ** 20));
    put("board_memory_bytes", "gauge", "Memory in all.", scaled(latest.memoryTotalMb, 2 ** 20));
    put("board_disk_used_bytes", "gauge", "Used space of the root file system.", scaled(latest.diskUsedGb, 1e9));
    put("board_disk_bytes", "gauge", "Size of the root file system.", scaled(latest.diskTotalGb, 1e9));
    put("board_temperature_celsius", "gauge", "Temperature of the processor.", latest.temperatureC);
    put("board_throttled_bits", "gauge", "Bits of vcgencmd get_throttled.", latest.throttled);
    put("board_receive_bits_per_second", "gauge", "Received.", scaled(latest.rxKbps, 1000));
    put("board_transmit_bits_per_second", "gauge", "Sent.", scaled(latest.txKbps, 1000));
    put("board_uptime_seconds", "gauge", "Time since the board started.", latest.uptimeS);
  }
  put("agent_linked", "gauge", "1 while the head is linked.", facts.state === "linked" ? 1 : 0);
  put("agent_samples_total", "counter", "Samples taken.", samples.taken);
  put("agent_samples_waiting", "gauge", "Samples that the head has not stored.", samples.waiting);
  put("agent_samples_dropped_total", "counter", "Samples lost because the buffer was full.", samples.dropped);
  put("agent_warbles_running", "gauge", "Warbles that run now.", work.running);
  put("agent_results_waiting", "gauge", "Results that the head has not taken.", work.unconfirmed);
  return `${lines.join("\n")}\n`;
}

function scaled(value: number | null, by: number): number | null {
  return value === null ? null : Math.round(value * by);
}
