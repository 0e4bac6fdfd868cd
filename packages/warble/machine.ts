import { Constants } from "./constants.ts";
import type { Effect, Environment } from "./environment.ts";
import { fail } from "./errors.ts";
import type { Limits } from "./limits.ts";
import { Random, type RandomState } from "./random.ts";
import type { FoldCode, Spread } from "./spread.ts";
import type { Tier } from "./tier.ts";
import type { Stmt } from "./tree.ts";
import { Decimal, Float, List, type Value } from "./values.ts";

// Deeper expressions in deeper calls would reach the end of the JavaScript stack, at a place that is nobody's promise.
const deepestStack = 3_000;
// A list costs this many cells besides its elements, as its object and array do.
const cellsPerList = 8;

/** Where a program stood in all that a turn of a loop may change, so that the turn can be made again. */
export type Mark = {
  readonly lines: number;
  readonly line: string;
  readonly bytesLeft: number;
  readonly effects: number;
  readonly cells: number;
  readonly held: number;
  readonly made: number;
  readonly nextAudit: number;
  readonly depth: number;
  readonly stack: number;
  readonly pureFrom: number;
  readonly sleptSeconds: number;
  readonly random: RandomState | null;
  readonly foldsMet: number;
};

/**
 * The state of one run: what is left of each limit, what was written, and where the program stands in chance and
 * precision. Every limit is spent through a method here, before the work is done.
 */
export class Machine {
  readonly limits: Limits;
  readonly environment: Environment;
  readonly tier: Tier;
  readonly out: string[] = [];
  readonly effects: Effect[] = [];
  /** Steps left. */
  fuel: number;
  /** Digits of SETPRECISION, 0 when off. */
  precision = 0;
  /** The value of the RETURN under way. */
  returned: Value = 0;
  /** Cells made so far; while a SUM runs, lists born before `pureFrom` must not change. */
  cells = 0;
  pureFrom = -1;
  /** Bits of big values that unfinished expressions may still hold. */
  held = 0;
  /** Calls under way, and the JavaScript frames that they may take. */
  depth = 0;
  stack = 0;
  readonly frames: Value[][] = [[]];
  /** A loop is being tried in WebAssembly; steps that closures did for turns of such tries that were thrown away. */
  isTrying = false;
  inVain = 0;
  sleptSeconds = 0;
  /** Who computes big folds elsewhere; null: nobody. */
  spread: Spread | null = null;
  /** The folds of the program by the place where they stand, when another board asks for one of them. */
  folds: Map<number, FoldCode> | null = null;
  #line = "";
  #bytesLeft: number;
  #made = 0;
  #nextAudit: number;
  // Most programs need none of these, and a tiny one would take longer to make them than to run.
  #constants: Constants | null = null;
  #random: Random | null = null;
  #prices: Map<Stmt, number> | null = null;
  #remarks: Map<string, number> | null = null;
  #saves: Map<string, string> | null = null;
  #data: Map<string, string> | null = null;
  #sent: Sent | null = null;
  readonly #heldMost: number;
  #flat = "";

  constructor(limits: Limits, environment: Environment, tier: Tier) {
    this.limits = limits;
    this.environment = environment;
    this.tier = tier;
    this.fuel = limits.steps;
    this.#bytesLeft = limits.outputBytes;
    this.#heldMost = 64 * limits.wholeBits;
    this.#nextAudit = this.#heldMost / 4;
  }

  /** Powers of ten and two, pi and logarithms, made once a run when first needed. */
  get constants(): Constants {
    this.#constants ??= new Constants();
    return this.#constants;
  }

  /** Chance, from the seed of the environment on. */
  get random(): Random {
    this.#random ??= new Random(this.environment.seed);
    return this.#random;
  }

  /** What a turn of each loop of the program costs, in steps. */
  get prices(): Map<Stmt, number> {
    this.#prices ??= new Map();
    return this.#prices;
  }

  /** What was forgiven while running, and where first. */
  get remarks(): ReadonlyMap<string, number> | null {
    return this.#remarks;
  }

  /** What SAVE keeps, by name, in the text form of `encodeValue`. */
  get saves(): Map<string, string> {
    this.#saves ??= new Map();
    return this.#saves;
  }

  /** What SETDATA keeps, likewise. */
  get data(): Map<string, string> {
    this.#data ??= new Map();
    return this.#data;
  }

  /** The bytes of all that is kept, by the command that keeps it, once it has. */
  get sent(): Sent {
    this.#sent ??= {};
    return this.#sent;
  }

  /** What was kept, as plain data; made so that a name such as __proto__ is a name like any other. */
  kept(): { saves: Record<string, string>; data: Record<string, string> } {
    return {
      saves: this.#saves === null ? {} : Object.fromEntries(this.#saves),
      data: this.#data === null ? {} : Object.fromEntries(this.#data),
    };
  }

  /** Pay `steps`, or end the program. */
  pay(steps: number, at: number): void {
    this.fuel -= steps;
    if (this.fuel < 0) this.outOfSteps(at);
  }

  outOfSteps(at: number): never {
    this.fuel = 0;
    return fail("STEPS", at, `The program used up its ${this.limits.steps.toLocaleString("en")} steps here.`);
  }

  /** Make room for a list of `length` elements, or end the program. */
  makeCells(length: number, at: number): void {
    if (length > this.limits.listLength) {
      fail("MEMORY", at, `A list has at most ${this.limits.listLength} elements.`);
    }
    this.addCells(length + cellsPerList, at);
  }

  addCells(count: number, at: number): void {
    this.cells += count;
    if (this.cells > this.limits.listCells) {
      fail("MEMORY", at, `The program made more than ${this.limits.listCells} list cells.`);
    }
  }

  /** How many cells a value takes beyond the one that it stands in. */
  extraCells(value: Value): number {
    if (typeof value === "number") return (value | 0) === value ? 0 : 2;
    if (typeof value === "string") return value === "" ? 0 : 2 + (value.length >> 2);
    if (typeof value === "bigint") return 4 + (this.constants.bitsOf(value) >> 6);
    if (value instanceof Decimal) return 8 + (value.digits >> 4);
    return value instanceof Float ? 4 : 0;
  }

  /** A new list of `items`, paid for. */
  list(items: Value[], at: number): List {
    const born = this.cells;
    this.makeCells(items.length, at);
    let extra = 0;
    for (const item of items) extra += this.extraCells(item);
    if (extra > 0) this.addCells(extra, at);
    this.pay(1 + (items.length >> 2), at);
    return new List(items, born);
  }

  /** Count a big value just made: what expressions hold and names keep has one bound, whatever a list could count. */
  hold(bits: number, at: number): void {
    // Whole bits, so that what several boards have made adds up to the same in any order.
    const whole = Math.ceil(bits);
    this.held += whole;
    this.#made += whole;
    if (this.#made > this.#nextAudit || this.held > this.#heldMost) this.#audit(at);
  }

  /** Bits of big values made so far, and the most that may be held of them at a time. */
  get made(): number {
    return this.#made;
  }

  get heldMost(): number {
    return this.#heldMost;
  }

  /** Count what a chunk that ran elsewhere has made there: so little that no audit can have failed. */
  madeElsewhere(bits: number): void {
    this.#made += bits;
    if (this.#made > this.#nextAudit) this.#nextAudit = this.#auditAfter(this.#made);
  }

  /** Bits of the values that the names of all calls under way hold. */
  weightOfFrames(): number {
    let bits = 0;
    for (let i = 0; i <= this.depth; i++) {
      const frame = this.frames[i]!;
      for (let slot = 0; slot < frame.length; slot++) {
        const value = frame[slot]!;
        if (typeof value !== "number") bits += weightOf(value, this.constants);
      }
    }
    return bits;
  }

  /** After a call or a fold: of all that it held, only its result is still there. */
  heldFrom(held: number, value: Value): void {
    this.held = typeof value === "number" ? held : held + weightOf(value, this.constants);
  }

  #audit(at: number): void {
    if (this.held + this.weightOfFrames() > this.#heldMost) {
      fail("MEMORY", at, "The numbers and texts of the program together take more memory than it may have.");
    }
    this.#nextAudit = this.#auditAfter(this.#made);
  }

  /** Audits stand on a grid, so that when the next one comes does not depend on where the last one was made. */
  #auditAfter(made: number): number {
    const every = this.#heldMost / 4;
    return (Math.floor(made / every) + 1) * every;
  }

  /** Enter a call whose body may nest `levels` JavaScript frames. */
  enter(frame: Value[], levels: number, at: number): void {
    this.depth++;
    this.stack += levels;
    if (this.depth > this.limits.depth || this.stack > deepestStack) {
      fail("DEPTH", at, `Calls inside calls: at most ${this.limits.depth} levels, fewer when each is long.`);
    }
    this.frames[this.depth] = frame;
  }

  leave(levels: number): void {
    this.depth--;
    this.stack -= levels;
  }

  /** Calls inside calls that may still be made here. */
  get callsLeft(): number {
    return this.limits.depth - this.depth;
  }

  /** JavaScript frames that they may take. */
  get stackLeft(): number {
    return deepestStack - this.stack;
  }

  /** Remember where the program stands, names, steps, what was saved and lists' elements apart. */
  mark(): Mark {
    return {
      lines: this.out.length,
      line: this.#line,
      bytesLeft: this.#bytesLeft,
      effects: this.effects.length,
      cells: this.cells,
      held: this.held,
      made: this.#made,
      nextAudit: this.#nextAudit,
      depth: this.depth,
      stack: this.stack,
      pureFrom: this.pureFrom,
      sleptSeconds: this.sleptSeconds,
      random: this.#random?.state() ?? null,
      foldsMet: this.spread?.met ?? 0,
    };
  }

  /** Undo all that happened since `mark`. */
  goBack(mark: Mark): void {
    this.out.length = mark.lines;
    this.#line = mark.line;
    this.#bytesLeft = mark.bytesLeft;
    this.effects.length = mark.effects;
    this.cells = mark.cells;
    this.held = mark.held;
    this.#made = mark.made;
    this.#nextAudit = mark.nextAudit;
    this.depth = mark.depth;
    this.stack = mark.stack;
    this.pureFrom = mark.pureFrom;
    this.sleptSeconds = mark.sleptSeconds;
    if (mark.random === null) this.#random = null;
    else this.random.setState(mark.random);
    if (this.spread !== null) this.spread.met = mark.foldsMet;
  }

  get bytesLeft(): number {
    return this.#bytesLeft;
  }

  /** Write a text and its `end` to stdout, or end the program when they do not fit any more. */
  print(text: string, end: string, at: number): void {
    if (end === "\n" && !text.includes("\n")) {
      this.#spend(utf8Length(text) + 1, at);
      this.out.push(this.#line + text);
      this.#line = "";
    } else this.#write(text + end, at);
  }

  #write(text: string, at: number): void {
    this.spendBytes(text, at);
    let from = 0;
    for (;;) {
      const end = text.indexOf("\n", from);
      if (end < 0) break;
      this.out.push(this.#line + text.slice(from, end));
      this.#line = "";
      from = end + 1;
    }
    this.#line += from === 0 ? text : text.slice(from);
  }

  /** Count the bytes of a text that leaves the program. */
  spendBytes(text: string, at: number): void {
    this.#spend(utf8Length(text), at);
  }

  #spend(bytes: number, at: number): void {
    if (bytes > this.#bytesLeft) this.outOfOutput(at);
    this.#bytesLeft -= bytes;
  }

  outOfOutput(at: number): never {
    return fail("OUTPUT", at, `A program may print at most ${this.limits.outputBytes} bytes.`);
  }

  /** End the last line, if PUT began one. */
  flush(): void {
    if (this.#line !== "") this.out.push(this.#line);
    this.#line = "";
  }

  effect(effect: Effect, at: number): void {
    if (this.effects.length >= this.limits.effects) {
      fail("OUTPUT", at, `A program may have at most ${this.limits.effects} effects.`);
    }
    this.pay(4, at);
    this.effects.push(effect);
  }

  warn(at: number, message: string): void {
    this.#remarks ??= new Map();
    if (!this.#remarks.has(message)) this.#remarks.set(message, at);
  }

  /** Whether each UTF-16 unit of the text is a character of its own; remembered for the text asked last. */
  isFlat(text: string): boolean {
    if (text === this.#flat) return true;
    for (let i = 0; i < text.length; i++) if ((text.charCodeAt(i) & 0xf800) === 0xd800) return false;
    this.#flat = text;
    return true;
  }
}

/** The bits that a value takes when a name holds it; lists are counted by their cells. */
export function weightOf(value: Value, constants: Constants): number {
  if (typeof value === "string") return value.length * 16;
  if (typeof value === "bigint") return constants.bitsOf(value);
  if (value instanceof Decimal) return value.digits * 4;
  return 0;
}

type Sent = { SAVE?: number; SETDATA?: number };

/** The bytes of the text in UTF-8. */
export function utf8Length(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit >= 0x80) bytes += unit < 0x800 || (unit >= 0xd800 && unit < 0xe000) ? 1 : 2;
  }
  return bytes;
}
