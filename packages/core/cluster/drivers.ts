import { nearest } from "../base/index.ts";
import type { Resolving } from "./context.ts";
import type { Path } from "./document.ts";
import { expectedOf, isOfForm, type Make } from "./setting-form.ts";

/**
 * Tell every driver of the file that this version does not have, and every setting that its driver does not know, cannot
 * read or misses. What nobody can switch is an error; what only cannot be shown or read is a warning.
 */
export function checkDrivers(resolving: Resolving, makes: readonly Make[]): void {
  const { models, pdus = [], switches, devices = [] } = resolving.file;
  const find = (id: string, moves: Make["moves"]): Make | null =>
    makes.find((make) => make.id === id && make.moves === moves) ?? null;
  const power = (id: string, path: Path): Make | null => {
    const make = find(id, "power");
    if (make === null) {
      const ids = makes.filter(({ moves }) => moves === "power").map((each) => each.id);
      const near = nearest(id, ids);
      const message = `no driver "${id}" in this version${near === null ? `; there are ${ids.join(", ")}` : `; did you mean "${near}"?`}`;
      resolving.error("cluster.driver-unknown", path, message, {
        expected: "a driver of docs/driver.md",
        nearest: near,
      });
    }
    return make;
  };

  const makeOf = new Map<string, Make>();
  for (const [name, model] of Object.entries(models)) {
    const path: Path = ["models", name];
    if (model.kind === "pdu") {
      const make = power(model.driver, [...path, "driver"]);
      if (make === null) continue;
      makeOf.set(name, make);
      checkSettings(resolving, make, model.settings, [...path, "settings"]);
    }
    if (model.kind !== "switch") continue;
    const { poe, mac_table } = model;
    if (mac_table !== undefined)
      resolving.warn(
        "cluster.driver-unknown",
        [...path, "mac_table"],
        `no driver "${mac_table}" in this version: nobody reads the MAC table of these switches`,
      );
    const isUsed = switches.some((one) => one.model === name);
    const make = poe === undefined ? null : power(poe.driver, [...path, "poe", "driver"]);
    if (make === null) continue;
    checkSettings(resolving, make, poe?.settings, [...path, "poe", "settings"]);
    if (isUsed) checkNeeded(resolving, make, { ...poe?.settings }, [...path, "poe"], name);
  }
  for (const [at, pdu] of pdus.entries()) {
    const make = makeOf.get(pdu.model);
    const model = models[pdu.model];
    if (make === undefined || model?.kind !== "pdu") continue;
    checkSettings(resolving, make, pdu.settings, ["pdus", at, "settings"]);
    checkNeeded(resolving, make, { ...model.settings, ...pdu.settings }, ["pdus", at], pdu.id);
  }
  for (const [at, { id, kind, driver, settings }] of devices.entries()) {
    if (driver === undefined) continue;
    const moves = movesOf[kind] ?? "power";
    const make = find(driver, moves);
    if (make === null) {
      const near = nearest(
        driver,
        makes.filter((each) => each.moves === moves).map((each) => each.id),
      );
      const meant = near === null ? "" : `; did you mean "${near}"?`;
      resolving.warn(
        "cluster.driver-unknown",
        ["devices", at, "driver"],
        `no driver "${driver}" in this version: only a simulated ${id} does anything${meant}`,
        { nearest: near },
      );
      continue;
    }
    checkSettings(resolving, make, settings, ["devices", at, "settings"]);
    checkNeeded(resolving, make, { ...settings }, ["devices", at], id);
  }
}

function checkSettings(
  resolving: Resolving,
  make: Make,
  settings: Readonly<Record<string, unknown>> | undefined,
  path: Path,
): void {
  const known = Object.keys(make.settings);
  for (const [key, said] of Object.entries(settings ?? {})) {
    const setting = Object.hasOwn(make.settings, key) ? make.settings[key] : undefined;
    if (setting === undefined) {
      const near = nearest(key, known);
      const instead =
        near !== null ? `did you mean "${near}"?` : known.length === 0 ? "it has none" : `it has ${known.join(", ")}`;
      resolving.error("cluster.driver-setting", [...path, key], `${make.id} has no setting "${key}"; ${instead}`, {
        nearest: near,
      });
    } else if (!isOfForm(setting.form, said))
      resolving.error(
        "cluster.driver-setting",
        [...path, key],
        `${make.id}: ${key} is ${JSON.stringify(said).slice(0, 60)}`,
        { expected: expectedOf(setting.form) },
      );
  }
}

function checkNeeded(
  resolving: Resolving,
  make: Make,
  settings: Readonly<Record<string, unknown>>,
  path: Path,
  who: string,
): void {
  for (const [key, { form, isNeeded }] of Object.entries(make.settings))
    if (isNeeded && !Object.hasOwn(settings, key))
      resolving.error("cluster.driver-setting", path, `${who}: ${make.id} needs the setting "${key}"`, {
        expected: `settings: { ${key}: ${expectedOf(form)} }`,
      });
}

/** What kinds of devices are moved by; all others by drivers of power (a solenoid is pressed by one). */
const movesOf: Readonly<Record<string, Make["moves"]>> = { pixels: "light", speaker: "sound" };
