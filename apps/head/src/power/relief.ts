import type { Logger, Mac } from "@bramble/core/base";
import { messageOf } from "@bramble/core/base";
import type { Cluster, Group } from "@bramble/core/cluster";
import type { Bus } from "../bus.ts";
import type { Registry } from "../register/registry.ts";

/**
 * What cut-outs do to boards, whatever they watch. A board that two of them drain takes work again when both are over; one
 * that somebody else drained stays so. When a group's outlet is switched, all of it is over for that group.
 */
export type Relief = AsyncDisposable & {
  /** No new work for these boards, for the sake of `by`. */
  drain(by: string, boards: readonly string[]): void;
  /** What `by` drained takes work again; what it halted counts as there again. */
  release(by: string, boards: readonly string[]): void;
  /** Ask these boards to halt, for the sake of `by`. */
  halt(by: string, boards: readonly string[], reason: string): void;
  isHalted(board: string): boolean;
  /** Take a group's power, once at a time. `failed` is called when that could not be begun. */
  off(
    group: Group,
    how: CutOff,
    ends: { readonly begun: (said: string) => void; readonly failed: (why: string) => void },
  ): void;
};

/** How a group's power is to go. */
export type CutOff = {
  readonly why: string;
  /** Boards do not halt first. */
  readonly atOnce: boolean;
};

/** What it is made of. */
export type ReliefParts = {
  readonly cluster: Cluster;
  readonly registry: Pick<Registry, "roster" | "apply">;
  readonly bus: Bus;
  readonly log: Logger;
  readonly halt: (board: Mac, reason: string) => boolean;
  /** Power off for these boards, before everybody else's plans; resolves when that is begun, with what is to be told. */
  readonly off: (boards: readonly string[], how: CutOff) => Promise<string>;
};

/** Nothing is drained, nobody halted. */
export function createRelief(parts: ReliefParts): Relief {
  const { cluster, registry, bus, log } = parts;
  const { roster } = registry;
  const holders = new Map<string, Set<string>>();
  const halted = new Map<string, Set<string>>();
  const tasks = new Map<string, Promise<void>>();

  const letGo = (name: string): void => {
    holders.delete(name);
    const entry = roster.byName(name);
    if (entry !== null) registry.apply(entry.index, { kind: "release" });
  };
  const end = bus.on("power.switched", ({ outlet }) => {
    // Without power there is nothing to relieve; with power again a person has said so.
    for (const group of cluster.groups) {
      if (group.outlet !== outlet) continue;
      for (const name of group.boards) {
        halted.delete(name);
        if (holders.has(name)) letGo(name);
      }
    }
  });
  return {
    drain(by, boards) {
      for (const name of boards) {
        const entry = roster.byName(name);
        if (entry === null) continue;
        const known = holders.get(name);
        // Whoever drains it already has his own reasons, and ends them himself.
        if (known === undefined && entry.standing.isDraining === true) continue;
        holders.set(name, (known ?? new Set()).add(by));
        if (known === undefined) registry.apply(entry.index, { kind: "drain" });
      }
    },
    release(by, boards) {
      for (const name of boards) {
        const halters = halted.get(name);
        if (halters?.delete(by) === true && halters.size === 0) halted.delete(name);
        const known = holders.get(name);
        if (known?.delete(by) === true && known.size === 0) letGo(name);
      }
    },
    halt(by, boards, reason) {
      for (const name of boards) {
        const mac = roster.byName(name)?.record?.mac;
        if (mac !== undefined && parts.halt(mac, reason)) halted.set(name, (halted.get(name) ?? new Set()).add(by));
      }
    },
    isHalted: (board) => halted.has(board),
    off(group, how, { begun, failed }) {
      if (tasks.has(group.id)) return;
      const task = parts
        .off(group.boards, how)
        .then(begun, (thrown) => {
          log.error({ group: group.id, error: messageOf(thrown) }, "cut-out failed");
          failed(messageOf(thrown));
        })
        .finally(() => tasks.delete(group.id));
      tasks.set(group.id, task);
    },
    async [Symbol.asyncDispose]() {
      end();
      await Promise.all(tasks.values());
    },
  };
}
