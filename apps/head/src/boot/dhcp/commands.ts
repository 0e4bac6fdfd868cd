import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { messageOf } from "@bramble/core/base";

/** What a program of the machine gave; `code` is null when it could not be started or took too long. */
export type Ran = { readonly code: number | null; readonly out: string; readonly error: string };

/** Runs a program of the machine; never through a shell. Passed in, so that tests need no rights. */
export type RunCommand = (argv: readonly string[], input?: string) => Promise<Ran>;

/** Run it for at most ten seconds. Never rejects. */
export const runCommand: RunCommand = async ([program = "", ...args], input = "") => {
  try {
    const child = spawn(program, args, { stdio: "pipe", timeout: 10_000 });
    // A program that ends before it has read its input breaks the pipe; its exit code tells more.
    child.stdin.on("error", () => {});
    child.stdin.end(input);
    const [out, error, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
    return { code: typeof code === "number" ? code : null, out, error };
  } catch (thrown) {
    return { code: null, out: "", error: messageOf(thrown) };
  }
};
