import Type, { type Static } from "typebox";
import {
  amount,
  cidr,
  count,
  driverSettings,
  id,
  idPattern,
  ipv4,
  ipv4Pattern,
  macText,
  model,
  nameList,
  names,
  numbersPattern,
  portNumbers,
  reach,
  seconds,
  strict,
  text,
  udpTcpPort,
  whole,
} from "./schema-fields.ts";
import { limits } from "./schema-limits.ts";
import { anyModel, draw } from "./schema-models.ts";
import { roles } from "./schema-roles.ts";

/** The cluster file as people write it: the one source of the validator, the JSON Schema and the types. */
export type ClusterFile = Static<typeof clusterSchema>;

const network = Type.Object(
  {
    cidr: cidr("The boards' own network."),
    gateway: Type.Optional(ipv4("The way out of it.")),
    head: ipv4("The head's address on it."),
    addresses: Type.Optional(
      Type.String({
        title: "an address with places like 172.20.<10+switch>.<port>",
        description:
          "The rule that gives each board its address. Places: <switch>, <bank>, <port>, <slot>, <board>, each the number in the name (s01 is 1), with an optional number added: <10+switch>.",
        maxLength: 100,
      }),
    ),
    pool: Type.Optional(
      Type.String({
        title: "a range like 10.0.250.1-10.0.250.254, or none",
        description:
          "Addresses that the DHCP server gives to boards that nobody knows; the highest that are free when absent.",
        pattern: `^(none|${ipv4Pattern}-${ipv4Pattern})$`,
        maxLength: 31,
      }),
    ),
    uplink: Type.Optional(
      Type.Object(
        {
          mode: Type.Enum(["nat", "routed", "none"], {
            title: "nat, routed or none",
            description: "How the cluster reaches the world.",
          }),
          cidr: Type.Optional(cidr("The network on the other side.")),
          vlan: Type.Optional(Type.Integer({ title: "a VLAN from 1 to 4094", minimum: 1, maximum: 4094 })),
          addresses: Type.Optional(count("How many addresses the cluster shows to the world.")),
          wan: Type.Optional(
            Type.Enum(["dhcp", "static"], { title: "dhcp or static", description: "How the outer address is had." }),
          ),
        },
        { ...strict, title: "the uplink", description: "The way to the world." },
      ),
    ),
    ports: Type.Optional(
      Type.Object(
        {
          head_api: Type.Optional(udpTcpPort("TCP, the head's API.")),
          agent_api: Type.Optional(udpTcpPort("TCP, each board's own small web service.")),
          discovery: Type.Optional(udpTcpPort("UDP, the beacon.")),
          switches_api: Type.Optional(udpTcpPort("TCP, what reads the switches.")),
        },
        { ...strict, title: "port numbers", description: "UDP and TCP ports on this network." },
      ),
    ),
  },
  { ...strict, title: "the network", description: "Addresses of the cluster." },
);

const plan = Type.Enum(["live", "discovery", "local", "rescue"], {
  title: "live, discovery, local or rescue",
  description: "How a board boots: the image, a RAM disk that tells what it is, its own disk, a shell in a RAM disk.",
});
const boot = Type.Object(
  {
    plan: Type.Optional(plan),
    image: Type.Optional(id("The image to boot from, where there are several.")),
    root: Type.Optional(
      Type.Enum(["nfs", "http"], { title: "nfs or http", description: "How the root comes to a board." }),
    ),
    plans: Type.Optional(
      Type.Record(Type.String({ pattern: "^[a-z@][A-Za-z0-9@.,_+!&^:/\\[\\]-]{0,199}$" }), plan, {
        ...strict,
        title: "plans by node set",
        description: "Boards that boot otherwise; of two that name one board the later wins.",
      }),
    ),
  },
  { ...strict, title: "the network boot", description: "How boards boot where no operator has said otherwise." },
);

const rack = Type.Object(
  {
    id: id("Its name."),
    label: Type.Optional(text("What people call it.")),
    side: Type.Optional(
      Type.Enum(["front", "back"], { title: "front or back", description: "Where its front looks." }),
    ),
    height_u: Type.Optional(count("Height in rack units.")),
    fans: Type.Optional(whole("Large fans; those in caddies follow from the banks.")),
  },
  { ...strict, title: "a rack" },
);
const networkSwitch = Type.Object(
  {
    id: id("Its name."),
    model: model("A model of kind switch."),
    rack: Type.Optional(id("The rack it stands in.")),
    half: Type.Optional(Type.Enum(["bottom", "top"], { title: "bottom or top", description: "Half of that rack." })),
    address: Type.Optional(reach("Where it is managed.")),
    uplink: Type.Optional(id("The switch or gateway above it.")),
    was: Type.Optional(text("What it was called before.")),
    note: Type.Optional(text("For people.")),
  },
  { ...strict, title: "a switch" },
);
const bank = Type.Object(
  {
    id: names("Its name; with ranges, several banks."),
    model: model("A model of kind bank."),
    rack: Type.Optional(id("The rack it stands in, where its switch does not tell.")),
    switch: Type.Optional(names("The switch its boards are plugged into.")),
    ports: Type.Optional(portNumbers("Switch ports by slot: the first slot has the first port.")),
    power: Type.Optional(names("The supply that feeds its boards, or poe.")),
  },
  { ...strict, title: "a bank" },
);
const supply = Type.Object(
  { id: names("Its name; with ranges, several supplies."), model: model("A model of kind supply.") },
  { ...strict, title: "a supply" },
);
const pdu = Type.Object(
  {
    id: id("Its name."),
    model: model("A model of kind pdu."),
    address: Type.Optional(reach("Where it listens.")),
    breaker_amps: Type.Optional(amount("The breaker it hangs on.")),
    settings: driverSettings,
  },
  { ...strict, title: "a PDU" },
);
const circuit = Type.Object(
  {
    id: Type.Optional(names("Its name; without one it is called as its outlet.")),
    outlet: names("The outlet it hangs on: pdu1.3."),
    feeds: nameList(
      "What hangs on it: supplies, switches, devices, or a rack or half (r1-top) for the supplies and switches in it.",
    ),
    behind: Type.Optional(id("The circuit that feeds this one: it goes dark with it.")),
    always_on: Type.Optional(Type.Boolean({ title: "true or false", description: "Never switched off." })),
    replug: Type.Optional(
      Type.Boolean({ title: "true or false", description: "Its leads are moved by hand now and then." }),
    ),
    only_in: Type.Optional(id("The rack that its leads may be plugged into.")),
  },
  { ...strict, title: "a circuit" },
);
const dependency = Type.Object(
  {
    what: nameList("Circuits, switches, devices; a rack, half or bank stands for the groups that power its boards."),
    needs: nameList("What must be on before it and stay on: circuits, switches, devices."),
    start: Type.Optional(
      Type.Object(
        {
          press: id("Which button."),
          of: id("The device that presses it."),
          after_s: seconds("After its outlet is on."),
        },
        { ...strict, title: "how it starts", description: "A button that must be pressed." },
      ),
    ),
    ready: Type.Optional(
      Type.String({
        title: "tcp ADDRESS:PORT",
        description: "What answers once it is up.",
        pattern: `^tcp ${ipv4Pattern}:[0-9]{1,5}$`,
        maxLength: 40,
      }),
    ),
    timeout_s: Type.Optional(seconds("How long that may take.")),
  },
  { ...strict, title: "a dependency" },
);
const rule = Type.Object(
  {
    id: id("Its name."),
    text: Type.Optional(text("What people must know.")),
    conflict: Type.Optional(text("What speaks against it.")),
    do: Type.Optional(Type.Enum(["shutdown all"], { title: "shutdown all", description: "What is done." })),
    at: Type.Optional(
      Type.String({
        title: "a time like 00:00",
        description: "Each day, in the cluster's time zone.",
        pattern: "^([01][0-9]|2[0-3]):[0-5][0-9]$",
      }),
    ),
    on: Type.Optional(Type.Enum(["operator"], { title: "operator", description: "Done when an operator says so." })),
    warn_minutes: Type.Optional(
      Type.Array(count("Minutes."), { title: "a list of minutes", description: "Warn this long before." }),
    ),
    reason: Type.Optional(text("Why.")),
    enabled: Type.Optional(Type.Boolean({ title: "true or false", description: "Off until wanted." })),
  },
  { ...strict, title: "a rule" },
);
const device = Type.Object(
  {
    id: id("Its name."),
    kind: id("server, gateway, fans, pixels, speaker, solenoid-pair, …"),
    driver: Type.Optional(id("The driver that moves it.")),
    address: Type.Optional(reach("Where it listens.")),
    mac: Type.Optional(macText("Its MAC.")),
    watts: Type.Optional(draw),
    count: Type.Optional(count("How many pixels, fans, … it has.")),
    settings: Type.Optional(
      Type.Record(
        Type.String({ pattern: idPattern }),
        Type.Union([Type.String({ maxLength: 1000 }), Type.Number(), Type.Boolean()], {
          title: "text, a number, true or false",
        }),
        {
          ...strict,
          title: "settings",
          description: "What its driver wants to know.",
        },
      ),
    ),
    note: Type.Optional(text("For people.")),
  },
  { ...strict, title: "a device" },
);
const boards = Type.Object(
  {
    model: Type.Optional(model("The model of every board that says nothing else.")),
    expected: Type.Optional(count("How many boards somebody counted; fewer than slots leaves the last slots empty.")),
    known: Type.Optional(
      Type.Record(
        Type.String({ pattern: idPattern }),
        Type.Object(
          {
            model: Type.Optional(model("A model of kind board.")),
            mac: Type.Optional(macText("Its MAC.")),
            address: Type.Optional(ipv4("Its address, where the rule does not tell.")),
            power: Type.Optional(id("Its supply, or poe, where its bank does not tell.")),
          },
          { ...strict, title: "a board" },
        ),
        { ...strict, title: "boards by name", description: "What is known of single boards." },
      ),
    ),
    ports: Type.Optional(
      Type.Record(
        Type.String({ pattern: idPattern }),
        Type.Record(Type.String({ pattern: "^[1-9][0-9]{0,3}$" }), ipv4("The address on this port."), {
          ...strict,
          title: "addresses by port",
        }),
        {
          ...strict,
          title: "ports by switch",
          description: "Addresses measured port by port; here the rule does not count.",
        },
      ),
    ),
    seen: Type.Optional(
      Type.Record(
        Type.String({ pattern: idPattern }),
        Type.Array(
          Type.String({
            title: "addresses like 172.20.11.[2-9,11]",
            pattern: `^([0-9.]|\\[${numbersPattern}\\])+$`,
            maxLength: 400,
          }),
          { title: "a list of addresses" },
        ),
        { ...strict, title: "addresses by switch", description: "Addresses once seen on a switch, port unknown." },
      ),
    ),
  },
  { ...strict, title: "the boards", description: "What is known of the boards themselves; discovery fills the rest." },
);

/** The schema of a cluster file. */
export const clusterSchema = Type.Object(
  {
    schema: Type.Literal("bramble/v1", { title: "bramble/v1", description: "The form of this file." }),
    cluster: Type.Object(
      {
        name: id("What the cluster is called."),
        description: Type.Optional(text("One line for people.")),
        timezone: Type.Optional(text("IANA name, for schedules; UTC when absent.")),
      },
      { ...strict, title: "the cluster", description: "Its name." },
    ),
    network,
    boot: Type.Optional(boot),
    models: Type.Record(Type.String({ pattern: "^[a-z][a-z0-9+_.-]*$" }), anyModel, {
      ...strict,
      title: "models by name",
      description: "What each make is like, said once.",
    }),
    limits,
    racks: Type.Array(rack, { title: "a list of racks", description: "Where things stand." }),
    switches: Type.Array(networkSwitch, {
      title: "a list of switches",
      description: "Network switches; each with its own address, so one by one.",
    }),
    banks: Type.Array(bank, {
      title: "a list of banks",
      minItems: 1,
      description: "Carriers of boards. Boards are numbered by bank, in the order of the banks' names, and by slot.",
    }),
    supplies: Type.Optional(
      Type.Array(supply, { title: "a list of supplies", description: "What turns mains into volts for boards." }),
    ),
    pdus: Type.Optional(
      Type.Array(pdu, { title: "a list of PDUs", description: "Switched outlets, smart plugs too." }),
    ),
    circuits: Type.Optional(
      Type.Array(circuit, { title: "a list of circuits", description: "What hangs on each outlet." }),
    ),
    depends: Type.Optional(
      Type.Array(dependency, {
        title: "a list of dependencies",
        description:
          "What may only be on while something else is. That a thing needs its own circuit is known already.",
      }),
    ),
    rules: Type.Optional(
      Type.Array(rule, { title: "a list of rules", description: "What people must know, and schedules." }),
    ),
    roles: Type.Optional(roles),
    devices: Type.Optional(
      Type.Array(device, {
        title: "a list of devices",
        description: "Everything else: server, gateway, fans, lamp, speaker.",
      }),
    ),
    boards,
  },
  {
    ...strict,
    title: "Bramble cluster file",
    description: "What hardware a cluster has. Reference: docs/cluster-file.md.",
  },
);

/** The schema as an editor wants it: plain JSON Schema (draft 7), the same rules that the validator follows. */
export function clusterJsonSchema(): Readonly<Record<string, unknown>> {
  const plain = JSON.parse(JSON.stringify(clusterSchema)) as Record<string, unknown>;
  return { $schema: "http://json-schema.org/draft-07/schema#", ...plain };
}
