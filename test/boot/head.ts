import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { programArguments } from "../../apps/cli/src/programs.ts";
import { repository } from "../support/demo-process.ts";
import type { Segment } from "./segment.ts";

/** Where the head of a segment is, and the token that boards show it. */
export const headAddress = "10.77.0.1";
export const boardToken = "board-token-of-the-stories";
const operatorToken = "operator-token-of-the-stories";
const url = `http://${headAddress}:8880`;

/** A head inside a segment, asked from outside. */
export type HeadInside = AsyncDisposable & {
  /** GET of the API; null while it answers with an error. */
  get<T>(path: string): T | null;
  /** Asks until `isTrue`. @throws with the last answer and the end of the head's log. */
  until<T>(path: string, isTrue: (answer: T) => boolean, withinMs: number): Promise<T>;
  /** Runs `bramble …` against it; gives what it printed. */
  bramble(...args: string[]): string;
  log(): string;
};

/** A cluster of four places; the first boards are known by their MACs. `boot` is the section of that name. */
export function clusterOf(macs: readonly string[], boot = "{ plan: live }"): string {
  const known = macs.map((mac, at) => `b${at + 1}: { mac: "${mac}" }`).join(", ");
  return `schema: bramble/v1
cluster: { name: played, description: "boards that QEMU plays", timezone: UTC }
network: { cidr: 10.77.0.0/24, gateway: 10.77.0.254, head: ${headAddress}, addresses: 10.77.0.<20+board> }
boot: ${boot}
roles:
  - id: greeter
    for: all
    text: says hello when a board starts
    files: [{ path: /opt/bramble/greeter/hello.sh, text: "#!/bin/sh\\necho hello from $BRAMBLE_ROLE\\n", mode: "0755" }]
    units: [{ name: greeter.service, text: "[Service]\\nExecStart=/opt/bramble/greeter/hello.sh\\nType=oneshot\\nRemainAfterExit=yes\\n" }]
    start: { run: [/opt/bramble/greeter/hello.sh], timeout_s: 20 }
models:
  pc: { kind: board, cpu: { cores: 1, mhz: 1000 }, memory_mb: 1024, watts: { max: 5, idle: 2, inrush: 7 }, netboot: native, thermal_c: { throttle: 80, max: 85 } }
  shelf: { kind: bank, height_u: 1, slots: 4 }
  sw8: { kind: switch, ports: 8, watts: { max: 10 } }
  usb: { kind: supply, ports: 8, volts: 5, watts: 60, peak_watts: 60 }
  plug: { kind: pdu, outlets: 1, driver: simulated, watts: 2300 }
limits:
  supply: { amps: 10, volts: 230 }
  load_max: 0.8
  profiles: [{ id: all-on, boards: all }]
  wave: { boards: 4, accept: 4, retries: 2, settle_s: 60 }
  stagger: { outlets_s: 2, watts_per_s: 20 }
  thermal_c: { warn: 70, alarm: 80, cut: 85, sustain_s: 60 }
racks: [{ id: r1, height_u: 4 }]
switches: [{ id: s1, model: sw8, rack: r1, address: 10.77.0.2, uplink: gw }]
banks: [{ id: k1, model: shelf, switch: s1, ports: 1-4, power: u1 }]
supplies: [{ id: u1, model: usb }]
pdus: [{ id: p1, model: plug, address: 10.77.0.3 }]
circuits: [{ outlet: p1.1, feeds: [u1] }]
devices: [{ id: gw, kind: gateway }]
boards: { model: pc, expected: 4, known: { ${known} } }
`;
}

/** Starts a head that boots boards from `images`; waits until it is ready. */
export async function startHeadInside(
  segment: Segment,
  { cluster, images }: { readonly cluster: string; readonly images: string },
): Promise<HeadInside> {
  const folder = mkdtempSync(join(tmpdir(), "bramble-inside-"));
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const log = file("head.log", "");
  const tokenFile = file("operator.token", operatorToken);
  const child = segment.start(
    process.execPath,
    [
      ...programArguments("head"),
      ...["--cluster", file("cluster.yaml", cluster), "--data", join(folder, "data"), "--power", "none"],
      ...["--listen", headAddress, "--token-file", tokenFile, "--board-token-file", file("board.token", boardToken)],
      ...["--beacon", "off", "--boot", images],
    ],
    log,
  );
  const said = (): string => readFileSync(log, "utf8");
  const get = <T>(path: string): T | null => {
    const answer = segment.run(process.execPath, [
      "--input-type=module",
      "-e",
      asking,
      `${url}/api/v1${path}`,
      operatorToken,
    ]);
    return JSON.parse(answer) as T | null;
  };
  const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  for (let tries = 0; !/^ready /m.test(said()); tries++) {
    if (child.exitCode !== null || tries > 600) throw new Error(`the head did not start:\n${said()}`);
    await pause(100);
  }
  return {
    get,
    async until<T>(path: string, isTrue: (answer: T) => boolean, withinMs: number) {
      const from = performance.now();
      for (;;) {
        const answer = get<T>(path);
        if (answer !== null && isTrue(answer)) return answer;
        if (performance.now() - from > withinMs)
          throw new Error(`${path} is not so after ${withinMs} ms: ${JSON.stringify(answer)}\n${said().slice(-4000)}`);
        await pause(1000);
      }
    },
    bramble: (...args) =>
      segment.run(process.execPath, [
        join(repository, "bin/bramble.mjs"),
        ...args,
        "--head",
        url,
        "--token-file",
        tokenFile,
      ]),
    log: said,
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null) {
        child.kill("SIGTERM");
        await once(child, "exit");
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const asking =
  "const [url, token] = process.argv.slice(1);" +
  "const answer = await fetch(url, { headers: { authorization: 'Bearer ' + token } }).catch(() => null);" +
  'console.log(answer?.ok ? await answer.text() : "null");';
