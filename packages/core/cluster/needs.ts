import type { Wiring } from "./circuits.ts";
import type { Resolving, ThingKind } from "./context.ts";
import type { Path } from "./document.ts";
import type { BoardSlot, Need } from "./model.ts";

/** All needs, those that follow from the wiring included; a circle among them is a problem. */
export function resolveNeeds(
  resolving: Resolving,
  wiring: Wiring,
  boards: readonly BoardSlot[],
  halves: ReadonlyMap<string, string>,
): readonly Need[] {
  const needs = new Map<string, NeedDraft>();
  const draft = (what: string): NeedDraft => {
    const found = needs.get(what) ?? { needs: new Map(), start: null, ready: null, timeoutMs: null };
    needs.set(what, found);
    return found;
  };
  for (const [i, entry] of (resolving.file.depends ?? []).entries()) {
    const path: Path = ["depends", i];
    const needed = resolving
      .spellAll(entry.needs, [...path, "needs"])
      .filter(({ name, path: where }) => resolving.demand(name, switchable, where));
    if (entry.start !== undefined) resolving.demand(entry.start.of, ["device"], [...path, "start", "of"]);
    for (const { name, path: where } of resolving.spellAll(entry.what, [...path, "what"])) {
      if (!resolving.demand(name, [...switchable, ...places], where)) continue;
      for (const what of membersOf(resolving, name, boards, halves)) {
        const own = draft(what);
        for (const one of needed) if (!own.needs.has(one.name)) own.needs.set(one.name, one.path);
        if (entry.start !== undefined)
          own.start = { press: entry.start.press, of: entry.start.of, afterMs: entry.start.after_s * 1000 };
        if (entry.ready !== undefined) own.ready = entry.ready;
        if (entry.timeout_s !== undefined) own.timeoutMs = entry.timeout_s * 1000;
      }
    }
  }
  const circuitAt = new Map(wiring.outlets.map((outlet) => [outlet.id, outlet.circuit]));
  for (const outlet of wiring.outlets) {
    const path = wiring.pathOf.get(outlet.circuit) ?? [];
    const above = outlet.behind === null ? undefined : circuitAt.get(outlet.behind);
    if (above !== undefined) draft(outlet.circuit).needs.set(above, [...path, "behind"]);
    // A PoE port gives nothing while its switch is dark.
    if (resolving.kindOf(outlet.pdu) === "switch") draft(outlet.circuit).needs.set(outlet.pdu, path);
  }
  for (const [thing, circuit] of wiring.circuitOf)
    if (resolving.kindOf(thing) !== "supply") draft(thing).needs.set(circuit, wiring.pathOf.get(circuit)!);
  findCircles(resolving, needs);
  return [...needs].map(([what, own]) => ({
    what,
    needs: [...own.needs.keys()],
    start: own.start,
    ready: own.ready,
    timeoutMs: own.timeoutMs,
  }));
}

type NeedDraft = {
  readonly needs: Map<string, Path>;
  start: Need["start"];
  ready: string | null;
  timeoutMs: number | null;
};

const switchable: readonly ThingKind[] = ["circuit", "switch", "device"];
const places: readonly ThingKind[] = ["rack", "half", "bank"];

/** A place stands for the groups that power its boards; anything else for itself. */
function membersOf(
  resolving: Resolving,
  name: string,
  boards: readonly BoardSlot[],
  halves: ReadonlyMap<string, string>,
): readonly string[] {
  const kind = resolving.kindOf(name);
  if (kind === null || !places.includes(kind)) return [name];
  const inside = boards.filter(
    (board) => board.rack === name || board.bank === name || halves.get(board.bank) === name,
  );
  return [...new Set(inside.map((board) => board.group).filter((group) => group !== null))];
}

/** Walk the needs depth first; every way back to a thing still being walked is a circle. */
function findCircles(resolving: Resolving, needs: ReadonlyMap<string, NeedDraft>): void {
  const done = new Set<string>();
  for (const start of needs.keys()) {
    if (done.has(start)) continue;
    const trail: string[] = [start];
    const onTrail = new Set(trail);
    const rest: [string, Path][][] = [[...needs.get(start)!.needs]];
    while (trail.length > 0) {
      const next = rest.at(-1)?.shift();
      if (next === undefined) {
        const left = trail.pop()!;
        onTrail.delete(left);
        done.add(left);
        rest.pop();
        continue;
      }
      const [name] = next;
      if (onTrail.has(name)) {
        tellCircle(resolving, needs, trail.slice(trail.indexOf(name)));
      } else if (!done.has(name)) {
        trail.push(name);
        onTrail.add(name);
        rest.push([...(needs.get(name)?.needs ?? [])]);
      }
    }
  }
}

/** Told at the need that stands last in the file: most likely the one just written. */
function tellCircle(resolving: Resolving, needs: ReadonlyMap<string, NeedDraft>, circle: readonly string[]): void {
  const edges = circle.map((from, i) => ({
    i,
    path: needs.get(from)!.needs.get(circle[(i + 1) % circle.length]!)!,
  }));
  const last = edges.reduce((a, b) => (resolving.offset(b.path) > resolving.offset(a.path) ? b : a));
  const turned = [...circle.slice(last.i), ...circle.slice(0, last.i + 1)];
  const message = `${turned.join(" needs ")}: none of them could ever be switched on`;
  resolving.error("cluster.cycle", last.path, message, { expected: "an order in which things can be switched on" });
}
