import Type from "typebox";

// The kinds of values in a cluster file. `title` is the short phrase that an error gives as "expected";
// `description` is what an editor shows.

/** A thing's name, as a pattern. */
export const idPattern = "^[a-z][a-z0-9_.-]*$";
/** What stands between the brackets of a range. */
export const numbersPattern = "[0-9]{1,9}(-[0-9]{1,9}(/[0-9]{1,9})?)?(,[0-9]{1,9}(-[0-9]{1,9}(/[0-9]{1,9})?)?)*";

/** Nothing but the keys named. */
export const strict = { additionalProperties: false } as const;
/** Words for people. */
export const text = (description: string) => Type.String({ title: "text", description, maxLength: 1000 });
/** One name. */
export const id = (description: string) =>
  Type.String({ title: "a name like r1", description, pattern: idPattern, maxLength: 64 });
/** One name, or names with ranges. */
export const names = (description: string) =>
  Type.String({
    title: "a name like k01, or names like k[01-50]",
    description,
    pattern: `^[a-z]([a-z0-9_.-]|\\[${numbersPattern}\\])*$`,
    maxLength: 200,
  });
/** A list of names, each perhaps with ranges. */
export const nameList = (description: string) =>
  Type.Array(names("A name, or names with ranges."), { title: "a list of names", description });
/** The name of a model. */
export const model = (description: string) =>
  Type.String({ title: "a model of this file", description, pattern: "^[a-z][a-z0-9+_.-]*$", maxLength: 64 });
/** A whole number from 1. */
export const count = (description: string) =>
  Type.Integer({ title: "a whole number from 1", description, minimum: 1, maximum: 1_000_000 });
/** A whole number from 0. */
export const whole = (description: string) =>
  Type.Integer({ title: "a whole number", description, minimum: 0, maximum: 1_000_000_000 });
/** A number above 0. */
export const amount = (description: string) =>
  Type.Number({ title: "a number above 0", description, exclusiveMinimum: 0, maximum: 1_000_000_000 });
/** A time in seconds, a day at most. */
export const seconds = (description: string) =>
  Type.Number({ title: "seconds", description, minimum: 0, maximum: 86_400 });
/** A temperature. */
export const degrees = (description: string) =>
  Type.Number({ title: "degrees Celsius", description, minimum: -50, maximum: 200 });
/** A UDP or TCP port. */
export const udpTcpPort = (description: string) =>
  Type.Integer({ title: "a port from 1 to 65535", description, minimum: 1, maximum: 65_535 });
/** Four numbers; that each is below 256 is checked later. */
export const ipv4Pattern = "[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}";
/** An address written out. */
export const ipv4 = (description: string) =>
  Type.String({ title: "an IPv4 address", description, pattern: `^${ipv4Pattern}$`, maxLength: 15 });
/** A network. */
export const cidr = (description: string) =>
  Type.String({
    title: "a network like 10.0.0.0/16",
    description,
    pattern: `^${ipv4Pattern}/[0-9]{1,2}$`,
    maxLength: 18,
  });
/** Where a thing listens: written out, or left to a variable that the site sets. */
export const reach = (description: string) =>
  Type.String({
    title: `an IPv4 address or a variable like ${"$"}{PDU1}`,
    description,
    pattern: `^(${ipv4Pattern}(:[0-9]{1,5})?|\\$\\{[A-Z][A-Z0-9_]*\\})$`,
    maxLength: 80,
  });
/** A MAC. */
export const macText = (description: string) =>
  Type.String({ title: "a MAC like b8:27:eb:00:00:01", description, maxLength: 17, minLength: 12 });
/** Switch ports, perhaps with ranges. */
export const portNumbers = (description: string) =>
  Type.String({ title: "ports like 1-21 or 1-41/2", description, pattern: `^${numbersPattern}$`, maxLength: 200 });

/** What a driver wants to know; the driver says which keys there are (docs/driver.md). */
export const driverSettings = Type.Optional(
  Type.Record(
    Type.String({ pattern: idPattern }),
    Type.Union(
      [
        Type.String({ maxLength: 1000 }),
        Type.Number(),
        Type.Boolean(),
        Type.Array(Type.String({ maxLength: 1000 }), { maxItems: 64 }),
      ],
      { title: "text, a number, true or false, or a list of texts" },
    ),
    { ...strict, title: "settings", description: "What its driver wants to know." },
  ),
);
