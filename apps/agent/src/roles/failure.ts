import { ClusterError, messageOf } from "@bramble/core/base";
import type { RoleStep } from "@bramble/core/work";

/** A role that could not be applied: at which step, and why. */
export class RoleFailure extends ClusterError {
  readonly step: RoleStep;

  constructor(step: RoleStep, why: string, options?: ErrorOptions) {
    super("agent.role", why, options);
    this.step = step;
  }
}

/** Whatever was thrown at `step`, as a failure of that step. */
export function failureOf(step: RoleStep, thrown: unknown): RoleFailure {
  return thrown instanceof RoleFailure ? thrown : new RoleFailure(step, messageOf(thrown), { cause: thrown });
}
