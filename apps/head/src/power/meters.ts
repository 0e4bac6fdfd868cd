import type { Cluster } from "@bramble/core/cluster";
import type { LimitReading, LoadBook, PowerGraph } from "@bramble/core/power";
import { readMeters } from "@bramble/core/power";
import type { Roster } from "../register/roster.ts";
import { isUp } from "./facts.ts";
import type { Outlets } from "./outlets.ts";

/** What each limit carries now: as PDUs measure it, else by how hard boards say they work (one that says nothing: its most). */
export function metersNow(parts: {
  readonly cluster: Cluster;
  readonly graph: PowerGraph;
  readonly book: LoadBook;
  readonly outlets: Outlets;
  readonly roster: Roster;
}): readonly LimitReading[] {
  const { graph, book, outlets, roster } = parts;
  const views = new Map(outlets.all().map((view) => [view.outlet.id, view]));
  return readMeters(graph, book, {
    readings(id) {
      const view = views.get(id);
      if (view === undefined) return { on: null, watts: null };
      // What a silent PDU said last is no reading of this moment.
      return view.error === null ? view.reading : { on: view.reading.on, watts: null };
    },
    pduWatts: outlets.pduWatts,
    boardWatts({ name, watts: { idle, max } }) {
      const entry = roster.byName(name);
      const cpu = isUp(entry) ? (entry?.latest?.cpu ?? null) : null;
      return cpu === null ? max : idle + ((max - idle) * Math.min(100, Math.max(0, cpu))) / 100;
    },
  });
}
