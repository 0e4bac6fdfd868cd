import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type FakeClock, fakeClock } from "@bramble/core/base";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createRig, plainOutcome, type Rig, type RunMessage } from "./rig.ts";

const operation = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant("post" as const), user: fc.nat(2) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("ready" as const), board: fc.nat(2), slots: fc.nat(2) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("back" as const), board: fc.nat(2), slots: fc.nat(2) }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant("answer" as const), run: fc.nat(20), times: fc.nat(1) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("lose" as const), board: fc.nat(2) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("wait" as const), ms: fc.constantFrom(100, 11_000, 40_000) }) },
  { weight: 1, arbitrary: fc.constant({ do: "restart" as const }) },
  { weight: 1, arbitrary: fc.constant({ do: "fullDisk" as const }) },
);
type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never;

test("whatever is lost, late, doubled or restarted, every post has one result and no SAVE is lost", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(operation, { maxLength: 60 }), async (operations) => {
      const folder = mkdtempSync(join(tmpdir(), "bramble-desk-"));
      const world = new World(join(folder, "head.db"));
      try {
        await world.start();
        for (const each of operations) await world.apply(each);
        await world.drain();
      } finally {
        await world.rig[Symbol.asyncDispose]();
        rmSync(folder, { recursive: true });
      }
    }),
    { numRuns: 40 },
  );
});

/** A head with three boards, seen from outside: what the public was answered, what the boards were sent. */
class World {
  rig!: Rig;
  readonly #path: string;
  readonly #clock: FakeClock = fakeClock();
  readonly #tokens = new Map<string, string>();
  readonly #posted: string[] = [];
  readonly #runs: { readonly board: number; readonly message: RunMessage }[] = [];

  constructor(path: string) {
    this.#path = path;
  }

  async start(): Promise<void> {
    this.rig = await createRig({ path: this.#path, clock: this.#clock });
    for (const n of [1, 2, 3]) this.rig.board(n);
  }

  async apply(each: Operation): Promise<void> {
    const { rig } = this;
    switch (each.do) {
      case "post":
        await this.#post(`u${each.user}`);
        break;
      case "ready":
        rig.work.desk.ready(rig.board(each.board + 1), each.slots);
        break;
      case "back":
        rig.work.desk.ready(rig.board(each.board + 1), each.slots, []);
        break;
      case "answer":
        for (let n = 0; n <= each.times; n++) await this.#answer(this.#runs.at(-1 - each.run));
        break;
      case "lose":
        rig.work.desk.gone(rig.board(each.board + 1, { isLinked: false }));
        break;
      case "wait":
        await this.#clock.advance(each.ms);
        break;
      case "restart":
        await rig[Symbol.asyncDispose]();
        await this.start();
        break;
      case "fullDisk":
        rig.db.read((raw) => raw.exec("PRAGMA query_only = ON"));
        await this.#answer(this.#runs.at(-1));
        rig.db.read((raw) => raw.exec("PRAGMA query_only = OFF"));
        break;
    }
    await this.#collect();
  }

  /** One patient board answers everything that is left; each post ends, each user's SAVEs add up. */
  async drain(): Promise<void> {
    for (const n of [1, 2, 3]) this.rig.work.desk.gone(this.rig.board(n));
    await this.apply({ do: "wait", ms: 40_000 });
    for (let turn = 0; turn <= this.#posted.length * 2; turn++) {
      this.rig.work.desk.ready(this.rig.board(1), 1);
      await this.#collect();
      await this.#answer(this.#runs.at(-1));
    }
    const ended = this.#posted.map((id) => this.rig.work.find(id));
    expect(ended.filter(({ state }) => state === "queued" || state === "leased")).toEqual([]);
    for (const user of ["web:u0", "web:u1", "web:u2"]) {
      const done = ended.filter((warble) => warble.user === user && warble.state === "done");
      // Each run saw the SAVE of the one before it, in the order accepted.
      expect(done.map(({ out }) => out[0])).toEqual(done.map((_, n) => String(n + 1)));
      expect(this.rig.store.saved(user).n ?? "0").toBe(String(done.length));
    }
    const failed = ended.filter(({ state }) => state === "failed");
    expect(failed.every(({ error }) => error?.class === "LOST")).toBe(true);
    const { done, failed: lost, queued, leased } = this.rig.work.counters();
    expect([done + lost, queued, leased]).toEqual([this.#posted.length, 0, 0]);
  }

  async #post(user: string): Promise<void> {
    const { id, token } = await this.rig.work.post({ text: "{1}", user, token: this.#tokens.get(user) ?? null });
    if (token !== undefined) this.#tokens.set(user, token);
    this.#posted.push(id);
  }

  /** A board adds one to what its user saved and prints it. */
  async #answer(run: { readonly board: number; readonly message: RunMessage } | undefined): Promise<void> {
    if (run === undefined) return;
    const n = String(Number(run.message.saved.n ?? 0) + 1);
    const outcome = { ...plainOutcome, out: [n], saves: { n } };
    try {
      await this.rig.work.desk.result(this.rig.board(run.board), run.message.lease, outcome, 5);
    } catch {
      // Not acknowledged: the board would send it again.
    }
    await this.rig.settle();
  }

  async #collect(): Promise<void> {
    await this.rig.settle();
    for (const { board, message } of this.rig.sent.splice(0)) {
      if (message.type === "run") this.#runs.push({ board: Number(board.slice(-1)), message });
    }
  }
}
