import { readFileSync } from "node:fs";
import { messageOf } from "@bramble/core/base";
import type { Command } from "commander";
import { InvalidArgumentError, Option } from "commander";
import type { HeadAddress } from "./head-client.ts";
import { CommandError, exitCodes } from "./problem.ts";

/** What `--head` and `--token-file` gave. */
export type HeadOptions = { readonly head: string; readonly tokenFile?: string; readonly json?: boolean };

/** Where a head is asked for when nobody says. */
export const defaultHead = "http://127.0.0.1:8880";

/** Adds what every command that speaks to a head takes: where it is, and `--json`. */
export function withHead(command: Command): Command {
  return command
    .addOption(
      new Option("--head <url>", "the head to speak to").env("BRAMBLE_HEAD").default(defaultHead).argParser(url),
    )
    .addOption(
      new Option("--token-file <file>", "file with the token, for a head that asks for one").env("BRAMBLE_TOKEN_FILE"),
    )
    .option("--json", "print the head's answer as JSON");
}

/** The address that the options name. @throws CommandError when the token file cannot be read. */
export function headAddress(options: HeadOptions): HeadAddress {
  if (options.tokenFile === undefined) return { url: options.head, token: null };
  try {
    return { url: options.head, token: readFileSync(options.tokenFile, "utf8").trim() };
  } catch (thrown) {
    throw new CommandError(`--token-file ${options.tokenFile}: ${messageOf(thrown)}`, { exitCode: exitCodes.usage });
  }
}

/** A whole number of a range, for commander. */
export function whole(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < least || value > most) {
      throw new InvalidArgumentError(`A whole number from ${least} to ${most} was expected.`);
    }
    return value;
  };
}

/** A number of a range, for commander. */
export function between(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === "" || !(value >= least && value <= most))
      throw new InvalidArgumentError(`A number from ${least} to ${most} was expected.`);
    return value;
  };
}

function url(text: string): string {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol))
    throw new InvalidArgumentError("A URL like http://127.0.0.1:8880 was expected.");
  return new URL(text).origin;
}
