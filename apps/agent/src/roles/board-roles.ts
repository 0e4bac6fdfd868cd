import type { Clock, Logger } from "@bramble/core/base";
import { diskApplier } from "./disk-applier.ts";
import { roleFiles } from "./role-files.ts";
import { type RoleKeeping, roleKeeping } from "./role-keeping.ts";
import { processRunner } from "./run-program.ts";

/** What a real board takes roles with. */
export type BoardRoleParts = {
  readonly clock: Clock;
  readonly log: Logger;
  readonly state: string;
  readonly allowsRoot: boolean;
  readonly bootId: string;
};

/** Roles applied to this machine, by the user that this process runs as. */
export function boardRoles({ clock, log, state, allowsRoot, bootId }: BoardRoleParts): RoleKeeping {
  const isRoot = process.getuid?.() === 0;
  const run = processRunner(clock);
  return roleKeeping(() => diskApplier({ files: roleFiles("/"), state, allowsRoot, isRoot, bootId, run, log }));
}
