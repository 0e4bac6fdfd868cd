import { type RoleBundle, type RoleUnit, roleUser } from "@bramble/core/work";
import { RoleFailure } from "./failure.ts";
import type { RoleFiles } from "./role-files.ts";
import type { ProgramEnd } from "./run-program.ts";

/** Puts units where systemd finds them until the board's next start, and starts and stops them. */
export type RoleUnits = {
  /** @param before units that this agent has put there already. @throws RoleFailure */
  place(role: RoleBundle, before: readonly RoleUnit[]): Promise<void>;
  /** Reads all units again, then (re)starts those that are enabled. @throws RoleFailure */
  start(role: RoleBundle): Promise<void>;
  /** Stops and removes. @throws RoleFailure when one does not stop and `mustStop`: then all are there still. */
  remove(units: readonly RoleUnit[], mustStop: boolean): Promise<void>;
};

/** What units stand on. */
export type RoleUnitParts = {
  readonly files: RoleFiles;
  /** Runs `systemctl` with these words. */
  readonly systemctl: (...words: readonly string[]) => Promise<ProgramEnd>;
};

/** Units in `/run/systemd/system`: what a role brings is gone with the board's power, like the role itself. */
export function roleUnits({ files, systemctl }: RoleUnitParts): RoleUnits {
  const demand = async (...words: readonly string[]): Promise<void> => {
    const { code, output } = await systemctl(...words);
    if (code === 0) return;
    const how = code === null ? "was ended" : `ended with ${code}`;
    throw new RoleFailure("units", `systemctl ${words.join(" ")} ${how}${output === "" ? "" : `: ${output}`}`);
  };
  return {
    async place(role, before) {
      const ours = new Set(before.map(({ name }) => name));
      for (const { name, text } of role.units) {
        // A unit in /run hides the system's own of that name.
        if (!role.isRoot && !ours.has(name)) {
          for (const folder of unitFolders)
            if (await files.exists(`${folder}/${name}`))
              throw new RoleFailure("units", `${name} is a unit of the system: only a root role may replace it`);
        }
        await files.write(`${home}/${name}`, new TextEncoder().encode(text), 0o644);
        if (name.endsWith(".service")) await files.write(dropIn(name), new TextEncoder().encode(termsOf(role)), 0o644);
      }
    },
    async start(role) {
      if (role.units.length === 0) return;
      await demand("daemon-reload");
      // One that only a timer starts may run still as it was before.
      for (const { name, isEnabled } of role.units) await demand(isEnabled ? "restart" : "stop", "--", name);
    },
    async remove(units, mustStop) {
      if (units.length === 0) return;
      const stopped = demand("stop", "--", ...units.map(({ name }) => name));
      // Where a role is taken back half-way, systemd may not have heard of its units yet.
      await (mustStop ? stopped : stopped.catch(() => {}));
      for (const { name } of units) {
        await files.remove(`${home}/${name}`);
        await files.remove(dropIn(name));
      }
      await demand("daemon-reload");
    },
  };
}

const home = "/run/systemd/system";
const unitFolders = [
  home,
  "/etc/systemd/system",
  "/run/systemd/generator",
  "/usr/local/lib/systemd/system",
  "/usr/lib/systemd/system",
];

function dropIn(name: string): string {
  return `${home}/${name}.d/90-bramble.conf`;
}

/** What counts for every service of a role, whatever its unit says: it is read last. */
function termsOf({ isRoot, env }: RoleBundle): string {
  const user = [
    `User=${roleUser}`,
    "Group=",
    "SupplementaryGroups=",
    "DynamicUser=no",
    "NoNewPrivileges=yes",
    "CapabilityBoundingSet=",
    "AmbientCapabilities=",
  ];
  const variables = env.map(([name, value]) => `Environment="${name}=${quoted(value)}"`);
  return `${["[Service]", ...variables, ...(isRoot ? [] : user)].join("\n")}\n`;
}

/** As systemd.syntax(7) quotes, and with `%` for itself (systemd.unit(5), specifiers). */
function quoted(value: string): string {
  return value.replaceAll(/["\\]/g, "\\$&").replaceAll("%", "%%");
}
