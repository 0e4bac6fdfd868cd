import type { FunctionFacts } from "../check.ts";
import type { Scope } from "../compile-expr.ts";
import type { Expr, Stmt } from "../tree.ts";
import type { Body, Home, Part } from "./body.ts";
import type { Code } from "./bytes.ts";
import { imports } from "./imports.ts";
import type { Kind } from "./kinds.ts";
import { Natives } from "./natives.ts";

/** The globals of a module that calls functions: steps left, whether a call went wrong, calls and stack left. */
export const fuel = 0;
/** Whether a call went wrong. */
export const odd = 1;
/** Calls inside calls that are left. */
export const calls = 2;
/** JavaScript frames that closures would have left. */
export const stack = 3;

/** Thrown while a module is written, when closures must keep this loop. */
export class Unsupported extends Error {}

/** A function of the program, written for arguments of certain kinds. */
export type Instance = {
  readonly facts: FunctionFacts;
  /** Kinds of its parameters, then of the shared variables that it reads. */
  readonly takes: readonly Kind[];
  readonly reads: readonly string[];
  readonly index: number;
  /** The kind of what it gives, as far as known; one that turns out wrong is tried anew. */
  gives: Exclude<Kind, "other">;
};

// More than this is no loop of a post; nested loops are written several times until their kinds are known.
const mostWork = 3_000;

/** What one module is made of: the functions that it needs and the closures that it calls out to. */
export class Plan {
  readonly scope: Scope;
  readonly natives: Natives;
  readonly outs: (Expr | Stmt)[] = [];
  readonly instances: Instance[] = [];
  isStale = false;
  readonly #gives = new Map<string, Exclude<Kind, "other">>();
  #work = 0;

  constructor(scope: Scope) {
    this.scope = scope;
    this.natives = new Natives(scope.functions, scope.globalSlots);
  }

  /** Begin to write (again): what was found out about functions stays. */
  begin(): void {
    this.outs.length = 0;
    this.instances.length = 0;
    this.isStale = false;
  }

  /** Count a node, so that writing ends. */
  count(): void {
    if (++this.#work > mostWork) throw new Unsupported();
  }

  /** The function for arguments of these kinds. */
  instance(facts: FunctionFacts, takes: readonly Kind[], reads: readonly string[]): Instance {
    const key = keyOf(facts, takes);
    const known = this.instances.find((instance) => keyOf(instance.facts, instance.takes) === key);
    if (known !== undefined) return known;
    const gives = this.#gives.get(key) ?? "whole";
    const made: Instance = { facts, takes, reads, index: imports.length + this.instances.length, gives };
    this.instances.push(made);
    return made;
  }

  /** A function gave `kind` where it was thought to give another: all that relied on it is written again. */
  revise(instance: Instance): void {
    // One that calls itself gives whole if whole is fed to it, else float if that is, else either.
    this.#gives.set(keyOf(instance.facts, instance.takes), instance.gives === "whole" ? "float" : "mixed");
    this.isStale = true;
  }
}

function keyOf(facts: FunctionFacts, takes: readonly Kind[]): string {
  return `${facts.tree.name} ${takes.join(" ")}`;
}

/** A way out of a block that several places may take: what the variables are there, as far as known. */
export type Exit = { level: number; kinds: Kind[] | null; isStale: boolean };

/** A function of the module while it is written. */
export type Place = {
  readonly plan: Plan;
  readonly b: Body;
  readonly homes: readonly Home[];
  /** What each variable is here; null where the code is never reached. */
  kinds: Kind[] | null;
  /** The variable of a name, or null for one that reads as a constant. */
  readonly find: (name: string, isShared?: boolean) => number | null;
  /** Pay steps, or leave the try. */
  readonly pay: (steps: Code) => Code;
  /** Take back steps that were paid for nothing. */
  readonly refund: (steps: number) => Code;
  /** Let closures do it; null inside functions, where they cannot. */
  readonly callOut: ((what: Expr | Stmt) => { readonly code: Code; readonly result: number }) | null;
  /** Hand the steps left to a function, and take back what it left. */
  readonly lend: Code;
  readonly takeBack: Code;
  readonly loops: { readonly exit: Exit; readonly next: Exit }[];
  /** RETURN. */
  readonly giveBack: (part: Part) => Code;
};
