import type { BoardMessage } from "@bramble/core/api";
import type { Clock, Logger, Random } from "@bramble/core/base";
import { fetchRole } from "./role-fetch.ts";
import { keepRole, type RoleApplier, type RoleKeeper } from "./role-keeper.ts";

/** What an agent gives to whatever keeps its role. */
type AgentTies = {
  /** False when there is no link. */
  readonly send: (message: BoardMessage) => boolean;
  readonly findHead: (signal: AbortSignal) => Promise<{ readonly url: string }>;
  readonly token: string | null;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
};

/** Makes the keeper of one board's role. */
export type RoleKeeping = (ties: AgentTies) => RoleKeeper;

/** Roles that are fetched from the head and applied by an applier of each board's own. */
export function roleKeeping(createApplier: () => RoleApplier): RoleKeeping {
  return ({ findHead, token, ...ties }) =>
    keepRole(
      {
        ...ties,
        async fetch(ref, mostBytes, signal) {
          const { url } = await findHead(signal);
          return await fetchRole({ url, token }, ref, mostBytes, { clock: ties.clock, signal });
        },
      },
      createApplier(),
    );
}
