import { nearest } from "../base/index.ts";
import type { Cluster } from "./model.ts";
import { compareNames, expandNames, looseKey } from "./names.ts";

/** What a node set is read against. */
export type NodeSetContext = {
  readonly cluster: Cluster;
  /** Names that no cluster file knows: `x-aabbcc`. */
  readonly names?: Iterable<string>;
  /** Boards of a living group (`hot`, `silent`, `draining`), or null when there is none of this name. Called without the `@`. */
  readonly groups?: (name: string) => readonly string[] | null;
  /** Names of living groups, so that a misspelled one can be put right. */
  readonly groupNames?: Iterable<string>;
};

/** The boards meant, in the order of the layout; or where and why the text is no node set. `at` counts from 0. */
export type NodeSetResult =
  | { readonly kind: "ok"; readonly boards: readonly string[] }
  | { readonly kind: "invalid"; readonly at: number; readonly message: string; readonly nearest: string | null };

/**
 * Read a node set in ClusterShell's language: `b[1-42,50]`, `@k01`, `all!@hot`, `@r1&@silent`, `@s01^b7`.
 *
 * `,` or a space joins, `!` takes away, `&` keeps what both have, `^` what only one has: from left to right, none before
 * another. Groups of the file: racks, halves, banks, switches, supplies, PDUs, circuits, models of boards; `@all` and `all` are all boards
 * of the file. Zeros may be left out: `b412` is `b0412`.
 */
export function resolveNodeSet(text: string, context: NodeSetContext): NodeSetResult {
  if (text.length > maxLength) return invalid(maxLength, `a node set has at most ${maxLength} characters`);
  const tokens = tokenize(text);
  if (tokens.kind === "invalid") return tokens;
  const book = addressBook(context);
  let result: Set<string> | null = null;
  let operator = ",";
  let operands = 0;
  for (const token of tokens.tokens) {
    if (token.kind === "operator") {
      operator = token.text;
      continue;
    }
    if (++operands > maxOperands) return invalid(token.at, `a node set has at most ${maxOperands} parts`);
    const operand = lookUp(token.text, token.at, context, book);
    if (operand.kind === "invalid") return operand;
    result = result === null ? new Set(operand.boards) : combine(result, operator, operand.boards);
    operator = ",";
  }
  if (result === null) return invalid(0, "an empty node set names no boards; say all for every board");
  const order = (name: string) => book.index.get(name) ?? Number.POSITIVE_INFINITY;
  const boards = [...result].sort((a, b) => {
    const [left, right] = [order(a), order(b)];
    return left === right ? compareNames(a, b) : left - right;
  });
  return { kind: "ok", boards };
}

/** Groups that the cluster file itself gives, by name without the `@`. */
export function groupsOf(cluster: Cluster): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>();
  const add = (group: string | null, board: string) => {
    if (group === null) return;
    const list = groups.get(group);
    if (list === undefined) groups.set(group, [board]);
    else list.push(board);
  };
  const halfOf = new Map(cluster.banks.map((bank) => [bank.id, bank.half]));
  for (const board of cluster.boards) {
    const half = halfOf.get(board.bank) ?? null;
    add("all", board.name);
    add(board.rack, board.name);
    if (half !== null) add(`${board.rack}-${half}`, board.name);
    add(board.bank, board.name);
    add(board.switch, board.name);
    add(board.supply, board.name);
  }
  for (const outlet of cluster.outlets) {
    // Circuit and outlet are two names of one set; a PDU is all of its outlets.
    for (const name of new Set([outlet.circuit, outlet.id])) groups.set(name, [...outlet.boards]);
    if (!groups.has(outlet.pdu)) groups.set(outlet.pdu, []);
  }
  for (const pdu of cluster.pdus) {
    const behind = new Set(
      cluster.outlets.filter((outlet) => outlet.pdu === pdu.id).flatMap((outlet) => outlet.boards),
    );
    const isSwitch = cluster.switches.some((one) => one.id === pdu.id);
    if (!isSwitch) groups.set(pdu.id, [...behind]);
  }
  for (const rest of [...cluster.racks, ...cluster.banks, ...cluster.switches, ...cluster.supplies])
    if (!groups.has(rest.id)) groups.set(rest.id, []);
  // Last, so that a model named like a bank takes nothing from the bank's name.
  for (const [model, boards] of Map.groupBy(cluster.boards, (board) => board.model))
    if (!groups.has(model))
      groups.set(
        model,
        boards.map((board) => board.name),
      );
  return groups;
}

type Token = { readonly kind: "operator" | "operand"; readonly text: string; readonly at: number };
type Invalid = Extract<NodeSetResult, { kind: "invalid" }>;

const maxLength = 20_000;
const maxOperands = 5_000;
const maxNames = 20_000;
// A plus stands in names of models: @pi3b+.
const OPERAND = /[A-Za-z0-9@._:+-]/;

function tokenize(text: string): { readonly kind: "ok"; readonly tokens: readonly Token[] } | Invalid {
  const tokens: Token[] = [];
  let position = 0;
  while (position < text.length) {
    const char = text[position]!;
    if (/\s/.test(char)) {
      position++;
    } else if (",!&^".includes(char)) {
      if (tokens.at(-1)?.kind !== "operand")
        return invalid(position, `"${char}" stands before nothing; a name belongs on its left`);
      tokens.push({ kind: "operator", text: char, at: position++ });
    } else {
      const start = position;
      let inBrackets = false;
      for (; position < text.length; position++) {
        const next = text[position]!;
        if (next === "[") inBrackets = true;
        else if (next === "]") inBrackets = false;
        else if (!inBrackets && !OPERAND.test(next)) break;
      }
      if (position === start) return invalid(position, `"${char}" cannot stand in a node set`);
      tokens.push({ kind: "operand", text: text.slice(start, position), at: start });
    }
  }
  const last = tokens.at(-1);
  if (last?.kind === "operator") return invalid(last.at, `a name is missing after "${last.text}"`);
  return { kind: "ok", tokens };
}

type AddressBook = {
  readonly index: ReadonlyMap<string, number>;
  /** Every name, and each one without its zeros. */
  readonly exact: ReadonlySet<string>;
  readonly loose: ReadonlyMap<string, string>;
};

function addressBook(context: NodeSetContext): AddressBook {
  const index = new Map(context.cluster.boards.map((board) => [board.name, board.index]));
  const strangers = [...(context.names ?? [])].filter((name) => !index.has(name));
  // Strangers carry hex digits of a MAC, whose zeros count, so only names of the file may lose theirs.
  const loose = new Map(context.cluster.boards.map((board) => [looseKey(board.name), board.name]));
  return { index, exact: new Set([...index.keys(), ...strangers]), loose };
}

function lookUp(text: string, at: number, context: NodeSetContext, book: AddressBook): NodeSetResult {
  const isGroup = text.startsWith("@");
  const body = isGroup ? text.slice(1) : text;
  if (body.includes("@")) return invalid(at + text.lastIndexOf("@"), '"@" belongs at the start of a group\'s name');
  if (body === "") return invalid(at, 'a group\'s name is missing after "@"');
  const spelled = expandNames(body, maxNames);
  if (spelled.kind === "invalid") return invalid(at + (isGroup ? 1 : 0) + spelled.at, spelled.message);
  if (isGroup) return lookUpGroups(spelled.names, at, context);
  if (text === "all" && !book.exact.has("all"))
    return { kind: "ok", boards: context.cluster.boards.map((board) => board.name) };
  const boards: string[] = [];
  for (const name of spelled.names) {
    const found = book.exact.has(name) ? name : book.loose.get(looseKey(name));
    if (found === undefined) return unknownBoard(name, at, context, book);
    boards.push(found);
  }
  return { kind: "ok", boards };
}

function lookUpGroups(names: readonly string[], at: number, context: NodeSetContext): NodeSetResult {
  const groups = groupsOf(context.cluster);
  const loose = new Map([...groups.keys()].map((name) => [looseKey(name), name]));
  const boards: string[] = [];
  for (const name of names) {
    const members = groups.get(name) ?? context.groups?.(name) ?? groups.get(loose.get(looseKey(name)) ?? "");
    if (members === undefined || members === null) {
      const near = nearest(name, [...groups.keys(), ...(context.groupNames ?? [])]);
      const hint = near === null ? "" : `; did you mean "@${near}"?`;
      return invalid(at, `there is no group @${shorten(name)}${hint}`, near === null ? null : `@${near}`);
    }
    for (const board of members) boards.push(board);
  }
  return { kind: "ok", boards };
}

function unknownBoard(name: string, at: number, context: NodeSetContext, book: AddressBook): Invalid {
  const { boards } = context.cluster;
  const range = boards.length === 0 ? "the file has none" : `${boards[0]?.name} to ${boards.at(-1)?.name}`;
  const groups = groupsOf(context.cluster);
  if (groups.has(name) || (context.groups?.(name) ?? null) !== null)
    return invalid(at, `${name} is a group, not a board; did you mean "@${name}"?`, `@${name}`);
  const near = name.length > 40 ? null : nearest(name, book.exact);
  const hint = near === null ? "" : `; did you mean "${near}"?`;
  return invalid(at, `there is no board ${shorten(name)} (${range})${hint}`, near);
}

function combine(left: Set<string>, operator: string, right: readonly string[]): Set<string> {
  if (operator === "!") {
    for (const name of right) left.delete(name);
    return left;
  }
  if (operator === "&") {
    const both = new Set(right);
    return new Set([...left].filter((name) => both.has(name)));
  }
  if (operator === "^") {
    for (const name of new Set(right)) if (!left.delete(name)) left.add(name);
    return left;
  }
  for (const name of right) left.add(name);
  return left;
}

function shorten(name: string): string {
  return name.length <= 40 ? name : `${name.slice(0, 39)}…`;
}

function invalid(at: number, message: string, near: string | null = null): Invalid {
  return { kind: "invalid", at, message, nearest: near };
}
