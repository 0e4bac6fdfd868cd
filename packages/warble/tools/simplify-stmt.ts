import { isCommand } from "../check.ts";
import type { BinaryOperator, Expr, Stmt } from "../tree.ts";
import { eachExpr, eachStmt } from "../walk.ts";
import type { ProgramFacts } from "./facts.ts";
import { isBuiltin, isLogic } from "./simplify-expr.ts";

/** A shorter statement that does exactly the same, or the same one. Its insides are simple already. */
export function simplifyStmt(stmt: Stmt, facts: ProgramFacts): Stmt {
  switch (stmt.kind) {
    case "block":
      return { ...stmt, body: simplifyList(stmt.body, facts) };
    case "expr":
      return { ...stmt, expr: printedValue(stmt.expr, facts) ?? stmt.expr };
    case "assign":
      return simplifyAssign(stmt, facts);
    case "set":
      return simplifySet(stmt);
    case "if":
      return simplifyIf(stmt, facts);
    case "while":
    case "for":
      return simplifyLoop({ ...stmt, body: bodyOf(stmt.body, false) });
    default:
      return stmt;
  }
}

/** Statements one after another, without inner blocks, and with neighbours made one. */
export function simplifyList(list: readonly Stmt[], facts: ProgramFacts): Stmt[] {
  const flat = list.flatMap((stmt) => (stmt.kind === "block" ? stmt.body : [stmt]));
  const out: Stmt[] = [];
  for (const stmt of flat) {
    const before = out.at(-1);
    const joined = before === undefined ? null : joinStmts(before, stmt, facts);
    if (joined === null) out.push(stmt);
    else out[out.length - 1] = joined;
  }
  return out;
}

/** `IF(c)RETURN a` and `RETURN b` are one choice; `x=e` and a `x` that nothing else asks for are `e`. */
function joinStmts(a: Stmt, b: Stmt, facts: ProgramFacts): Stmt | null {
  if (a.kind === "if" && a.no === null && b.kind === "return" && b.value !== null) {
    const { yes } = a;
    if (yes.kind === "return" && yes.value !== null) {
      return { ...b, start: a.start, value: chooseOf(a.test, yes.value, b.value) };
    }
  }
  if (a.kind !== "assign" || a.op !== "" || b.kind !== "expr" || b.expr.kind !== "name") return null;
  if (b.expr.name !== a.name || facts.mentions.get(a.name) !== 2 || isCommand(a.value, facts.functions)) return null;
  return { kind: "expr", expr: a.value, start: a.start, end: b.end };
}

/** What `PRINT(x)` prints when it stands alone, where a bare `x` would print the same. */
function printedValue(expr: Expr, facts: ProgramFacts): Expr | null {
  if (expr.kind === "choose") {
    const yes = printedValue(expr.yes, facts);
    const no = printedValue(expr.no, facts);
    return yes === null || no === null ? null : { ...expr, yes, no };
  }
  if (expr.kind !== "call" || !isBuiltin(expr, "PRINT", facts.names) || expr.args.length > 1) return null;
  const [value] = expr.args;
  if (value === undefined) return { kind: "text", value: "", start: expr.start, end: expr.end };
  return isCommand(value, facts.functions) ? null : value;
}

function simplifyAssign(stmt: Stmt & { kind: "assign" }, facts: ProgramFacts): Stmt {
  const { name, op, value } = stmt;
  if (op !== "" || value.kind !== "binary" || !canAssign(value.op)) return stmt;
  const { left, right } = value;
  const isOwn = (expr: Expr): boolean => expr.kind === "name" && expr.name === name;
  // With += the name is read after the rest was worked out: a function called there must not change it.
  if (isOwn(left) && !(facts.setByFunctions.has(name) && hasCall(right, facts))) {
    return { ...stmt, op: value.op, value: right };
  }
  // Products are the same either way; sums are where nothing is a text.
  const isEither = value.op === "*" || (value.op === "+" && left.kind === "whole" && facts.whole.has(name));
  return isEither && isOwn(right) && isFaultless(left) ? { ...stmt, op: value.op, value: left } : stmt;
}

/** There is no `&=` and no `|=`. */
function canAssign(op: BinaryOperator): boolean {
  return op !== "&" && op !== "|";
}

/** `a[i]=a[i]+1` is `a[i]+=1`, where nothing in it can go wrong or change in between. */
function simplifySet(stmt: Stmt & { kind: "set" }): Stmt {
  const { base, index, op, value } = stmt;
  if (op !== "" || value.kind !== "binary" || value.left.kind !== "index" || !canAssign(value.op)) return stmt;
  const { left, right } = value;
  const isSame =
    isFaultless(base) && isFaultless(index) && sameSimple(base, left.base) && sameSimple(index, left.index);
  return isSame && isFaultless(right) ? { ...stmt, op: value.op, value: right } : stmt;
}

function simplifyIf(stmt: Stmt & { kind: "if" }, facts: ProgramFacts): Stmt {
  const no = stmt.no === null ? null : bodyOf(stmt.no, false);
  const yes = bodyOf(stmt.yes, no !== null);
  const { test, start, end } = stmt;
  if (no === null || isEmpty(no)) return simplifyGuard({ ...stmt, yes: bodyOf(yes, false), no: null }, facts);
  if (isEmpty(yes)) {
    const not: Expr = { kind: "unary", op: "!", arg: test, start: test.start, end: test.end };
    return simplifyGuard({ ...stmt, test: not, yes: no, no: null }, facts);
  }
  if (yes.kind === "assign" && no.kind === "assign" && yes.name === no.name && yes.op === no.op) {
    return { ...yes, value: chooseOf(test, yes.value, no.value), start, end };
  }
  if (yes.kind === "return" && no.kind === "return" && yes.value !== null && no.value !== null) {
    return { ...yes, value: chooseOf(test, yes.value, no.value), start, end };
  }
  if (yes.kind === "expr" && no.kind === "expr") {
    const isQuiet = isCommand(yes.expr, facts.functions);
    if (isQuiet === isCommand(no.expr, facts.functions)) {
      return { kind: "expr", expr: chooseOf(test, yes.expr, no.expr), start, end };
    }
  }
  return { ...stmt, yes, no };
}

/** An IF without ELSE: a command behind `&&` is two characters shorter, and a truth can be added. */
function simplifyGuard(stmt: Stmt & { kind: "if" }, facts: ProgramFacts): Stmt {
  const { test, yes, start, end } = stmt;
  if (yes.kind === "if" && yes.no === null && bindsLikeAnd(test) && bindsLikeAnd(yes.test)) {
    return { ...stmt, test: { kind: "and", left: test, right: yes.test, start, end }, yes: yes.yes };
  }
  if (yes.kind === "assign" && isLogic(test) && facts.whole.has(yes.name) && counts(yes)) {
    return { ...yes, value: test, start, end };
  }
  if (yes.kind !== "expr" || !isCommand(yes.expr, facts.functions)) return stmt;
  const { expr } = yes;
  if (expr.kind !== "call") return stmt;
  if (test.kind === "unary" && test.op === "!" && test.arg.kind !== "choose") {
    return { kind: "expr", expr: { kind: "or", left: test.arg, right: expr, start, end }, start, end };
  }
  if (!bindsLikeAnd(test)) return stmt;
  return { kind: "expr", expr: { kind: "and", left: test, right: expr, start, end }, start, end };
}

/** Whether it needs no brackets beside `&&`. */
function bindsLikeAnd(test: Expr): boolean {
  return test.kind !== "choose" && test.kind !== "or";
}

/** `x++` or `x--`. */
function counts({ op, value }: Stmt & { kind: "assign" }): boolean {
  return (op === "+" || op === "-") && value.kind === "whole" && value.value === 1;
}

/** What a loop does last in each turn moves into the head of a FOR, which saves the braces. */
function simplifyLoop(stmt: Stmt & ({ kind: "while" } | { kind: "for" })): Stmt {
  const { body } = stmt;
  if (body.kind !== "block" || body.body.length < 2 || continues(body)) return stmt;
  const [first, ...rest] = body.body as [Stmt, ...Stmt[]];
  const step = stmt.kind === "for" ? stmt.step : [];
  // Two braces are saved; each comma costs one character.
  if (rest.length + step.length > 2 || !rest.every(isSimple)) return stmt;
  const head = stmt.kind === "for" ? stmt : { ...stmt, kind: "for" as const, first: [] };
  return { ...head, step: [...rest, ...step], body: first };
}

function isSimple(stmt: Stmt): boolean {
  return stmt.kind === "assign" || stmt.kind === "set" || stmt.kind === "expr";
}

/** Whether a CONTINUE belongs to the loop with this body. */
function continues(stmt: Stmt): boolean {
  switch (stmt.kind) {
    case "continue":
      return true;
    case "block":
      return stmt.body.some(continues);
    case "if":
      return continues(stmt.yes) || (stmt.no !== null && continues(stmt.no));
    default:
      return false;
  }
}

/** A body without its braces, where they hold one statement and no ELSE could change its IF. */
function bodyOf(body: Stmt, hasElse: boolean): Stmt {
  if (body.kind !== "block" || body.body.length !== 1) return body;
  const [only] = body.body as [Stmt];
  return hasElse && takesElse(only) ? body : bodyOf(only, hasElse);
}

/** Whether an ELSE behind the statement would become its own. */
function takesElse(stmt: Stmt): boolean {
  switch (stmt.kind) {
    case "if":
      return stmt.no === null || takesElse(stmt.no);
    case "while":
    case "for":
      return takesElse(stmt.body);
    default:
      return false;
  }
}

function isEmpty(stmt: Stmt): boolean {
  return stmt.kind === "block" && stmt.body.length === 0;
}

function chooseOf(test: Expr, yes: Expr, no: Expr): Expr {
  return { kind: "choose", test, yes, no, start: test.start, end: no.end };
}

function hasCall(expr: Expr, facts: ProgramFacts): boolean {
  let found = false;
  eachExpr(expr, (inner) => {
    if (inner.kind === "call" && facts.names.has(inner.name)) found = true;
  });
  return found;
}

/** A literal or a name: working it out changes nothing and never fails. */
function isFaultless(expr: Expr): boolean {
  return expr.kind === "whole" || expr.kind === "text" || (expr.kind === "name" && expr.upper !== "PI");
}

function sameSimple(a: Expr, b: Expr): boolean {
  if (a.kind === "name") return b.kind === "name" && a.name === b.name;
  return (a.kind === "whole" || a.kind === "text") && b.kind === a.kind && a.value === b.value;
}

/** The names that a statement sets. */
export function namesSet(stmt: Stmt): Set<string> {
  const names = new Set<string>();
  eachStmt(stmt, null, (inner) => {
    if (inner.kind === "assign") names.add(inner.name);
  });
  return names;
}
