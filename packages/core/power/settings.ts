import { nearest } from "../base/index.ts";
import { expectedOf, isOfForm, type SettingForm } from "../cluster/index.ts";
import type { PowerConfig, PowerDriver } from "./driver.ts";
import { PowerError } from "./errors.ts";
import type { HostPort } from "./transport.ts";

/** What a setting may be in the cluster file. */
export type SettingValue = string | number | boolean | readonly string[];

/** One key of a driver's settings: how it is read and how it is explained. */
export type Setting<T> = {
  /** What it does, for the docs. */
  readonly what: string;
  /** What it may be, for whoever checks a file without the driver. */
  readonly form: SettingForm;
  /** What was expected, for messages: `a whole number from 1 to 4`. */
  readonly expected: string;
  /** What counts when the file is silent; undefined: the file must say it. */
  readonly fallback: T | undefined;
  /** The value, or undefined when it is not what was expected. */
  read(said: SettingValue): T | undefined;
};

/** A driver's settings by key. */
export type Settings = Readonly<Record<string, Setting<unknown>>>;

/** The values that `readSettings` gives. */
export type SettingsOf<S extends Settings> = {
  readonly [K in keyof S]: S[K] extends Setting<infer T> ? T : never;
};

/** A setting of words: at most 1000 characters, none of them a control character. */
export function text(what: string, fallback?: string): Setting<string> {
  return setting(what, { kind: "text" }, fallback, (said) => said as string);
}

/** A setting that is a list of texts: 1 to 64 of them, each as `text` has it. */
export function list(what: string, fallback?: readonly string[]): Setting<readonly string[]> {
  return setting(what, { kind: "list" }, fallback, (said) => said as readonly string[]);
}

/** A setting that is a regular expression. */
export function pattern(what: string, fallback?: RegExp): Setting<RegExp> {
  return setting(what, { kind: "pattern" }, fallback, (said) => new RegExp(said as string, "i"));
}

/** A setting that is a whole number in a range. */
export function whole(what: string, from: number, to: number, fallback?: number): Setting<number> {
  return setting(what, { kind: "whole", from, to }, fallback, (said) => said as number);
}

/** A setting that is true or false. */
export function flag(what: string, fallback?: boolean): Setting<boolean> {
  return setting(what, { kind: "flag" }, fallback, (said) => said as boolean);
}

/** A setting that is one of some words. */
export function choice<const W extends string>(what: string, words: readonly W[], fallback?: W): Setting<W> {
  return setting(what, { kind: "choice", words }, fallback, (said) => String(said) as W);
}

function setting<T>(
  what: string,
  form: SettingForm,
  fallback: T | undefined,
  convert: (said: SettingValue) => T,
): Setting<T> {
  return {
    ...{ what, form, expected: expectedOf(form), fallback },
    read: (said) => (isOfForm(form, said) ? convert(said) : undefined),
  };
}

/**
 * A PDU's settings by what its driver declares.
 *
 * @throws PowerError `power.config` naming the PDU, the key and what was expected.
 */
export function readSettings<S extends Settings>(config: PowerConfig, declared: S): SettingsOf<S> {
  const [problem] = settingProblems(config, declared);
  if (problem !== undefined) throw new PowerError("power.config", config.pdu, problem);
  const values = Object.entries(declared).map(([key, setting]) => {
    const said = config.settings[key];
    return [key, said === undefined ? setting.fallback : setting.read(said)];
  });
  return Object.fromEntries(values) as SettingsOf<S>;
}

/** Everything wrong with a PDU's settings and secrets, as sentences; for `bramble check` and the head's start. */
export function checkPowerConfig(driver: PowerDriver, config: PowerConfig): readonly string[] {
  const known = Object.keys(driver.secrets ?? {});
  const secrets = Object.keys(config.secret ?? {}).filter((key) => !known.includes(key));
  return [...settingProblems(config, driver.settings ?? {}), ...secrets.map((key) => unknownKey("secret", key, known))];
}

/**
 * Where a PDU listens: `host`, `host:port` or `[address]:port`.
 *
 * @param usual the make's port; null: the file must say it.
 * @throws PowerError `power.config`
 */
export function readAddress({ pdu, address }: PowerConfig, usual: number | null): HostPort {
  const said = /^(?<host>[A-Za-z0-9._-]+|\[[0-9a-fA-F:.]+\])(?::(?<port>\d{1,5}))?$/.exec(address)?.groups;
  const port = said?.port === undefined ? usual : Number(said.port);
  if (said?.host === undefined || port === null || port < 1 || port > 65_535) {
    const form = usual === null ? "host:port" : "host or host:port";
    throw new PowerError("power.config", pdu, `address "${address.slice(0, 60)}" is not ${form}`);
  }
  return { host: said.host.replace(/^\[|\]$/g, ""), port };
}

function settingProblems({ settings }: PowerConfig, declared: Settings): string[] {
  const known = Object.keys(declared);
  const unknown = Object.keys(settings).filter((key) => !known.includes(key));
  const wrong = Object.entries(declared).flatMap(([key, { expected, fallback, read }]) => {
    const said = settings[key];
    if (said === undefined)
      return fallback === undefined ? [`settings.${key} is missing; ${expected} was expected`] : [];
    if (read(said) !== undefined) return [];
    return [`settings.${key} is ${JSON.stringify(said).slice(0, 60)}; ${expected} was expected`];
  });
  return [...unknown.map((key) => unknownKey("setting", key, known)), ...wrong];
}

function unknownKey(kind: "setting" | "secret", key: string, known: readonly string[]): string {
  const near = nearest(key, known);
  const instead =
    near !== null ? `did you mean ${near}?` : known.length === 0 ? "it has none" : `it has ${known.join(", ")}`;
  return `this make has no ${kind} "${key.slice(0, 60)}"; ${instead}`;
}
