import type { BoardBody, ClusterAnswer, PostedAnswer, WarbleBody } from "@bramble/core/api";
import { expect } from "vitest";
import type { Ran } from "./support/corpus.ts";
import { corpus, differenceOf } from "./support/corpus.ts";
import type { DemoProcess } from "./support/demo-process.ts";
import { bramble } from "./support/demo-process.ts";

/** The stories of the whole system, told of any running demo; `npm test` tells them of 84 boards, `npm run e2e` of 1050. */

/** Every board of the file comes up, and this computer beside them as one real board. Gives how long that took. */
export async function allWakeUp(demo: DemoProcess, boards: number, withinMs: number): Promise<number> {
  const took = await demo.until(({ states }) => (states.up ?? 0) >= boards + 1, withinMs);
  const { boards: all } = await demo.get<{ boards: BoardBody[] }>("/boards?state=up&limit=5000");
  expect(all.filter(({ simulated }) => simulated)).toHaveLength(boards);
  const real = all.filter(({ simulated }) => !simulated);
  expect(real).toHaveLength(1);
  expect(real[0]!.name).toMatch(/^x-[0-9a-f]{6}$/);
  return took;
}

/** The printed examples of the publication, posted as the public would; each names its board. */
export async function publicationRuns(demo: DemoProcess): Promise<void> {
  const names = new Set<string>();
  for (const program of corpus("doc")) {
    const user = `web:story-${program.name}`;
    let token: string | undefined;
    const send = async (source: string): Promise<WarbleBody> => {
      const { status, body } = await demo.post<PostedAnswer>("/warbles", { text: source, user }, token);
      expect(status, JSON.stringify(body)).toBe(202);
      token ??= body.token;
      for (;;) {
        const warble = await demo.get<WarbleBody>(`/warbles/${body.id}?wait=10`);
        if (warble.state === "done" || warble.state === "failed") return warble;
      }
    };
    for (const { source } of program.before ?? []) await send(source);
    const warble = await send(program.source);
    expect({ name: program.name, state: warble.state, out: warble.out, error: warble.error }).toEqual({
      name: program.name,
      state: "done",
      out: program.expect.out,
      error: null,
    });
    expect(warble.effects).toEqual(program.effects ?? []);
    expect(warble.board).not.toBeNull();
    names.add(warble.board!);
  }
  expect(names.size).toBeGreaterThan(1);
}

/** The whole corpus in the head's own sandbox, by POST /warbles/run. */
export async function corpusRunsHere(demo: DemoProcess): Promise<void> {
  const wrong: string[] = [];
  for (const program of corpus()) {
    // Programs that keep values get a name of their own, for the others' values are in the same head.
    const isAlone = /SAVE|LOAD|DATA/i.test(program.source);
    const runAs = (user: string, text: string) =>
      demo.post<Ran>("/warbles/run", { text, user: isAlone ? `web:${program.name}-${user}` : user, noSleep: true });
    for (const { user, source } of program.before ?? []) await runAs(user, source);
    const { status, body } = await runAs(program.user ?? "ada", program.source);
    const difference = status === 200 ? differenceOf(program, body) : `${program.name}: ${status}`;
    if (difference !== null) wrong.push(difference);
  }
  expect(wrong).toEqual([]);
}

/** LIGHTS of a posted program changes the lamp. */
export async function lampChanges(demo: DemoProcess): Promise<void> {
  const { body } = await demo.post<PostedAnswer>("/warbles", {
    text: "#pi{LIGHTS(7,12,34,56)}",
    user: "web:story-lamp",
  });
  await demo.get(`/warbles/${body.id}?wait=10`);
  const { lights } = await demo.get<{ lights: [number, number, number][] }>("/lights");
  expect(lights).toHaveLength(24);
  expect(lights[7]).toEqual([12, 34, 56]);
}

/** A whole group falls silent without closing anything: seen, named, and up again without a restart of anything. */
export async function groupFallsSilent(
  demo: DemoProcess,
  set: string,
  size: number,
): Promise<{ silentMs: number; upMs: number }> {
  const before = await demo.get<ClusterAnswer>("/cluster");
  const up = before.states.up ?? 0;
  const killed = await bramble(["sim", "kill", set, "--control", String(demo.control)]);
  expect(killed, killed.err).toMatchObject({ code: 0 });
  const silentMs = await demo.until(({ states }) => (states.silent ?? 0) >= size, 10_000);
  const { boards } = await demo.get<{ boards: BoardBody[] }>("/boards?state=silent&limit=5000");
  expect(boards).toHaveLength(size);
  const status = await bramble(["status"], { BRAMBLE_HEAD: demo.url });
  expect(status.out).toContain(`${size} silent`);
  const revived = await bramble(["sim", "revive", set, "--control", String(demo.control)]);
  expect(revived, revived.err).toMatchObject({ code: 0 });
  const upMs = await demo.until(({ states }) => (states.up ?? 0) >= up, 60_000);
  return { silentMs, upMs };
}
