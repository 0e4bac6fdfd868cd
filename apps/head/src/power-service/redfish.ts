import type { DeskAnswer, DeskBoard, DeskOutlet, DeskPdu, DeskPlan, PowerState } from "./desk.ts";

/*
 * Resources of Redfish (DMTF DSP0266; schemas DSP8010 2023.3): plain data. A board is a ComputerSystem, a PDU a
 * PowerDistribution, a plan a Task. What we do not know is left out or null, never made up.
 */

/** A resource as it is sent. */
export type Resource = { readonly [key: string]: unknown };

/** Where all of it stands. */
export const redfishRoot = "/redfish/v1";

/**
 * The kinds of reset that a board may take (schema Resource, ResetType). `Force…` and `PowerCycle` take its power at once;
 * `GracefulShutdown` lets it halt first; `GracefulRestart` goes to its agent.
 */
export const resetTypes = [
  "On",
  "ForceOff",
  "GracefulShutdown",
  "ForceRestart",
  "GracefulRestart",
  "PowerCycle",
] as const;

/** One of them. */
export type ResetType = (typeof resetTypes)[number];

/** GET /redfish/v1 */
export function serviceRoot(version: string): Resource {
  return {
    ...head("", "ServiceRoot.v1_15_0.ServiceRoot", "RootService", "Bramble"),
    RedfishVersion: "1.18.0",
    Vendor: "Bramble",
    Product: `Bramble ${version}`,
    Systems: link("/Systems"),
    PowerEquipment: link("/PowerEquipment"),
    Tasks: link("/TaskService"),
    ProtocolFeaturesSupported: {
      ExpandQuery: { ExpandAll: false, Levels: false, Links: false, NoLinks: false },
      FilterQuery: false,
      OnlyMemberQuery: false,
      SelectQuery: false,
    },
    Links: {},
  };
}

/** A collection of what stands at these paths. */
export function collection(path: string, type: string, name: string, members: readonly string[]): Resource {
  return {
    "@odata.id": `${redfishRoot}${path}`,
    "@odata.type": `#${type}.${type}`,
    Name: name,
    "Members@odata.count": members.length,
    Members: members.map((id) => link(`${path}/${encodeURIComponent(id)}`)),
  };
}

/** One board. */
export function computerSystem(board: DeskBoard): Resource {
  const path = `/Systems/${encodeURIComponent(board.name)}`;
  const isUp = board.state === "up" || board.state === "draining";
  return {
    ...head(path, "ComputerSystem.v1_22_0.ComputerSystem", board.name, board.name),
    SystemType: "Physical",
    HostName: board.name,
    Model: board.model,
    SerialNumber: board.serial,
    PowerState: powerStateOf(board.power),
    Status: {
      State: isUp ? "Enabled" : board.power === "off" ? "Disabled" : "UnavailableOffline",
      Health: isUp || board.power === "off" ? "OK" : "Critical",
    },
    // What a board boots is the head's to say (boot plans). Clients such as OpenStack's sushy read no system without this part.
    Boot: {
      BootSourceOverrideEnabled: "Disabled",
      BootSourceOverrideTarget: "None",
      "BootSourceOverrideTarget@Redfish.AllowableValues": ["None"],
    },
    ...(board.cores === null ? {} : { ProcessorSummary: { CoreCount: board.cores } }),
    ...(board.memoryMb === null
      ? {}
      : { MemorySummary: { TotalSystemMemoryGiB: Math.round((board.memoryMb / 1024) * 1000) / 1000 } }),
    Actions: {
      "#ComputerSystem.Reset": {
        target: `${redfishRoot}${path}/Actions/ComputerSystem.Reset`,
        "ResetType@Redfish.AllowableValues": resetTypes,
      },
    },
    Oem: {
      Bramble: {
        "@odata.type": "#Bramble.v1_0_0.Board",
        State: board.state,
        MacAddress: board.mac,
        Celsius: board.celsius,
        Outlet: board.outlet,
        /** So many boards lose power with this one. */
        Neighbours: board.neighbours.length,
      },
    },
  };
}

/** GET …/PowerEquipment */
export function powerEquipment(): Resource {
  return {
    ...head("/PowerEquipment", "PowerEquipment.v1_2_0.PowerEquipment", "PowerEquipment", "Power equipment"),
    RackPDUs: link("/PowerEquipment/RackPDUs"),
  };
}

/** One PDU. */
export function rackPdu(pdu: DeskPdu): Resource {
  const path = pathOf(pdu);
  return {
    ...head(path, "PowerDistribution.v1_3_0.PowerDistribution", pdu.id, pdu.id),
    EquipmentType: "RackPDU",
    Model: pdu.model,
    Status: {
      State: pdu.error === null ? "Enabled" : "UnavailableOffline",
      Health: pdu.error === null ? "OK" : "Critical",
    },
    Outlets: link(`${path}/Outlets`),
  };
}

/** One outlet of it. */
export function outletOf(pdu: DeskPdu, outlet: DeskOutlet): Resource {
  const path = `${pathOf(pdu)}/Outlets/${outlet.number}`;
  return {
    ...head(path, "Outlet.v1_4_1.Outlet", String(outlet.number), `${pdu.id}.${outlet.number}`),
    PowerState: powerStateOf(outlet.power),
    ...(outlet.watts === null ? {} : { PowerWatts: { Reading: outlet.watts } }),
    Links: {
      "Systems@odata.count": outlet.boards.length,
      Systems: outlet.boards.map((board) => link(`/Systems/${encodeURIComponent(board)}`)),
    },
    ...(outlet.boards.length === 0
      ? {}
      : {
          Actions: {
            "#Outlet.PowerControl": {
              target: `${redfishRoot}${path}/Actions/Outlet.PowerControl`,
              "PowerState@Redfish.AllowableValues": ["On", "Off", "PowerCycle"],
            },
          },
        }),
    Oem: { Bramble: { "@odata.type": "#Bramble.v1_0_0.Outlet", Circuit: outlet.circuit } },
  };
}

/** GET …/TaskService */
export function taskService(): Resource {
  return {
    ...head("/TaskService", "TaskService.v1_2_1.TaskService", "TaskService", "Power plans"),
    ServiceEnabled: true,
    Tasks: link("/TaskService/Tasks"),
  };
}

/** A plan under way, or how it ended. */
export function task(plan: DeskPlan): Resource {
  const [state, status] = taskStates[plan.state];
  return {
    ...head(taskPath(plan.id), "Task.v1_7_3.Task", plan.id, `Power plan ${plan.id}`),
    TaskState: state,
    TaskStatus: plan.missing.length > 0 && status === "OK" ? "Warning" : status,
    PercentComplete: plan.steps === 0 ? 100 : Math.floor((100 * plan.stepsDone) / plan.steps),
    StartTime: new Date(plan.at).toISOString(),
    ...(plan.endedAt === null ? {} : { EndTime: new Date(plan.endedAt).toISOString() }),
    TaskMonitor: `${redfishRoot}${taskPath(plan.id)}/Monitor`,
    Messages: [
      said("Base.1.18.GeneralError", plan.message, status === "OK" ? "OK" : "Warning"),
      ...plan.missing.map(({ board, step }) =>
        said("Base.1.18.GeneralError", `${board} has power and did not come up: it stopped at ${step}`, "Warning"),
      ),
    ],
  };
}

/** Where a plan stands, below the root. */
export function taskPath(id: string): string {
  return `/TaskService/Tasks/${encodeURIComponent(id)}`;
}

/** The body of an error. `kind` is a message of the Base registry (DSP8011). */
export function redfishError(
  kind: string,
  message: string,
  reasons: readonly string[] = [message],
  resolution = "None.",
): Resource {
  return {
    error: {
      code: `Base.1.18.${kind}`,
      message,
      "@Message.ExtendedInfo": reasons.map((reason) => ({
        ...said(`Base.1.18.${kind}`, reason, "Critical"),
        Resolution: resolution,
      })),
    },
  };
}

/** The error of a refusal. */
export function refusal({ reasons, instead }: Extract<DeskAnswer, { kind: "refused" }>): Resource {
  const resolution = instead.length === 0 ? "None." : `Instead: ${instead.join("; ")}.`;
  return redfishError("OperationNotAllowed", reasons[0] ?? "refused", reasons, resolution);
}

function powerStateOf(power: PowerState): string | null {
  return power === "on" ? "On" : power === "off" ? "Off" : null;
}

function head(path: string, type: string, id: string, name: string): Resource {
  return { "@odata.id": `${redfishRoot}${path}`, "@odata.type": `#${type}`, Id: id, Name: name };
}

function link(path: string): Resource {
  return { "@odata.id": `${redfishRoot}${path}` };
}

function pathOf({ id }: DeskPdu): string {
  return `/PowerEquipment/RackPDUs/${encodeURIComponent(id)}`;
}

function said(id: string, message: string, severity: "OK" | "Warning" | "Critical"): Resource {
  return {
    "@odata.type": "#Message.v1_2_0.Message",
    MessageId: id,
    Message: message,
    MessageSeverity: severity,
    Severity: severity,
  };
}

const taskStates: Readonly<Record<DeskPlan["state"], readonly [string, "OK" | "Critical"]>> = {
  waiting: ["Pending", "OK"],
  running: ["Running", "OK"],
  done: ["Completed", "OK"],
  failed: ["Exception", "Critical"],
  cancelled: ["Cancelled", "Critical"],
};
