import { errorBody, statusOf } from "@bramble/core/api";
import { ClusterError, type Logger, type Mac, mac, messageOf, parseMac } from "@bramble/core/base";
import { type BootPlanKind, type BootReport, bootSteps } from "@bramble/core/boot";
import Type, { type Static, type TSchema } from "typebox";
import { Check, Errors } from "typebox/value";
import { type BootHttpParts, mostReportBytes, type PostedAnswer } from "./http.ts";

/** Where a report came from. */
type Origin = Parameters<BootHttpParts["post"]>[1];

/** What reports do. */
export type ReportParts = {
  /** A discovery image has told what its board is. */
  readonly discovered: (report: DiscoveryReport, from: Origin) => Promise<DiscoveryAnswer>;
  /** A board's RAM disk tells how far it is. */
  readonly told: (board: Mac, report: BootReport, from: Origin) => Promise<void>;
  readonly log: Logger;
};

/** What a discovery image found out about its board. */
export type DiscoveryReport = {
  readonly mac: Mac;
  readonly serial: string | null;
  readonly model: string | null;
  /** Board revision, hex digits. */
  readonly revision: string | null;
  readonly memoryMb: number | null;
  readonly address: string | null;
  /** What the switch says of itself by LLDP. */
  readonly linkPartner: { readonly switch: string; readonly port: string } | null;
};

/** What the board is to do next: boot again, or ask again after `seconds`. */
type DiscoveryAnswer =
  | { readonly plan: BootPlanKind; readonly reboot: true }
  | { readonly plan: BootPlanKind; readonly seconds: number };

/** Takes the reports of discovery images and RAM disks: `POST /discovery` and `POST /boot/<mac>/step`. Never rejects. */
export function takeReports({ discovered, told, log }: ReportParts): BootHttpParts["post"] {
  const take = async (path: string, body: string | null, from: Origin): Promise<PostedAnswer> => {
    if (body === null) throw new ClusterError("input.too-large", `the body is larger than ${mostReportBytes} octets`);
    if (path === "/discovery") return { status: 200, body: await discovered(readDiscovery(body), from) };
    const [, named = ""] = /^\/boot\/([^/]+)\/step$/.exec(path) ?? [];
    const board = parseMac(named);
    if (board === null) throw new ClusterError("input.mac", `"${named.slice(0, 40)}" is no MAC of a board`);
    await told(board, readStep(body), from);
    return { status: 202, body: { stored: 1 } };
  };
  return async ({ path, body }, from) => {
    try {
      return await take(path, body, from);
    } catch (thrown) {
      const code = thrown instanceof ClusterError ? thrown.code : "internal";
      const status = statusOf(code);
      if (status >= 500) log.error({ error: messageOf(thrown) }, "request to the boot server failed");
      return {
        status,
        body: errorBody(code, code === "internal" ? "something went wrong in the head" : messageOf(thrown)),
      };
    }
  };
}

/** Read the body of `POST /discovery`. @throws ClusterError `input.invalid` or `input.mac`. */
function readDiscovery(body: string): DiscoveryReport {
  const said = read(Report, body);
  const partner = said.linkPartner ?? null;
  return {
    mac: mac(said.mac),
    serial: said.serial?.trim().toLowerCase() || null,
    model: said.model?.trim() || null,
    revision: said.revision ?? null,
    memoryMb: said.memoryMb ?? null,
    address: said.address ?? null,
    linkPartner: partner === null ? null : { switch: partner.switch, port: String(partner.port) },
  };
}

/** Read the body of `POST /boot/<mac>/step`. @throws ClusterError `input.invalid`. */
function readStep(body: string): BootReport {
  const { step, failed } = read(Step, body);
  return { step, failed: failed ?? null };
}

function read<T extends TSchema>(schema: T, body: string): Static<T> {
  let said: unknown;
  try {
    said = JSON.parse(body);
  } catch (thrown) {
    throw new ClusterError("input.invalid", `the body is not JSON: ${messageOf(thrown)}`);
  }
  if (Check(schema, said)) return said;
  const [first] = Errors(schema, said);
  throw new ClusterError(
    "input.invalid",
    `the body${first?.instancePath ?? ""} ${first?.message ?? "is not as it must be"}`,
  );
}

const text = (maxLength: number) =>
  Type.Optional(Type.Union([Type.String({ maxLength, pattern: "^[^\\u0000-\\u001f\\u007f]*$" }), Type.Null()]));

// A board may say more of itself than we ask for.
const Report = Type.Object({
  mac: Type.String({ maxLength: 17 }),
  serial: text(64),
  model: text(128),
  revision: text(32),
  memoryMb: Type.Optional(Type.Union([Type.Number({ minimum: 0, maximum: 1e9 }), Type.Null()])),
  address: Type.Optional(Type.Union([Type.String({ pattern: "^(\\d{1,3}\\.){3}\\d{1,3}$" }), Type.Null()])),
  linkPartner: Type.Optional(
    Type.Union([
      Type.Object({
        switch: Type.String({ minLength: 1, maxLength: 64, pattern: "^[\\x20-\\x7e]*$" }),
        port: Type.Union([
          Type.Integer({ minimum: 0, maximum: 100_000 }),
          Type.String({ minLength: 1, maxLength: 64, pattern: "^[\\x20-\\x7e]*$" }),
        ]),
      }),
      Type.Null(),
    ]),
  ),
});

const Step = Type.Object({
  step: Type.Enum([...bootSteps]),
  failed: text(500),
});
