import Type from "typebox";
import { Errors } from "typebox/value";
import { ClusterError, nearest } from "../base/index.ts";
import { bootSteps } from "../boot/index.ts";

/*
 * The control port of a running simulator (loopback only): POST /command with a SimCommand, GET /status.
 * Errors have the same body as everywhere: {error: {code, message, hint}}.
 */

const set = Type.String({ minLength: 1, maxLength: 2000 });
const pdu = Type.String({ minLength: 1, maxLength: 64 });
const strict = { additionalProperties: false } as const;
const onPdu = <Verb extends string>(verb: Verb) => Type.Object({ verb: Type.Literal(verb), pdu }, strict);
const onBoards = <Verb extends string, More extends Type.TProperties>(verb: Verb, more: More) =>
  Type.Object({ verb: Type.Literal(verb), set, ...more }, strict);

const step = Type.Union(bootSteps.map((step) => Type.Literal(step)));

/** What each verb needs beside itself. */
const commands = {
  /** Falls silent without closing anything: a black hole. */
  kill: onBoards("kill", {}),
  /** Ends every fault of these boards; the halted and the failed boot again. */
  revive: onBoards("revive", {}),
  /** Stops cleanly, with a goodbye; stays halted until its power is cycled or it is revived. */
  halt: onBoards("halt", {}),
  /** Its power is gone, whatever its outlet says; no connection is closed. */
  cut: onBoards("cut", {}),
  /** Ends a cut: the board boots again when its outlet is on. */
  restore: onBoards("restore", {}),
  /** Its heartbeat goes on, its samples do not. */
  hang: onBoards("hang", {}),
  /** Something blows hot air at it until it has this temperature (default 86). */
  hot: onBoards("hot", { celsius: Type.Optional(Type.Number({ minimum: 30, maximum: 120 })) }),
  /** What is plugged into its USB ports draws so many watts, halted or not (0: nothing any more). */
  draw: onBoards("draw", { watts: Type.Number({ minimum: 0, maximum: 100 }) }),
  /** All that it says leaves this much later (default 1500 ms). */
  slow: onBoards("slow", { delayMs: Type.Optional(Type.Number({ minimum: 1, maximum: 60_000 })) }),
  /** This part of its packets is lost, and sent again as TCP does. */
  loss: onBoards("loss", { part: Type.Number({ minimum: 0, maximum: 1 }) }),
  /** From its next boot on it stops at this step. */
  noboot: onBoards("noboot", { step }),
  /** The PDU acknowledges and reads back what it was told, and switches nothing. */
  lie: onPdu("lie"),
  /** Ends a lie: its outlets become what it says of them. */
  honest: onPdu("honest"),
  /** A second DHCP server answers every board, or does so no longer. */
  rogue: Type.Object({ verb: Type.Literal("rogue"), state: Type.Enum(["on", "off"]) }, strict),
};

/** One fault, or its end, for the boards of a node set (`b0412`, `@g03`, `@k01!b7`), for a PDU or for the network. */
export const SimCommand = Type.Union(Object.values(commands) as (typeof commands)[SimVerb][]);

/** The verbs, for help. */
export const simVerbs = Object.keys(commands) as readonly SimVerb[];

/**
 * The command that `body` is.
 *
 * @throws ClusterError `input.invalid` with what was expected and, for a mistyped verb, the nearest one.
 */
export function readSimCommand(body: unknown): SimCommand {
  const verb = body !== null && typeof body === "object" ? (body as { verb?: unknown }).verb : undefined;
  if (typeof verb !== "string")
    throw new ClusterError("input.invalid", `a command has a "verb": ${simVerbs.join(", ")}`);
  if (!Object.hasOwn(commands, verb)) {
    const near = nearest(verb, simVerbs);
    const ask = near === null ? `there are ${simVerbs.join(", ")}` : `did you mean "${near}"?`;
    throw new ClusterError("input.invalid", `no verb "${verb.slice(0, 40)}": ${ask}`);
  }
  const odd = Object.keys(body as object).find((key) => !Object.hasOwn(commands[verb as SimVerb].properties, key));
  if (odd !== undefined) throw new ClusterError("input.invalid", `${verb} knows no "${odd.slice(0, 40)}"`);
  const [wrong] = Errors(commands[verb as SimVerb], body);
  if (wrong === undefined) return body as SimCommand;
  if (wrong.instancePath === "/step")
    throw new ClusterError("input.invalid", `${verb}: a step is one of ${bootSteps.join(", ")}`);
  throw new ClusterError(
    "input.invalid",
    `${verb}: ${wrong.instancePath.slice(1, 40)} ${wrong.message}`.replace("  ", " "),
  );
}

/** The answer to a command: how many boards it touched, and a sentence for people. */
export const SimAnswer = Type.Object({
  boards: Type.Integer(),
  /** The first names, at most 50. */
  names: Type.Array(Type.String()),
  message: Type.String(),
});

/** GET /status of the control port. */
export const SimStatus = Type.Object({
  cluster: Type.String(),
  boards: Type.Integer(),
  seed: Type.String(),
  speed: Type.Number(),
  /** Where the boards report to; null until a beacon was heard. */
  head: Type.Union([Type.String(), Type.Null()]),
  /** Boards by what they do: dark, booting, failed, running, halted. */
  states: Type.Record(Type.String(), Type.Integer()),
  /** Running boards whose link is open. */
  linked: Type.Integer(),
  /** Boards by fault. */
  faults: Type.Record(Type.String(), Type.Integer()),
  watts: Type.Number(),
  pdus: Type.Array(
    Type.Object({
      id: Type.String(),
      address: Type.String(),
      outlets: Type.Integer(),
      on: Type.Integer(),
      watts: Type.Number(),
      isLying: Type.Boolean(),
    }),
  ),
});

type SimVerb = keyof typeof commands;
/** What the simulator may be told to do. */
export type SimCommand = Type.Static<(typeof commands)[SimVerb]>;
/** What it did, or why not. */
export type SimAnswer = Type.Static<typeof SimAnswer>;
/** How it stands. */
export type SimStatus = Type.Static<typeof SimStatus>;
