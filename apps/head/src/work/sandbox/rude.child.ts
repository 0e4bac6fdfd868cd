import type { FromSandbox, ToSandbox } from "./messages.ts";

/* A sandbox process that misbehaves on request, for sandbox.test.ts: `die`, `hang`, `break`; anything else is answered. */

const say = (message: FromSandbox): void => void process.send!(message);

process.on("disconnect", () => process.exit(0));
process.on("message", ({ request: { id, post } }: ToSandbox) => {
  if (post === "die") process.exit(1);
  if (post === "hang") for (;;);
  if (post === "break") say({ kind: "broken", id, message: "a worker broke" });
  else
    say({
      kind: "outcome",
      id,
      outcome: { out: [post], effects: [], error: null, warnings: [], steps: 1, saves: {}, data: {} },
    });
});
say({ kind: "ready" });
