import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What the pretend uhubctl does wrong on purpose. */
type UhubctlFault =
  /** Never ends by itself. */
  | "slow"
  /** Ends with code 1. */
  | "refuses"
  /** Ends with code 0 and switches nothing. */
  | "lies"
  /** Is not there. */
  | "drops"
  /** Switches, and is then killed. */
  | "drops-after-write"
  /** Says what no pattern fits. */
  | "babbles";

/** A pretend uhubctl: a program in a folder of its own. */
export type UhubctlStandIn = AsyncDisposable & {
  /** The path of the program. */
  readonly address: string;
  readonly outlets: number;
  isOn(port: number): boolean;
  fail(how: UhubctlFault | null): void;
  /** The hub is plugged in anew: all its ports are on. */
  restart(): void;
  /** The arguments of its last call, as it got them. */
  called(): readonly string[];
};

/** A pretend uhubctl 2.5 of one hub `1-1` with four ports, all off; its answers look as in the tool's own manual. */
export function standInUhubctl(): UhubctlStandIn {
  const folder = mkdtempSync(join(tmpdir(), "uhubctl-"));
  const address = join(folder, "uhubctl");
  const put = (name: string, text: string): void => writeFileSync(join(folder, name), text);
  put("fault", "");
  for (const port of ports) put(`port${port}`, "off");
  writeFileSync(address, script, { mode: 0o755 });
  return {
    address,
    outlets: ports.length,
    isOn: (port) => readFileSync(join(folder, `port${port}`), "utf8") === "on",
    fail(how) {
      put("fault", how ?? "");
      const away = `${address}.away`;
      if (how === "drops") renameSync(address, away);
      else if (existsSync(away)) renameSync(away, address);
    },
    restart() {
      for (const port of ports) put(`port${port}`, "on");
    },
    called: () => (existsSync(join(folder, "called")) ? readFileSync(join(folder, "called"), "utf8").split("\n") : []),
    async [Symbol.asyncDispose]() {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const ports = [1, 2, 3, 4];

const script = `#!/bin/sh
here=\${0%/*}
fault=$(cat "$here/fault")
for given; do printf '%s\\n' "$given"; done > "$here/called"
action= port= hub=
while [ $# -gt 0 ]; do
  case "$1" in
    -l) hub=$2; shift ;;
    -p) port=$2; shift ;;
    -a) action=$2; shift ;;
    *) echo "unrecognized option '$1'" >&2; exit 1 ;;
  esac
  shift
done
[ "$hub" = 1-1 ] || { echo "No compatible devices detected at location $hub!" >&2; exit 1; }
case "$fault" in
  babbles) echo "segfault"; exit 0 ;;
  slow) exec sleep 600 ;;
  refuses) [ -z "$action" ] || { echo "Permission denied" >&2; exit 1; } ;;
esac
if [ -n "$action" ]; then
  [ -f "$here/port$port" ] || { echo "no port $port" >&2; exit 1; }
  [ "$fault" = lies ] || printf %s "$action" > "$here/port$port"
  [ "$fault" != drops-after-write ] || kill -9 $$
fi
echo "Current status for hub 1-1 [0424:9514, USB 2.00, 4 ports, ppps]"
for port in 1 2 3 4; do
  if [ "$(cat "$here/port$port")" = on ]; then echo "  Port $port: 0100 power"; else echo "  Port $port: 0000 off"; fi
done
`;
