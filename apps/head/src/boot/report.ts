import { ClusterError, mac } from "@bramble/core/base";
import type { BootStep } from "@bramble/core/boot";
import type { Registry } from "../register/registry.ts";

/** What `POST /boot` carries. */
export type BootTold = {
  readonly mac: string;
  readonly address?: string | null;
  readonly serial?: string | null;
  readonly model?: string | null;
  readonly step: BootStep;
  readonly failed?: string | null;
  readonly simulated?: boolean;
};

/**
 * A board tells, before its agent runs, which step of its boot it has begun. A board that nobody knows is discovered by it.
 *
 * @throws ClusterError `input.mac`, or what the registry refuses with.
 */
export async function reportBoot(told: BootTold, registry: Pick<Registry, "reportBoot">): Promise<void> {
  const { step, failed = null, address = null, serial = null, model = null, simulated } = told;
  if (address !== null && !/^[0-9a-fA-F.:]{2,45}$/.test(address))
    throw new ClusterError("input.invalid", `"${address.slice(0, 60)}" is no IP address`);
  const seen = {
    mac: mac(told.mac),
    address,
    serial,
    model,
    ...(simulated === undefined ? {} : { simulated }),
  };
  await registry.reportBoot(seen, { step, failed });
}
