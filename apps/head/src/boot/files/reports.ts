import { ClusterError, type Mac, mac, messageOf } from "@bramble/core/base";
import { type BootPlanKind, type BootReport, bootSteps } from "@bramble/core/boot";
import Type, { type Static, type TSchema } from "typebox";
import { Check, Errors } from "typebox/value";

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
export type DiscoveryAnswer =
  | { readonly plan: BootPlanKind; readonly reboot: true }
  | { readonly plan: BootPlanKind; readonly seconds: number };

/** Read the body of `POST /discovery`. @throws ClusterError `input.invalid` or `input.mac`. */
export function readDiscovery(body: string): DiscoveryReport {
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
export function readStep(body: string): BootReport {
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
