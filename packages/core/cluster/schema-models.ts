import Type from "typebox";
import { amount, count, degrees, driverSettings, id, strict } from "./schema-fields.ts";

/** What a thing draws. */
export const draw = Type.Object(
  { max: amount("Watts at full work."), idle: Type.Optional(amount("Watts when idle.")) },
  { ...strict, title: "watts drawn", description: "What it draws." },
);

const boardModel = Type.Object(
  {
    kind: Type.Literal("board"),
    cpu: Type.Object({ cores: count("Cores."), mhz: count("Clock in MHz.") }, { ...strict, title: "cores and mhz" }),
    memory_mb: count("Memory in megabytes."),
    ethernet_mbps: Type.Optional(count("What its network port can move, in Mbit/s.")),
    watts: Type.Object(
      {
        max: amount("Watts at full work."),
        idle: amount("Watts when idle."),
        inrush: amount("Watts in the first second after power-on."),
      },
      { ...strict, title: "max, idle and inrush watts", description: "What one board draws." },
    ),
    netboot: Type.Enum(["native", "eeprom", "none"], {
      title: "native, eeprom or none",
      description: "How it boots over the network.",
    }),
    thermal_c: Type.Optional(
      Type.Object(
        {
          soft: Type.Optional(degrees("Where the firmware lowers the clock.")),
          throttle: degrees("Where the firmware throttles."),
          max: degrees("Where the firmware throttles hardest."),
        },
        { ...strict, title: "temperatures", description: "Limits of the firmware." },
      ),
    ),
  },
  strict,
);
const supplyModel = Type.Object(
  {
    kind: Type.Literal("supply"),
    ports: count("How many boards it can feed."),
    volts: amount("Volts it gives."),
    watts: amount("Watts it can give for ever."),
    peak_watts: amount("Watts it can give for a second."),
  },
  strict,
);
const switchModel = Type.Object(
  {
    kind: Type.Literal("switch"),
    ports: count("Ports for boards."),
    uplinks: Type.Optional(
      Type.Array(count("A port."), { title: "a list of ports", description: "Ports that lead up." }),
    ),
    poe: Type.Optional(
      Type.Object(
        {
          driver: id("The driver that switches its ports."),
          watts: amount("Watts for all ports."),
          per_port: amount("Watts for one port."),
          settings: driverSettings,
        },
        { ...strict, title: "power over Ethernet", description: "Ports that give power are outlets: s1.1." },
      ),
    ),
    mac_table: Type.Optional(id("The driver that reads which MAC is on which port.")),
    watts: draw,
  },
  strict,
);
const bankModel = Type.Object(
  {
    kind: Type.Literal("bank"),
    slots: count("Boards it holds."),
    height_u: count("Height in rack units."),
    fan_every: Type.Optional(count("Every n-th caddy, from the first, carries a fan.")),
  },
  strict,
);
const pduModel = Type.Object(
  {
    kind: Type.Literal("pdu"),
    outlets: count("Switched outlets."),
    driver: id("The driver that switches them."),
    watts: amount("Watts it may carry."),
    meters: Type.Optional(Type.Boolean({ title: "true or false", description: "Whether it measures what it gives." })),
    settings: driverSettings,
  },
  strict,
);

/** What each make is like: told apart by `kind`. */
export const anyModel = Type.Union([boardModel, supplyModel, switchModel, bankModel, pduModel], {
  title: "a model with a kind: board, supply, switch, bank or pdu",
});
