import type { ClusterAnswer, EventBody, LayoutAnswer } from "@bramble/core/api";
import type { Clock, Millis } from "@bramble/core/base";
import type { Counters, Frame, Light } from "@bramble/core/show";
import type { Columns } from "./columns.ts";
import { columnsOf, writeRow } from "./columns.ts";

/** How we hear from the head. A lost link keeps everything that was shown. */
export type LinkStanding =
  | { readonly kind: "connecting" }
  | { readonly kind: "live" }
  | { readonly kind: "lost"; readonly since: Millis };

/** What happened to a frame: used, or it does not follow what we have. */
export type Applied = "applied" | "gap";

const keptEvents = 200;

/**
 * The picture of the cluster that the page keeps. One value, made in main.tsx, fed by the live stream;
 * React listens through `subscribe` (at most five times a second), the painters through `onPaint` (at once).
 */
export class Twin {
  readonly #clock: Clock;
  readonly #listeners = new Set<() => void>();
  readonly #painters = new Set<() => void>();
  #isTelling = false;

  /** Grows with every told change; the snapshot for React. */
  version = 0;
  layout: LayoutAnswer | null = null;
  /** Names by index. */
  names: readonly string[] = [];
  columns: Columns = columnsOf(0);
  lights: readonly Light[] = [];
  counters: Counters | null = null;
  cluster: ClusterAnswer | null = null;
  events: readonly EventBody[] = [];
  link: LinkStanding = { kind: "connecting" };
  /** The stream's sequence that the columns stand at; null before the first snapshot. */
  sequence: number | null = null;
  /** The head's time of the newest frame, ms UTC. */
  at: Millis | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** For `useSyncExternalStore`. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  readonly getVersion = (): number => this.version;

  /** Calls `paint` as soon as anything visible in the picture changed. */
  onPaint(paint: () => void): () => void {
    this.#painters.add(paint);
    return () => void this.#painters.delete(paint);
  }

  /** Take a frame of the stream. A delta that does not follow is not applied. */
  apply(frame: Frame): Applied {
    const isFirst = this.sequence === null;
    if (frame.kind === "delta") {
      if (frame.base !== this.sequence) return "gap";
      const highest = frame.rows.reduce((most, { index }) => Math.max(most, index), -1);
      if (highest >= this.columns.count) return "gap";
      for (const { index, row } of frame.rows) writeRow(this.columns, index, row, this.#clock.monotonic());
      if (frame.lights !== null) this.lights = frame.lights;
      if (frame.counters !== null) this.counters = frame.counters;
    } else {
      if (frame.rows.length !== this.columns.count) this.columns = columnsOf(frame.rows.length, this.columns);
      // What we find already so is no change: it shall not flash.
      const at = isFirst ? -1e9 : this.#clock.monotonic();
      for (const [index, row] of frame.rows.entries()) writeRow(this.columns, index, row, at);
      this.lights = frame.lights;
      this.counters = frame.counters;
    }
    this.sequence = frame.sequence;
    this.at = frame.at;
    this.#tell();
    return "applied";
  }

  setLayout(layout: LayoutAnswer): void {
    this.layout = layout;
    const names: string[] = [];
    for (const board of layout.boards) names[board.index] = board.name;
    this.names = names;
    this.#tell();
  }

  setCluster(cluster: ClusterAnswer): void {
    // A head that started anew may count its events anew: old ones would bury its own.
    if (this.cluster !== null && this.cluster.startedAt !== cluster.startedAt) this.events = [];
    this.cluster = cluster;
    this.#tell();
  }

  setLink(link: LinkStanding): void {
    // A link that stays lost was lost at its first moment.
    if (link.kind === "lost" && this.link.kind === "lost") return;
    this.link = link;
    this.#tell();
  }

  /** Add events in any order, known ones again or not; the newest stay. */
  addEvents(events: readonly EventBody[]): void {
    const byId = new Map(this.events.map((event) => [event.id, event]));
    for (const event of events) byId.set(event.id, event);
    this.events = [...byId.values()].sort((a, b) => b.id - a.id).slice(0, keptEvents);
    this.#tell();
  }

  /** The index of a board by name; -1 when there is none. */
  indexOf(name: string | null): number {
    return name === null ? -1 : this.names.indexOf(name);
  }

  #tell(): void {
    for (const paint of this.#painters) paint();
    if (this.#isTelling) return;
    this.#isTelling = true;
    this.#clock.after(200, () => {
      this.#isTelling = false;
      this.version += 1;
      for (const listener of this.#listeners) listener();
    });
  }
}
