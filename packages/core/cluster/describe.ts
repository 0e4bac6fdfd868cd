import { foldNodeSet } from "./names.ts";
import type { GroupTruth, Power, Truths } from "./truths.ts";

/** The truths as text for a terminal, at most 80 columns, without colour. */
export function describeTruths(truths: Truths): string {
  const sections: (readonly string[])[] = [
    heading(truths),
    powerLines(truths),
    limitLines(truths),
    supplyLines(truths),
    breakerLines(truths),
    groupLines(truths),
    alongLines(truths),
    addressLines(truths),
    orderLines(truths),
  ];
  return `${sections
    .filter((section) => section.length > 0)
    .map((section) => section.join("\n"))
    .join("\n\n")}\n`;
}

const width = 80;

function heading(truths: Truths): string[] {
  const { boards, fans } = truths;
  const models = boards.models.map((one) => `${one.boards} ${one.model}`).join(", ");
  const lines = [
    `${truths.cluster}: ${count(boards.total, "board")} (${models})`,
    `  in ${count(boards.banks, "bank")}, ${count(boards.racks, "rack")}, on ${count(boards.switches, "switch", "es")}`,
  ];
  if (fans.caddy + fans.large > 0)
    lines.push(`  ${count(fans.caddy + fans.large, "fan")}: ${fans.caddy} in caddies, ${fans.large} large`);
  if (boards.unswitched.length > 0)
    lines.push(
      ...wrap(
        `${count(boards.unswitched.length, "board")} without a switched outlet: ${foldNodeSet(boards.unswitched)}`,
      ),
    );
  return lines.flatMap((line) => fit(line));
}

function powerLines(truths: Truths): string[] {
  const { power } = truths;
  const row = (label: string, one: Power, note = "") =>
    `  ${label.padEnd(24)}${number(one.watts).padStart(9)} W ${number(one.amps).padStart(7)} A  ${note}`.trimEnd();
  const lines = [
    `Power at ${power.volts} V`,
    row("boards idle", power.idle),
    row("steady, full work", power.steady, `allowed ${number(power.allowed.amps)} A`),
    row("start, wave by wave", power.startInWaves, "with one wave's inrush"),
    row("start, all at once", power.startAtOnce, "with all inrush: never do"),
  ];
  if (power.uncounted.length > 0)
    lines.push(...wrap(`not counted, the file gives no watts: ${power.uncounted.join(", ")}`));
  return lines;
}

function limitLines(truths: Truths): string[] {
  const lines = ["Boards on at once"];
  for (const profile of truths.profiles) {
    const from = profile.from === null ? "" : `, ${profile.from}`;
    const verdict = profile.against.length === 0 ? "all supplies and breakers bear it" : "not as wired:";
    lines.push(
      ...wrap(
        `${profile.name}: ${count(profile.boards, "board")}${from}, ${number(profile.steady.amps)} A in all; ${verdict}`,
      ),
    );
    for (const sentence of profile.against) lines.push(...wrap(sentence, 4));
  }
  for (const half of truths.halves)
    lines.push(
      ...wrap(
        `${half.circuit} (${half.outlet}) is ${half.boards} boards: ${half.sum}, supplies ${foldNodeSet(half.supplies)}`,
      ),
    );
  lines.push(`  ${count(truths.waves, "wave")} bring everything up, whole groups at a time`);
  return lines;
}

function supplyLines(truths: Truths): string[] {
  const alike = new Map<string, string[]>();
  for (const one of truths.supplies) {
    const text = `${count(one.boards, "board")}, ${number(one.steadyWatts)} of ${number(one.allowedWatts)} W steady, ${number(one.startWatts)} of ${number(one.peakWatts)} W at start`;
    alike.set(text, [...(alike.get(text) ?? []), one.id]);
  }
  if (alike.size === 0) return [];
  return [
    "Supplies",
    ...[...alike].flatMap(([text, ids]) => wrap(`${foldNodeSet(ids)}: ${ids.length > 1 ? "each " : ""}${text}`)),
  ];
}

function breakerLines(truths: Truths): string[] {
  if (truths.breakers.length === 0) return [];
  const lines = ["PDUs, worst load by profile"];
  const alike = new Map<string, string[]>();
  for (const breaker of truths.breakers) {
    const cases = breaker.cases
      .map((one) => `${one.profile} ${number(one.worst.watts)} W${one.isAllowed ? "" : " (too much)"}`)
      .join(", ");
    const text = `allowed ${number(breaker.allowed.watts)} of ${number(breaker.rating.watts)} W (${number(breaker.allowed.amps)} A); ${cases}`;
    alike.set(text, [...(alike.get(text) ?? []), breaker.pdu]);
  }
  for (const [text, ids] of alike) lines.push(...wrap(`${foldNodeSet(ids)}: ${text}`));
  return lines;
}

function groupLines(truths: Truths): string[] {
  if (truths.groups.length === 0) return [];
  const name = Math.max(...truths.groups.map((group) => group.id.length));
  const outlet = Math.max(...truths.groups.map((group) => group.outlet.length));
  const row = (group: GroupTruth) => {
    const along = group.takesAlong.length === 0 ? "" : ` + ${foldNodeSet(group.takesAlong)}`;
    const load = `${number(group.steady.amps)} A, ${number(group.start.amps)} A at start`;
    return fit(
      `  ${group.id.padEnd(name)}  ${group.outlet.padEnd(outlet)}  ${String(group.boards).padStart(4)}  ${load}: ${group.nodeSet}${along}`,
    );
  };
  return ["Groups: the smallest sets power can reach; cycling one takes along", ...truths.groups.flatMap(row)];
}

function alongLines(truths: Truths): string[] {
  const own = new Set(truths.groups.map((group) => group.outlet));
  const others = truths.outlets.filter((outlet) => !own.has(outlet.id) || outlet.forces.length > 0);
  const lines = others.flatMap((outlet) => {
    const boards = outlet.boards === 0 ? [] : [count(outlet.boards, "board")];
    const dark = [...outlet.things, ...boards].join(", ");
    const forced = outlet.forces.length === 0 ? "" : `; then also off: ${foldNodeSet(outlet.forces)}`;
    return wrap(
      `${outlet.circuit} (${outlet.id})${outlet.isAlwaysOn ? ", always on" : ""}: ${dark === "" ? "nothing" : dark}${forced}`,
    );
  });
  return lines.length === 0 ? [] : ["Other outlets: what goes dark with each", ...lines];
}

function addressLines(truths: Truths): string[] {
  const { addresses } = truths;
  const range = addresses.first === null ? "no board has one" : `${addresses.first} to ${addresses.last}`;
  const lines = [
    "Addresses",
    ...wrap(
      `${range}, in ${addresses.network}: ${addresses.known} known, ${addresses.given - addresses.known} by rule, ${addresses.unknown} open; ${addresses.macs} MACs known`,
    ),
  ];
  for (const stray of addresses.strays)
    lines.push(...wrap(`${stray.address} was seen on ${stray.switch} and is no board's address`));
  return lines;
}

function orderLines(truths: Truths): string[] {
  const alike = new Map<string, string[]>();
  const ownCircuit = new Map(truths.outlets.flatMap((outlet) => outlet.things.map((id) => [id, outlet.circuit])));
  for (const need of truths.needs) {
    // That a thing needs its own circuit is said once for all of them.
    if (need.needs.every((one) => one === ownCircuit.get(need.what))) continue;
    const text = need.needs.join(", ");
    alike.set(text, [...(alike.get(text) ?? []), need.what]);
  }
  const needs = [...alike].flatMap(([text, what]) => wrap(`${foldNodeSet(what)} needs ${text}`));
  const steps = truths.order.flatMap((step, i) => wrap(`${i + 1}. ${foldNodeSet(step)}`));
  return [
    ...(needs.length === 0 ? [] : ["What needs what, beside its own circuit", ...needs, ""]),
    "Order of power",
    ...steps,
  ];
}

function count(amount: number, word: string, plural = "s"): string {
  return `${amount} ${word}${amount === 1 ? "" : plural}`;
}

function number(value: number): string {
  return String(value);
}

/** One line, broken at spaces or commas, indented; the rest of it two deeper. */
function wrap(text: string, indent = 2): string[] {
  return fit(" ".repeat(indent) + text);
}

function fit(line: string): string[] {
  const lines: string[] = [];
  const deeper = " ".repeat(line.length - line.trimStart().length + 2);
  let rest = line;
  while (rest.length > width) {
    const from = deeper.length;
    const space = rest.lastIndexOf(" ", width);
    const comma = rest.lastIndexOf(",", width - 1) + 1;
    const cut = space > from ? space : comma > from ? comma : width;
    lines.push(rest.slice(0, cut).trimEnd());
    rest = deeper + rest.slice(cut).trimStart();
  }
  return [...lines, rest];
}
