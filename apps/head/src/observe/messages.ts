import {
  type BoardMessage,
  BootMessage,
  Bye,
  Chunked,
  FoldMessage,
  Hello as HelloSchema,
  Ready,
  Result,
  RoleStateMessage,
} from "@bramble/core/api";
import type { TSchema } from "typebox";
import { Compile } from "typebox/compile";

/** What a text frame said, or what is wrong with it. */
export type Read =
  | { readonly kind: "message"; readonly message: BoardMessage }
  | { readonly kind: "wrong"; readonly reason: string };

/** A reader of the board's messages; its schemas are compiled once. */
export function createReader(): (text: string) => Read {
  const schemas = new Map<unknown, { Check(value: unknown): boolean; Errors(value: unknown): Wrong[] }>(
    Object.entries({
      ...{ hello: HelloSchema, boot: BootMessage, ready: Ready, result: Result },
      ...{ fold: FoldMessage, chunked: Chunked, "role-state": RoleStateMessage, bye: Bye },
    }).map(([type, schema]) => [type, Compile(schema as TSchema)]),
  );
  return (text) => {
    let said: unknown;
    try {
      said = JSON.parse(text);
    } catch {
      return { kind: "wrong", reason: "a text frame is not JSON" };
    }
    const type = typeof said === "object" && said !== null && "type" in said ? said.type : undefined;
    const schema = schemas.get(type);
    if (schema === undefined) {
      // Anything else is not spelt out: String() runs the value's own toString, and a list within a list within a list.
      const named = typeof type === "string" ? `"${type.slice(0, 20)}"` : "what has no type";
      return { kind: "wrong", reason: `${named} is no message; known: ${[...schemas.keys()].join(", ")}` };
    }
    if (schema.Check(said)) {
      const message = said as BoardMessage;
      // The schema cannot say that an effect begins with its name.
      if (message.type === "result" && !message.outcome.effects.every(([name]) => typeof name === "string"))
        return { kind: "wrong", reason: "result/outcome/effects: an effect begins with its name" };
      return { kind: "message", message };
    }
    const [first] = schema.Errors(said);
    return {
      kind: "wrong",
      reason: `${String(type)}${first?.instancePath ?? ""}: ${first?.message ?? "does not fit"}`,
    };
  };
}

type Wrong = { readonly instancePath: string; readonly message: string };
