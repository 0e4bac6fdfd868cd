import type { BoardBody } from "@bramble/core/api";
import type { Sample } from "@bramble/core/observe";
import { causeInWords } from "@bramble/core/observe";
import { placeOf } from "@bramble/core/register";
import type { Entry } from "../register/roster.ts";

/** A board as REST tells it. */
export function boardBody({ index, name, slot, record, standing, latest, boot, isWorking }: Entry): BoardBody {
  return {
    id: record?.mac ?? slot?.mac ?? name,
    name,
    index,
    mac: record?.mac ?? slot?.mac ?? null,
    serial: record?.serial ?? null,
    model: record?.model ?? slot?.model ?? null,
    address: record?.address ?? slot?.address ?? null,
    place: record?.place ?? (slot === null ? null : placeOf(slot)),
    state: standing.state.kind,
    cause: causeInWords(standing.state),
    since: standing.since,
    simulated: record?.isSimulated ?? false,
    agent: record?.agent ?? null,
    cores: record?.cores ?? null,
    memoryMb: record?.memoryMb ?? null,
    boot,
    working: isWorking,
    latest: latest === null ? null : { ...sampleBody(latest), memory: memoryPercent(latest) },
  };
}

/** A sample as REST tells it, without its board. */
export function sampleBody(sample: Sample): Omit<NonNullable<BoardBody["latest"]>, "memory"> {
  return { ...sample, processes: sample.processes.map((process) => ({ ...process })) };
}

/** Memory used, in percent, or null where it is not known. */
function memoryPercent({ memoryUsedMb, memoryTotalMb }: Sample): number | null {
  if (memoryUsedMb === null || memoryTotalMb === null || memoryTotalMb <= 0) return null;
  return Math.min(100, Math.round((memoryUsedMb / memoryTotalMb) * 1000) / 10);
}
