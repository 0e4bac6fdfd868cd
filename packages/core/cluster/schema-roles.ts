import Type from "typebox";
import {
  besidePattern,
  envNamePattern,
  linePattern,
  roleIdPattern,
  roleLimits,
  rolePathPattern,
  unitNamePattern,
} from "./role-rules.ts";
import { strict, text } from "./schema-fields.ts";

const from = Type.String({
  title: "a file beside the cluster file, like roles/start.sh",
  description: "Its content, from a file in the folder of the cluster file or below. Instead of `text`.",
  pattern: besidePattern,
  maxLength: 1000,
});
const content = (most: number) =>
  Type.String({ title: "the content", description: "Its content, written here. Instead of `from`.", maxLength: most });

const file = Type.Object(
  {
    path: Type.String({
      title: "an absolute path like /opt/bramble/worker/start.sh",
      description:
        "Where it stands on the board: below /etc/bramble/roles/<role>/, /opt/bramble/<role>/ or /run/bramble/roles/<role>/; anywhere with `root: true`.",
      pattern: rolePathPattern,
      maxLength: 1000,
    }),
    from: Type.Optional(from),
    text: Type.Optional(content(roleLimits.fileBytes)),
    mode: Type.Optional(
      Type.String({
        title: 'a mode in quotes like "0755"',
        description: 'Who may read, write and run it; "0644" when absent.',
        pattern: "^0[0-7]{3}$",
      }),
    ),
  },
  { ...strict, title: "a file" },
);
const unit = Type.Object(
  {
    name: Type.String({
      title: "a unit like worker.service",
      description: "Its name: .service or .timer; with `root: true` also .socket, .path, .target.",
      pattern: unitNamePattern,
      maxLength: 120,
    }),
    from: Type.Optional(from),
    text: Type.Optional(content(roleLimits.unitChars)),
    enable: Type.Optional(
      Type.Boolean({ title: "true or false", description: "Started when the role is applied; true when absent." }),
    ),
  },
  { ...strict, title: "a unit" },
);
const word = Type.String({ title: "a word of a command", pattern: linePattern, maxLength: roleLimits.wordChars });
const start = Type.Object(
  {
    run: Type.Array(word, {
      title: 'a list of words like ["/opt/bramble/worker/start.sh", "--once"]',
      description: "The command and its words, never a line for a shell. The first is an absolute path.",
      minItems: 1,
    }),
    as: Type.Optional(
      Type.String({
        title: "a user",
        description: "Who runs it, for a role with `root: true`: root when absent. Other roles run as bramble.",
        pattern: "^[a-z_][a-z0-9_-]{0,31}$",
      }),
    ),
    timeout_s: Type.Optional(
      Type.Number({
        title: "seconds",
        description: "Ended after so long, and the role counts as failed; 60 when absent.",
        minimum: 1,
        maximum: roleLimits.startSeconds,
      }),
    ),
  },
  { ...strict, title: "a start", description: "What runs once the files are in place." },
);
const role = Type.Object(
  {
    id: Type.String({ title: "a role's name like worker", description: "Its name.", pattern: roleIdPattern }),
    for: Type.Optional(
      Type.String({
        title: "a node set like @k01 or b[1-42]",
        description: "The boards that have it; of two roles that name one board the later wins.",
        maxLength: 2000,
      }),
    ),
    text: Type.Optional(text("What people must know.")),
    root: Type.Optional(
      Type.Boolean({
        title: "true or false",
        description: "It may write anywhere and run as root, on boards whose agent allows that.",
      }),
    ),
    env: Type.Optional(
      Type.Record(
        Type.String({ pattern: envNamePattern }),
        Type.Union(
          [Type.String({ pattern: linePattern, maxLength: roleLimits.envChars }), Type.Number(), Type.Boolean()],
          { title: "one line of text, a number, true or false" },
        ),
        { ...strict, title: "variables by name", description: "For its start and its services." },
      ),
    ),
    files: Type.Optional(Type.Array(file, { title: "a list of files", description: "What it puts on a board." })),
    units: Type.Optional(Type.Array(unit, { title: "a list of units", description: "What systemd is to run." })),
    start: Type.Optional(start),
  },
  { ...strict, title: "a role" },
);

/** What boards run once they are up. */
export const roles = Type.Array(role, {
  title: "a list of roles",
  description: "What boards run once they are up: files, units, a start, an environment, from the head.",
});
