import { createServer } from "node:net";
import { ClusterError } from "@bramble/core/base";

/** Where a head is to listen. */
export type ListenAt = { readonly host: string; readonly port: number };

/**
 * Try whether the head may listen there, before it opens anything that another head on the same port may have open.
 *
 * @throws ClusterError `input.invalid` naming the port and its flag.
 */
export async function checkPort(at: ListenAt): Promise<void> {
  if (at.port === 0) return;
  const probe = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      probe.once("error", reject);
      probe.listen(at.port, at.host, resolve);
    });
  } catch (thrown) {
    throw portError(thrown, at);
  }
  await new Promise((resolve) => probe.close(resolve));
}

/** What went wrong with listening, as a sentence that names the port and its flag. */
export function portError(thrown: unknown, { host, port }: ListenAt): unknown {
  const code = (thrown as NodeJS.ErrnoException).code;
  if (code === "EADDRINUSE")
    return new ClusterError(
      "input.invalid",
      `port ${port} of ${host} is taken; give another with --port N (0 takes any)`,
    );
  if (code === "EACCES")
    return new ClusterError("input.invalid", `port ${port} may not be used by this user; give another with --port N`);
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND")
    return new ClusterError("input.invalid", `this machine has no address ${host}; see --listen HOST`);
  return thrown;
}
