import { appendFileSync } from "node:fs";
import { flushCompileCache } from "node:module";
import { DatabaseSync, StatementSync } from "node:sqlite";
import { type Death, type Fate, isDue, readDeaths } from "./deaths.ts";

/*
 * Imported before a head's own program (`node --import`): it kills this process, as `kill -9` does, at the very entry of
 * the power journal that is due. Seen from outside a step may come and go between two looks; here none does. The head
 * knows nothing of it.
 */

const { BRAMBLE_TEST_DEATHS: file = "", BRAMBLE_TEST_FATE: fate } = process.env;
const before = readDeaths(file);
/** Steps by the number of their move. */
const moveOf = new Map<unknown, string>();
let due: Death | null = null;

const die = ({ step, moment }: Death): void => {
  appendFileSync(file, `${moment} ${step}\n`);
  // Node writes it when a process ends by itself; the next head starts sooner with it.
  flushCompileCache();
  process.kill(process.pid, "SIGKILL");
};
const meet = (death: Death): boolean => isDue(fate as Fate, death, before);

const { run, get } = StatementSync.prototype;
StatementSync.prototype.run = function (this: StatementSync, ...values: never[]) {
  const [first, second] = values as unknown[];
  if (/^INSERT INTO power_steps\b/.test(this.sourceSQL)) {
    const { step, state } = first as { readonly step: string; readonly state: string };
    const death = { step, moment: state === "running" ? "begun" : "ended" } as const;
    if (meet(death)) due = death;
  }
  if (/^UPDATE power_moves\b/.test(this.sourceSQL) && first === "seen") {
    const death = { step: moveOf.get(second) ?? "", moment: "switched" } as const;
    if (meet(death)) die(death);
  }
  return Reflect.apply(run, this, values);
};
StatementSync.prototype.get = function (this: StatementSync, ...values: never[]) {
  const row = Reflect.apply(get, this, values);
  if (/^INSERT INTO power_moves\b/.test(this.sourceSQL)) {
    const step = String(values[1]);
    moveOf.set(row?.id, step);
    if (meet({ step, moment: "intended" })) due = { step, moment: "intended" };
  }
  return row;
};
const { exec } = DatabaseSync.prototype;
DatabaseSync.prototype.exec = function (sql) {
  exec.call(this, sql);
  // Written down for good, and nobody has been told yet.
  if (sql === "COMMIT" && due !== null) die(due);
};
