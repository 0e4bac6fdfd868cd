import type { ClusterAnswer } from "@bramble/core/api";
import { Presets, SingleBar } from "cli-progress";
import type { HeadClient } from "../head-client.ts";
import type { Terminal } from "../terminal.ts";

/** Shows boards coming up until all of a bring-up have, or `signal`: a bar on a terminal, a few lines elsewhere. */
export async function showWakingUp(head: HeadClient, terminal: Terminal, signal: AbortSignal): Promise<void> {
  const bar = terminal.isTty
    ? new SingleBar(
        {
          format: "waking up {bar} {value} of {total} boards · {wave}",
          hideCursor: true,
          clearOnComplete: true,
          barsize: 30,
        },
        Presets.rect,
      )
    : null;
  let isDrawn = false;
  try {
    while (!signal.aborted) {
      const cluster = await head.get<ClusterAnswer>("/cluster").catch(() => null);
      if (cluster !== null) {
        const up = Math.min(cluster.states.up ?? 0, cluster.expected);
        const { bringUp } = cluster;
        const wave =
          bringUp === null || bringUp.done
            ? ""
            : `wave ${bringUp.wave} of ${bringUp.waves}: ${bringUp.waveUp}/${bringUp.waveExpected}`;
        if (bar !== null && !isDrawn) bar.start(cluster.expected, up, { wave });
        isDrawn = true;
        bar?.update(up, { wave });
        if (up >= cluster.expected || bringUp?.done) {
          bar?.stop();
          terminal.note(farewell(up, cluster));
          return;
        }
      }
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  } finally {
    bar?.stop();
  }
}

function farewell(up: number, { expected, bringUp }: ClusterAnswer): string {
  const missing = bringUp?.missing ?? [];
  if (missing.length === 0) return `${up} of ${expected} boards are up.`;
  return `${up} of ${expected} boards are up; missing after the last wave: ${missing.slice(0, 12).join(", ")}${missing.length > 12 ? ", …" : ""}.`;
}
