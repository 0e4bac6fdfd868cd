import { mac, silentLog } from "@bramble/core/base";
import type { Outcome } from "@bramble/core/work";
import { openDatabase } from "./database.ts";
import { workMigrations, workStore } from "./work.ts";

/*
 * The child of work-crash.test.ts: posts, claims and ends Warbles as fast as it can until it is killed, and says each
 * acknowledgement on stdout.
 */

const db = openDatabase(process.argv[2]!, workMigrations, { log: silentLog, schedule: setImmediate });
const store = workStore(db);
const board = mac("b8:27:eb:00:00:01");
const users = ["web:ada", "web:bob", "web:cy"];
const say = (line: string): void => void process.stdout.write(`${line}\n`);

const work = async (user: string): Promise<void> => {
  const { number } = await store.accept({ user, post: "{1}", at: 1, seed: 1, name: null, result: null });
  say(`accepted ${number}`);
  await runOnce(number, 1);
};

const runOnce = async (number: number, attempt: number): Promise<void> => {
  const lease = `${number}.${attempt}`;
  const [claimed] = await store.claim([{ number, lease, mac: board, board: "b0001", attempt, until: 1 }]);
  const count = Number(claimed!.saved.count ?? 0) + 1;
  const outcome: Outcome = {
    ...{ out: [String(count)], effects: [], error: null, warnings: [], steps: 1, data: {} },
    saves: { count: String(count) },
  };
  if (await store.end({ number, lease, state: "done", outcome, at: 1, ms: 1 })) say(`ended ${number}`);
};

for (const { number, attempts } of store.open()) await runOnce(number, attempts + 1);
say("begun");
await Promise.all(
  users.map(async (user) => {
    for (;;) await work(user);
  }),
);
