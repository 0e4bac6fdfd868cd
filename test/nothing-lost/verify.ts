import type { Agent } from "@bramble/agent";
import type { BoardBody, ClusterAnswer, WarbleBody } from "@bramble/core/api";
import type { Mac } from "@bramble/core/base";
import { expect } from "vitest";
import { pause } from "../bench/process.ts";
import type { Ledger } from "./ledger.ts";
import { warbleOfLease } from "./ledger.ts";
import { ask } from "./load.ts";

/** Waits until every Warble has ended and every sample that an agent ever sent is stored; gives how long that took. */
export async function allDone(url: string, ledger: Ledger, agents: readonly Agent[]): Promise<number> {
  const from = performance.now();
  const sent = new Map([...ledger.sent].map(([mac, times]) => [mac, new Set(times)]));
  for (;;) {
    const answer = await ask(url, "/cluster");
    const isIdle = answer !== null && isQueueEmpty(answer.body as ClusterAnswer);
    const isTaken = agents.every((agent) => agent.facts().work.unconfirmed === 0);
    // An agent lets go of nothing that was not answered: even what a kill caught on its way comes again.
    const isStored = [...sent].every(([mac, times]) => [...times].every((at) => ledger.stored.get(mac)?.has(at)));
    const took = performance.now() - from;
    if (isIdle && isTaken && isStored) return took;
    if (took > 60_000) throw new Error(`not done after a minute: ${JSON.stringify({ answer, isTaken, isStored })}`);
    await pause(50);
  }
}

/** Ask a head for everything that was ever promised in its name. */
export async function verify(url: string, ledger: Ledger): Promise<void> {
  await verifyRegistrations(url, ledger);
  for (const [mac, times] of ledger.stored) await verifySamples(url, mac, times);
  await verifyWarbles(url, ledger);
}

async function verifyRegistrations(url: string, { registered }: Ledger): Promise<void> {
  const { boards } = await get<{ boards: BoardBody[] }>(url, "/boards?limit=5000");
  const names = new Map(boards.map(({ mac, name }) => [mac, name]));
  for (const [mac, name] of registered) expect({ mac, name: names.get(mac) }).toEqual({ mac, name });
}

async function verifySamples(url: string, mac: Mac, times: ReadonlySet<number>): Promise<void> {
  // Boards that still live are promised more while we read.
  const promised = [...times];
  const found = new Map<number, number>();
  let cursor: string | null = "";
  while (cursor !== null) {
    const page: { samples: { at: number }[]; next: string | null } = await get(
      url,
      `/boards/${mac}/samples?limit=1000${cursor === "" ? "" : `&cursor=${cursor}`}`,
    );
    for (const { at } of page.samples) found.set(at, (found.get(at) ?? 0) + 1);
    cursor = page.next;
  }
  const lost = promised.filter((at) => !found.has(at));
  expect({ mac, lost }).toEqual({ mac, lost: [] });
  const doubled = [...found].filter(([, count]) => count > 1);
  expect({ mac, doubled }).toEqual({ mac, doubled: [] });
}

async function verifyWarbles(url: string, { posted, reported, taken, read }: Ledger): Promise<void> {
  const byUser = new Map<string, WarbleBody[]>();
  for (const user of new Set(posted.values())) byUser.set(user, await warblesOf(url, user));
  const all = new Map([...byUser.values()].flat().map((warble) => [warble.id, warble]));

  for (const [id, user] of posted)
    expect(all.get(id), `${id} of ${user} was accepted`).toMatchObject({ state: "done" });
  for (const [id, out] of read) expect(all.get(id)?.out.join("\n"), `${id} was read`).toBe(out);

  const said = new Map<string, Set<string>>();
  for (const [lease, out] of reported)
    said.set(warbleOfLease(lease), (said.get(warbleOfLease(lease)) ?? new Set()).add(out));
  for (const lease of taken) {
    const warble = all.get(warbleOfLease(lease));
    expect(warble, `${lease} was taken`).toMatchObject({ state: "done" });
    expect(said.get(warble!.id), `the result of ${lease}`).toContain(warble!.out.join("\n"));
  }
  // One result each, in the order accepted, and each saved: every Warble has read what the one before it saved.
  for (const [user, warbles] of byUser) {
    const counts = warbles.toSorted((a, b) => numberOf(a) - numberOf(b)).map(({ out }) => Number(out[0]));
    expect({ user, counts }).toEqual({ user, counts: counts.map((_, place) => place + 1) });
  }
}

async function warblesOf(url: string, user: string): Promise<WarbleBody[]> {
  const found: WarbleBody[] = [];
  let cursor: string | null = null;
  do {
    const from: string = cursor === null ? "" : `&cursor=${cursor}`;
    const page: { warbles: WarbleBody[]; next: string | null } = await get(
      url,
      `/warbles?user=${user}&limit=500${from}`,
    );
    found.push(...page.warbles);
    cursor = page.next;
  } while (cursor !== null);
  return found;
}

function numberOf({ id }: WarbleBody): number {
  return Number(id.slice(1));
}

async function get<T>(url: string, path: string): Promise<T> {
  const answer = await ask(url, path);
  expect(answer?.status, path).toBe(200);
  return answer!.body as T;
}

function isQueueEmpty({ warbles }: ClusterAnswer): boolean {
  return warbles.queued + warbles.leased === 0;
}
