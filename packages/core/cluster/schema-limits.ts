import Type from "typebox";
import { amount, count, degrees, id, seconds, strict } from "./schema-fields.ts";

/** What may be on at once, how fast, how hot. */
export const limits = Type.Object(
  {
    supply: Type.Object(
      { amps: amount("Amperes that the site gives."), volts: amount("Volts that the site gives.") },
      { ...strict, title: "amps and volts", description: "What the site gives in all." },
    ),
    load_max: Type.Number({
      title: "a part of 1",
      description:
        "Steady load allowed on a supply or breaker, as a part of its rating. Inrush counts against peaks instead.",
      exclusiveMinimum: 0,
      maximum: 1,
    }),
    profiles: Type.Array(
      Type.Object(
        {
          id: id("The profile's name."),
          boards: Type.Optional(
            Type.Union([count("A number of boards."), Type.Literal("all")], {
              title: "a number or all",
              description: "How many boards may be on.",
            }),
          ),
          supplies: Type.Optional(
            count("How many supplies may be on; the boards follow from them. Instead of `boards`."),
          ),
          only_in: Type.Optional(id("The rack that this profile is for.")),
        },
        { ...strict, title: "a profile" },
      ),
      {
        title: "a list of profiles",
        minItems: 1,
        description: "Boards on at the same time, by occasion; the first is the default.",
      },
    ),
    wave: Type.Object(
      {
        boards: count("At most this many boards start at once."),
        accept: count("With this many up the wave counts as done."),
        retries: Type.Integer({
          title: "a whole number",
          minimum: 0,
          maximum: 100,
          description: "Power cycles before giving up.",
        }),
        settle_s: seconds("How long a wave may take before the rest is cycled."),
      },
      { ...strict, title: "the wave", description: "How boards are brought up." },
    ),
    stagger: Type.Object(
      { outlets_s: seconds("Between two outlets."), watts_per_s: amount("Load added per second at most.") },
      { ...strict, title: "the stagger", description: "Keeps inrush small." },
    ),
    thermal_c: Type.Object(
      {
        warn: degrees("Warn."),
        alarm: degrees("Alarm."),
        cut: degrees("Cut the power."),
        sustain_s: seconds("When it lasts this long."),
      },
      { ...strict, title: "temperatures", description: "What is too hot." },
    ),
  },
  { ...strict, title: "the limits", description: "What may be on at once, how fast, how hot." },
);
