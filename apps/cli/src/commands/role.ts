import type { ApplyRolesAnswer, RoleAnswer, RoleStatesAnswer, RolesAnswer } from "@bramble/core/api";
import type { Command } from "commander";
import type { HeadClient } from "../head-client.ts";
import { headClient } from "../head-client.ts";
import type { HeadOptions } from "../options.ts";
import { headAddress, whole, withHead } from "../options.ts";
import { CommandError } from "../problem.ts";
import type { Terminal } from "../terminal.ts";
import { ago, table } from "../terminal.ts";

/** `bramble role …`: what boards run once they are up. */
export function addRole(program: Command, terminal: Terminal, signal: AbortSignal): void {
  const role = program.command("role").description("what boards run once they are up: list, show, set, apply, state");

  withHead(role.command("list"))
    .description("the roles of the cluster file, and how many boards have them")
    .addHelpText("after", "\nExample:\n  bramble role list")
    .action(async (options: HeadOptions) => {
      const answer = await headClient(headAddress(options)).get<RolesAnswer>("/roles");
      if (options.json) return terminal.out(JSON.stringify(answer, null, 2));
      if (answer.roles.length === 0) return terminal.note("the cluster file has no roles; docs/roles.md tells how");
      terminal.out(roleTable(answer.roles));
    });

  withHead(role.command("show"))
    .description("one role: its files, units, start and variables")
    .argument("<role>", "its name in the cluster file")
    .addHelpText("after", "\nExample:\n  bramble role show worker")
    .action(async (id: string, options: HeadOptions) => {
      const answer = await headClient(headAddress(options)).get<RoleAnswer>(`/roles/${encodeURIComponent(id)}`);
      terminal.out(options.json ? JSON.stringify(answer, null, 2) : describeRole(answer));
    });

  withHead(role.command("set"))
    .description("say which role boards should have; they take it when they link next, or by `bramble role apply`")
    .argument("<set>", "a node set: b[1-42], @k01, @r1")
    .argument("<role>", "a role; none: no role at all; file: whatever the cluster file says")
    .addHelpText("after", "\nExample:\n  bramble role set @k01 worker")
    .action(async (set: string, id: string, options: HeadOptions) => {
      const body = { set, role: id === "file" ? null : id };
      const answer = await headClient(headAddress(options)).put<{ boards: number }>("/roles/assignments", body);
      if (options.json) return terminal.out(JSON.stringify(answer, null, 2));
      const what = id === "file" ? "the role of the cluster file" : id === "none" ? "no role" : `the role ${id}`;
      terminal.out(`${boards(answer.boards)} to have ${what}; \`bramble role apply ${set}\` makes it so now`);
    });

  withHead(role.command("apply"))
    .description("read the roles of the cluster file again and let boards take theirs now; waits until they have")
    .argument("[set]", "a node set; all boards when absent")
    .option("--no-wait", "do not wait")
    .option("--patience <seconds>", "stop waiting when nothing moved for so long", whole(1, 3600), 90)
    .addHelpText("after", "\nExample:\n  bramble role apply @k01")
    .action(async (set: string | undefined, options: HeadOptions & { wait: boolean; patience: number }) => {
      const head = headClient(headAddress(options));
      const answer = await head.post<ApplyRolesAnswer>("/roles/apply", set === undefined ? {} : { set });
      if (!options.json) terminal.note(describeApply(answer));
      if (!options.wait) return options.json ? terminal.out(JSON.stringify(answer, null, 2)) : undefined;
      const ended = await watch({ head, terminal, signal }, set, answer, options.patience * 1000);
      terminal.out(options.json ? JSON.stringify({ ...answer, ...ended }, null, 2) : countsInWords(ended.counts));
      const bad = ended.boards.filter(({ state }) => state === "failed" || state === "kept");
      if (bad.length > 0)
        throw new CommandError(`the role failed on ${boards(bad.length)}: ${bad[0]!.board}: ${bad[0]!.error}`, {
          hint: "`bramble role state` tells of each.",
        });
    });

  withHead(role.command("state"))
    .description("what each board should have, what it has, and how it stands")
    .argument("[set]", "a node set; all boards when absent")
    .option("--all", "also the boards that should have no role and have none")
    .addHelpText("after", "\nExample:\n  bramble role state @k01")
    .action(async (set: string | undefined, options: HeadOptions & { all?: boolean }) => {
      const answer = await statesOf(headClient(headAddress(options)), set);
      if (options.json) return terminal.out(JSON.stringify(answer, null, 2));
      terminal.out(countsInWords(answer.counts));
      const told = answer.boards.filter(({ state }) => options.all || state !== "none");
      if (told.length > 0) terminal.out(stateTable(told, answer.now));
    });
}

type Watching = { readonly head: HeadClient; readonly terminal: Terminal; readonly signal: AbortSignal };

/** Until every board that was asked has done it, or nothing moves any more. */
async function watch(
  { head, terminal, signal }: Watching,
  set: string | undefined,
  { unlinked }: ApplyRolesAnswer,
  patienceMs: number,
): Promise<RoleStatesAnswer> {
  let said = "";
  let movedAt = performance.now();
  for (;;) {
    const answer = await statesOf(head, set);
    const { fetching = 0, applying = 0, removing = 0, waiting = 0 } = answer.counts;
    if (fetching + applying + removing === 0 && waiting <= unlinked) return answer;
    const now = countsInWords(answer.counts);
    if (now !== said) {
      movedAt = performance.now();
      terminal.note(now);
    }
    said = now;
    if (signal.aborted || performance.now() - movedAt > patienceMs) return answer;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

function statesOf(head: HeadClient, set: string | undefined): Promise<RoleStatesAnswer> {
  return head.get("/roles/state", { set });
}

function roleTable(roles: RolesAnswer["roles"]): string {
  return table(
    ["ROLE", "FOR", "BOARDS", "APPLIED", "FILES", "UNITS", "START", "ROOT", "CHECKSUM", "WHAT"],
    roles.map((role) => [
      ...[role.id, role.for, role.boards, role.applied, role.files, role.units],
      ...[role.start ? "yes" : "no", role.root ? "yes" : "no", role.checksum.slice(0, 12), role.text],
    ]),
  );
}

function describeRole(role: RoleAnswer): string {
  const lines = [
    `${role.id}: ${role.text ?? ""}`.trimEnd(),
    `  for        ${role.for ?? "nobody, unless an operator says so"}`,
    `  boards     ${role.boards} are to have it, ${role.applied} have it`,
    `  runs as    ${role.root ? (role.start?.as ?? "root") : "bramble"}`,
    `  checksum   ${role.checksum} (${role.bytes} octets)`,
    ...role.env.map(([name, value]) => `  variable   ${name}=${value}`),
    ...role.files.map(({ path, mode, bytes }) => `  file       ${mode} ${path} (${bytes} octets)`),
    ...role.units.map(({ name, enable }) => `  unit       ${name}${enable ? "" : ", not started"}`),
  ];
  if (role.start !== null)
    lines.push(`  start      ${role.start.run.map(word).join(" ")}, ${role.start.timeoutMs / 1000} s at most`);
  return lines.join("\n");
}

function stateTable(states: RoleStatesAnswer["boards"], now: number): string {
  const name = (ref: { id: string; checksum: string } | null) =>
    ref === null ? null : `${ref.id} ${ref.checksum.slice(0, 12)}`;
  return table(
    ["BOARD", "STATE", "FOR", "WANTED", "IN FORCE", "WHY"],
    states.map(({ board, state, since, wanted, inForce, error }) => [
      ...[
        board,
        state,
        since === null ? null : ago(now - since),
        name(wanted),
        name(inForce),
        error?.slice(0, 120) ?? "",
      ],
    ]),
  );
}

function describeApply({ boards: all, asked, current, unlinked, off, unknown }: ApplyRolesAnswer): string {
  const others = [
    ...(current > 0 ? [`${current} have what they should have`] : []),
    ...(unlinked > 0 ? [`${unlinked} take it when they link`] : []),
    ...(off > 0 ? [`${off} take no roles`] : []),
    ...(unknown > 0 ? [`${unknown} should have a role that is not in the cluster file`] : []),
  ];
  return `${asked} of ${boards(all)} take their role now${others.length === 0 ? "" : `; ${others.join(", ")}`}`;
}

function countsInWords(counts: Readonly<Record<string, number>>): string {
  const all = Object.entries(counts).filter(([, count]) => count > 0);
  return all.length === 0 ? "no boards" : all.map(([state, count]) => `${count} ${state}`).join(", ");
}

function boards(count: number): string {
  return count === 1 ? "1 board" : `${count} boards`;
}

/** As a person would type it: quoted where a shell would see more than a word. */
function word(text: string): string {
  return /^[\w./:=@%+,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
