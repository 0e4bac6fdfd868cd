import { foldersOfRole } from "../cluster/index.ts";

/** The user that roles run as which may not run as root. */
export const roleUser = "bramble";

/** A role as its units see it. */
type UnitHolder = {
  readonly id: string;
  readonly isRoot: boolean;
  readonly units: readonly { readonly name: string }[];
};

/**
 * What a unit asks for that it may not have, as a sentence; or null.
 *
 * `User=` alone does not hold a service: systemd runs `ExecStartPre=+…` as root, opens `StandardOutput=file:…` and reads
 * `EnvironmentFile=` as root, starts whatever `Wants=` names. So a role without root may use only what is listed here; what a
 * service may do once it runs is held by its user (systemd.exec(5), systemd.service(5), systemd.unit(5)).
 */
export function faultOfUnit(
  role: UnitHolder,
  { name, text }: { readonly name: string; readonly text: string },
): string | null {
  if (text.includes("\u0000")) return `${name}: a unit is text`;
  if (role.isRoot) return null;
  const type = /\.([a-z]+)$/.exec(name)?.[1] ?? "";
  if (type !== "service" && type !== "timer") return `${name}: only a root role may bring a .${type}`;
  if (/[@:]/.test(name)) return `${name}: only a root role may bring a template or an instance`;
  let section = "";
  let triggered: string | null = null;
  for (const [at, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.trim();
    const where = `${name}, line ${at + 1}`;
    if (line === "" || line.startsWith("#") || line.startsWith(";")) continue;
    if (line.endsWith("\\")) return `${where}: only a root role may go on in the next line`;
    const opened = /^\[(\w+)\]$/.exec(line)?.[1];
    if (opened !== undefined) {
      section = opened;
      continue;
    }
    const [, key = "", value = ""] = /^([A-Za-z]+)\s*=\s*(.*)$/.exec(line) ?? [];
    const allows = allowed[section]?.[key];
    if (allows === undefined)
      return `${where}: only a root role may use ${key === "" ? `"${line.slice(0, 40)}"` : key} in [${section}]`;
    if (!allows(value, role)) return `${where}: only a root role may say ${key}=${value.slice(0, 60)}`;
    if (key === "Unit") triggered = value;
  }
  triggered ??= name.replace(/\.timer$/, ".service");
  if (type === "timer" && !isOwn(triggered, role))
    return `${name}: ${triggered}, which it starts, is no unit of this role`;
  return null;
}

type Allows = (value: string, role: UnitHolder) => boolean;

const anything: Allows = () => true;
/** `+` and `!` before a program would run it as root, and `;` begins another program with prefixes of its own. */
const program: Allows = (value) => value === "" || (/^[-@:]*\//.test(value) && !/\s;(\s|$)/.test(value));
const oneOf =
  (...words: readonly string[]): Allows =>
  (value) =>
    words.includes(value);
const output = oneOf("journal", "null", "inherit");
const own: Allows = (value, role) => value.split(/\s+/).every((name) => name === "" || isOwn(name, role));
const ownOrNetwork: Allows = (value, role) =>
  own(value.replaceAll(/\b(network|network-online|time-sync)\.target\b/g, ""), role);
/** systemd gives these folders to the service's user, whoever had them: they carry the role's name. */
const ownName: Allows = (value, role) => new RegExp(`^bramble-${role.id}(-[a-z0-9]+)*$`).test(value);
const inOwnFolder: Allows = (value, role) =>
  !value.includes("..") && foldersOfRole(role.id).some((folder) => value.replace(/^-/, "").startsWith(folder));

function isOwn(name: string, role: UnitHolder): boolean {
  return role.units.some((unit) => unit.name === name);
}

function all(names: string, allows: Allows = anything): Readonly<Record<string, Allows>> {
  return Object.fromEntries(names.split(" ").map((name) => [name, allows]));
}

const allowed: Readonly<Record<string, Readonly<Record<string, Allows>>>> = {
  Unit: {
    ...all("Description Documentation After Before StartLimitIntervalSec StartLimitBurst"),
    ...all("ConditionPathExists ConditionPathIsDirectory ConditionFileNotEmpty ConditionMemory ConditionCPUs"),
    ...all("Wants Requires Requisite BindsTo PartOf", ownOrNetwork),
  },
  Service: {
    ...all("ExecStart ExecStartPre ExecStartPost ExecCondition ExecReload ExecStop ExecStopPost", program),
    ...all("Environment WorkingDirectory Restart RestartSec RemainAfterExit GuessMainPID NotifyAccess WatchdogSec"),
    ...all("TimeoutSec TimeoutStartSec TimeoutStopSec RuntimeMaxSec KillSignal KillMode FinalKillSignal SendSIGKILL"),
    ...all("SuccessExitStatus RestartPreventExitStatus RestartForceExitStatus SyslogIdentifier UMask"),
    ...all("MemoryMax MemoryHigh MemorySwapMax CPUQuota CPUWeight IOWeight TasksMax LimitNOFILE LimitCORE"),
    ...all("PrivateTmp PrivateDevices PrivateNetwork ProtectSystem ProtectHome ProtectProc ProtectClock"),
    ...all("ProtectKernelTunables ProtectKernelModules ProtectKernelLogs ProtectControlGroups ProtectHostname"),
    ...all("RestrictAddressFamilies RestrictNamespaces RestrictRealtime RestrictSUIDSGID LockPersonality"),
    ...all("MemoryDenyWriteExecute SystemCallArchitectures SystemCallFilter SystemCallErrorNumber"),
    ...all("NoNewPrivileges", oneOf("yes", "true", "on", "1")),
    ...all("Nice", (value) => /^(1?\d)$/.test(value)),
    ...all("Type", oneOf("simple", "exec", "oneshot", "notify", "idle", "forking")),
    ...all("StandardOutput StandardError", output),
    ...all("StandardInput", oneOf("null")),
    ...all("User Group", oneOf(roleUser)),
    ...all("EnvironmentFile", inOwnFolder),
    ...all("StateDirectory RuntimeDirectory CacheDirectory LogsDirectory", ownName),
    ...all("StateDirectoryMode RuntimeDirectoryMode CacheDirectoryMode LogsDirectoryMode RuntimeDirectoryPreserve"),
  },
  Timer: {
    ...all("OnActiveSec OnBootSec OnStartupSec OnUnitActiveSec OnUnitInactiveSec OnCalendar"),
    ...all("AccuracySec RandomizedDelaySec FixedRandomDelay"),
    ...all("Unit", own),
  },
  Install: all("WantedBy RequiredBy"),
};
