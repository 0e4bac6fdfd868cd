import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { clockFrom, type Logger, seededRandom } from "@bramble/core/base";
import type { StandIn, StandInParts } from "@bramble/drivers/stand-ins";
import { fakeConfig } from "../../apps/head/src/fake-config.ts";
import { type Head, startHead } from "../../apps/head/src/head.ts";
import { repository } from "./demo-process.ts";

/** A real head in this process, over a desk whose only PDU is a pretend device that speaks its driver's protocol. */
export type PowerDesk = AsyncDisposable & {
  readonly head: Head;
  readonly pdu: StandIn;
  /** Asks REST. @returns its status and the answer as text. */
  ask(method: "GET" | "POST", path: string, body?: object): Promise<{ readonly status: number; readonly text: string }>;
  /** Asks again and again until it is so. */
  until(isSo: () => Promise<boolean>): Promise<void>;
};

/**
 * Start it: `b[4-5]` hang on outlet 1 of `plug1`, `b[1-3]` on nothing that can be switched, and outlet 2 feeds nothing.
 *
 * @param make the stand-in of this driver.
 * @param secrets the text of the secrets file; null: there is none.
 */
export async function startPowerDesk(
  driver: string,
  make: (parts: StandInParts) => Promise<StandIn>,
  log: Logger,
  secrets: string | null = null,
): Promise<PowerDesk> {
  const clock = clockFrom({
    now: () => Date.now(),
    monotonic: () => performance.now(),
    setTimeout: (run, ms) => setTimeout(run, ms),
    clearTimeout: (handle) => clearTimeout(handle as NodeJS.Timeout),
  });
  await using stack = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), "bramble-power-desk-"));
  stack.defer(() => rmSync(folder, { recursive: true, force: true }));
  const pdu = stack.use(await make({ outlets: 2, clock }));
  const cluster = join(folder, "desk.yaml");
  writeFileSync(cluster, deskFile(driver));
  const more: string[] = [];
  if (secrets !== null) {
    const file = join(folder, "secrets.yaml");
    writeFileSync(file, secrets, { mode: 0o600 });
    more.push("--secrets", file);
  }
  const flags = ["--cluster", cluster, "--power", "file", "--power-map", `plug1=${pdu.address}`];
  const config = stack.use(fakeConfig([...flags, ...more]));
  const head = stack.use(await startHead(config, { clock, random: seededRandom(1), log }));
  const open = stack.move();
  return {
    ...{ head, pdu },
    async ask(method, path, body) {
      const json = { headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
      const answer = await fetch(`${head.url}${path}`, { method, ...(body === undefined ? {} : json) });
      return { status: answer.status, text: await answer.text() };
    },
    async until(isSo) {
      while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 20));
    },
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}

/** The example's desk, its switch without PoE and its plug of this make, with an outlet that feeds nothing. */
function deskFile(driver: string): string {
  let text = readFileSync(join(repository, "examples", "desk-5.yaml"), "utf8");
  for (const [was, is] of [
    [/^ +poe: .*\n/m, ""],
    [", power: poe", ""],
    ["outlets: 1, driver: shelly-gen2", `outlets: 2, driver: ${driver}`],
  ] as const) {
    const now = text.replace(was, is);
    if (now === text) throw new Error(`desk-5.yaml has no ${was}`);
    text = now;
  }
  return text;
}
