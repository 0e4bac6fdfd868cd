import type { Mac, Millis } from "@bramble/core/base";
import type { Outcome, WarbleState } from "@bramble/core/work";
import type { Database, Migration } from "./database.ts";
import { claimName, playerMigrations, playerStatements } from "./players.ts";
import { readData, readSaved, valueMigrations, valueStatements, writeData, writeSaved } from "./values.ts";
import type { OpenWarble, StoredWarble, WarbleQuery } from "./warbles.ts";
import { rowToOpen, rowToWarble, warbleMigrations, warbleStatements } from "./warbles.ts";

/** The part of an outcome that is kept with its Warble. */
export type StoredResult = Omit<Outcome, "saves" | "data">;

/** A post to be accepted. Token hashes are `hashToken`s, never tokens. */
export type NewPost = {
  readonly user: string;
  readonly post: string;
  readonly at: Millis;
  readonly seed: number;
  /** The claim on the name: the token shown, and the one to give out when the name is new. Null: the name cannot be claimed. */
  readonly name: { readonly shown: string | null; readonly fresh: string } | null;
  /** The result, when it is known without a board. */
  readonly result: StoredResult | null;
};

type Claim = {
  readonly number: number;
  readonly lease: string;
  readonly mac: Mac;
  /** The board's name. */
  readonly board: string;
  readonly attempt: number;
  /** Wall clock. */
  readonly until: Millis;
};

/** What the board needs to run a claimed Warble. */
export type Claimed = {
  readonly lease: string;
  readonly post: string;
  readonly seed: number;
  readonly saved: Readonly<Record<string, string>>;
  readonly data: Readonly<Record<string, string>>;
};

type Ending = {
  readonly number: number;
  readonly lease: string;
  readonly state: "done" | "failed";
  readonly outcome: Outcome;
  readonly at: Millis;
  readonly ms: number | null;
};

/** The durable queue of Warbles with the values and names of their users. Every promise resolves after its commit. */
export type WorkStore = {
  /** @throws ClusterError `auth.player` when the name belongs to another token. */
  accept(post: NewPost): Promise<{ readonly number: number; readonly isNewName: boolean }>;
  /** Lease queued Warbles, all or none. */
  claim(claims: readonly Claim[]): Promise<readonly Claimed[]>;
  /** Leases that ended without a result: the Warbles wait again. */
  requeue(leases: readonly { readonly number: number; readonly lease: string }[]): Promise<void>;
  /** End a Warble with its result and its user's values, once. False when that lease is not the one that holds it. */
  end(ending: Ending): Promise<boolean>;
  /** End a Warble that waits in the queue, without a board. False when it does not wait. */
  withdraw(number: number, outcome: Outcome, at: Millis): Promise<boolean>;
  /** Whether this token hash is that of the user's name. */
  isHolder(user: string, token: string): boolean;
  /** Forget the oldest ended Warbles past the bound, at most 1000 a call. @returns how many. */
  prune(): Promise<number>;
  /** Everything queued or leased, in the order accepted. */
  open(): readonly OpenWarble[];
  /** Warbles ever ended, forgotten ones included. */
  totals(): { readonly done: number; readonly failed: number };
  find(number: number): StoredWarble | null;
  /** Newest first. */
  list(query: WarbleQuery): readonly StoredWarble[];
  saved(user: string): Readonly<Record<string, string>>;
};

/** How much of what is done is kept. */
export type HistoryLimits = {
  /** Ended Warbles kept, and characters of their results in all. */
  readonly warbles: number;
  readonly chars: number;
};

export type { StoredWarble } from "./warbles.ts";

/** How many ended Warbles are kept unless told otherwise. */
const defaultHistory: HistoryLimits = { warbles: 10_000, chars: 256 * 1024 * 1024 };

/** The schema of the room, in order. */
export const workMigrations: readonly Migration[] = [...warbleMigrations, ...valueMigrations, ...playerMigrations];

/** The room's slice of the database. */
export function workStore(db: Database, history: HistoryLimits = defaultHistory): WorkStore {
  const statements = db.read((raw) => ({
    ...warbleStatements(raw),
    values: valueStatements(raw),
    players: playerStatements(raw),
  }));
  // Counted along, so that nobody has to scan the table to know that it is full. Changed only after the commit.
  const kept = db.read(() => {
    const { warbles, chars } = statements.weigh.get()!;
    return { warbles: Number(warbles), chars: Number(chars) };
  });
  const weigh = (warbles: number, chars: number): void => {
    kept.warbles += warbles;
    kept.chars += chars;
  };
  return {
    async accept({ user, post, at, seed, name, result }) {
      const state: WarbleState = result === null ? "queued" : "done";
      const text = result === null ? null : JSON.stringify(result);
      const size = text?.length ?? 0;
      const accepted = await db.write(() => {
        const isNewName = name !== null && claimName(statements.players, user, name, at);
        const ended = result === null ? null : at;
        const { lastInsertRowid } = statements.insert.run(user, post, state, at, seed, ended, size, text);
        return { number: Number(lastInsertRowid), isNewName };
      });
      if (result !== null) weigh(1, size);
      return accepted;
    },
    claim: (claims) =>
      db.write(() =>
        claims.map(({ number, lease, mac, board, attempt, until }) => {
          const row = statements.claim.get(lease, mac, board, attempt, until, number);
          if (row === undefined) throw new Error(`warble ${number} is not queued`);
          const user = String(row.user);
          return {
            lease,
            post: String(row.post),
            seed: Number(row.seed),
            saved: readSaved(statements.values, user),
            data: readData(statements.values, user, mac),
          };
        }),
      ),
    requeue: (leases) =>
      db.write(() => {
        for (const { number, lease } of leases) statements.requeue.run(number, lease);
      }),
    async end({ number, lease, state, outcome, at, ms }) {
      const { saves, data, ...result } = outcome;
      const text = JSON.stringify(result);
      const isFirst = await db.write(() => {
        const row = statements.end.get(state, at, ms, text.length, text, number, lease);
        if (row === undefined) return false;
        const user = String(row.user);
        writeSaved(statements.values, user, saves);
        writeData(statements.values, user, String(row.mac) as Mac, data, at);
        return true;
      });
      if (isFirst) weigh(1, text.length);
      return isFirst;
    },
    async withdraw(number, { saves: _saves, data: _data, ...result }, at) {
      const text = JSON.stringify(result);
      const isFirst = await db.write(() => statements.withdraw.get(at, text.length, text, number) !== undefined);
      if (isFirst) weigh(1, text.length);
      return isFirst;
    },
    isHolder: (user, token) => db.read(() => statements.players.find.get(user)?.token === token),
    async prune() {
      if (kept.warbles <= history.warbles && kept.chars <= history.chars) return 0;
      const forgotten = await db.write(() => {
        const left = { ...kept };
        const rows: { readonly number: number; readonly state: string; readonly size: number }[] = [];
        for (const { number, state, size } of statements.oldest.all()) {
          if (left.warbles <= history.warbles && left.chars <= history.chars) break;
          left.warbles--;
          left.chars -= Number(size);
          rows.push({ number: Number(number), state: String(state), size: Number(size) });
        }
        for (const { number, state } of rows) {
          statements.count.run(state);
          statements.remove.run(number);
        }
        return rows;
      });
      for (const { size } of forgotten) weigh(-1, -size);
      return forgotten.length;
    },
    open: () => db.read(() => statements.open.all().map(rowToOpen)),
    totals: () =>
      db.read(() => {
        const totals = { done: 0, failed: 0 };
        for (const row of statements.totals.all()) {
          if (row.state === "done" || row.state === "failed") totals[row.state] += Number(row.count);
        }
        return totals;
      }),
    find: (number) =>
      db.read(() => {
        const row = statements.find.get(number);
        return row === undefined ? null : rowToWarble(row);
      }),
    list: ({ user, state, before, limit }) =>
      db.read(() => statements.list.all(user, user, state, state, before, before, limit).map(rowToWarble)),
    saved: (user) => db.read(() => readSaved(statements.values, user)),
  };
}
