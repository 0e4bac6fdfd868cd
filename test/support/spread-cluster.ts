import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ClusterAnswer, PostedAnswer, WarbleBody } from "@bramble/core/api";
import { programArguments } from "../../apps/cli/src/programs.ts";
import { pause, type Running, start } from "../bench/process.ts";
import { repository } from "./demo-process.ts";

/** A head with so many simulated boards, all of them up: two processes that speak the true link. */
export type SpreadCluster = AsyncDisposable & {
  readonly url: string;
  get<T>(path: string): Promise<T>;
  /** Post under a name of its own; gives the id. */
  post(text: string): Promise<string>;
  /** Post and wait for the end. */
  run(text: string): Promise<WarbleBody>;
  /** The Warble once it has ended. */
  ended(id: string): Promise<WarbleBody>;
  /** A fault of the simulator, as `bramble sim kill b0001`. */
  fault(verb: string, set: string): Promise<void>;
};

/** Start it and wait until every board is up and has been measured. */
export async function startSpreadCluster(boards: number): Promise<SpreadCluster> {
  const data = mkdtempSync(join(tmpdir(), "bramble-spread-"));
  const cluster = join(repository, "examples/police-box.yaml");
  const headFlags = ["--cluster", cluster, "--port", "0", "--data", data, "--power", "none", "--beacon", "off"];
  const head = await start(
    process.execPath,
    [...programArguments("head"), ...headFlags, "--boot", "none", "--log-level", "error"],
    /^ready (http:\S+)$/m,
  );
  const url = head.ready;
  const simFlags = ["--cluster", cluster, "--boards", String(boards), "--head", url, "--power", "on", "--speed", "60"];
  const sim: Running = await start(
    process.execPath,
    [...programArguments("sim"), ...simFlags, "--control", "0", "--pdu-port", "0", "--log-level", "error"],
    /^ready sim .* control (\S+)$/m,
  );
  /** Asked again when the connection that was kept open is closed in the same moment, as a busy machine makes likely. */
  const get = async <T>(path: string, tries = 5): Promise<T> => {
    try {
      return (await (await fetch(`${url}/api/v1${path}`)).json()) as T;
    } catch (error) {
      if (tries === 0) throw error;
      return get(path, tries - 1);
    }
  };
  const ended = async (id: string): Promise<WarbleBody> => {
    for (;;) {
      const warble = await get<WarbleBody>(`/warbles/${id}?wait=10`);
      if (warble.state === "done" || warble.state === "failed") return warble;
    }
  };
  let users = 0;
  const post = async (text: string): Promise<string> => {
    await get("/cluster");
    const response = await fetch(`${url}/api/v1/warbles`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ text, user: `web:spread-${users++}` }),
    });
    if (response.status !== 202) throw new Error(`${response.status}: ${await response.text()}`);
    return ((await response.json()) as PostedAnswer).id;
  };
  for (let up = 0; up < boards; await pause(200)) up = (await get<ClusterAnswer>("/cluster")).states.up ?? 0;
  // A board that has not measured its CPU gets no work.
  await pause(6000);
  return {
    ...{ url, get, post, ended },
    run: async (text) => ended(await post(text)),
    async fault(verb, set) {
      const response = await fetch(`http://${sim.ready}/command`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ verb, set }),
      });
      if (response.status !== 200) throw new Error(`${response.status}: ${await response.text()}`);
    },
    async [Symbol.asyncDispose]() {
      await sim[Symbol.asyncDispose]();
      await head[Symbol.asyncDispose]();
      rmSync(data, { recursive: true, force: true });
    },
  };
}
