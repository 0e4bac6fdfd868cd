import { ClusterError } from "@bramble/core/base";

/** What this machine does not give: a port that is taken, a file that cannot be read. The message is one line for people. */
export class StartError extends ClusterError {
  constructor(message: string, cause: unknown) {
    super("sim.start", message, { cause });
  }
}
