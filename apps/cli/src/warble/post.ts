import { existsSync, readFileSync, statSync } from "node:fs";
import { CommandError, exitCodes } from "../problem.ts";

/** The post that an argument names: `-` is standard input, the name of a file its text, anything else the post itself. */
export async function readPost(argument: string): Promise<string> {
  if (argument === "-") return readStandardInput();
  if (argument.length < 1024 && !argument.includes("{") && existsSync(argument) && statSync(argument).isFile()) {
    return readFileSync(argument, "utf8");
  }
  return argument;
}

async function readStandardInput(): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of process.stdin) {
    const bytes = part as Buffer;
    size += bytes.length;
    if (size > maxOctets)
      throw new CommandError(`standard input is longer than ${maxOctets} octets; a post has 280 characters`, {
        exitCode: exitCodes.usage,
      });
    parts.push(bytes);
  }
  return Buffer.concat(parts).toString("utf8");
}

const maxOctets = 1_000_000;
