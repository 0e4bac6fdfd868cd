import { createHash } from "node:crypto";
import type { BoardMessage, RoleOffer } from "@bramble/core/api";
import type { Clock, Logger, Random } from "@bramble/core/base";
import { messageOf } from "@bramble/core/base";
import { roleLimits } from "@bramble/core/cluster";
import {
  decodeRole,
  faultOfRole,
  isSameRole,
  type RoleBundle,
  type RoleEvent,
  type RoleRef,
  type RoleState,
  reportOf,
  stepRole,
} from "@bramble/core/work";
import { failureOf, RoleFailure } from "./failure.ts";

/** Puts a role in force on this board, and takes it away. Never asked for two things at once. */
export type RoleApplier = {
  /**
   * At the agent's start: puts right what a crash left half done, and applies the last good role again where the board
   * has started anew.
   *
   * @returns what is in force now.
   */
  begin(signal: AbortSignal): Promise<RoleRef | null>;
  /**
   * @param bytes of which `ref` has the checksum. @returns what was left out, for people, or null.
   * @throws RoleFailure; then what was in force before is in force again.
   */
  apply(ref: RoleRef, role: RoleBundle, bytes: Uint8Array, signal: AbortSignal): Promise<string | null>;
  /** @throws RoleFailure */
  remove(signal: AbortSignal): Promise<void>;
};

/** What ties a keeper to its agent. */
export type RoleTies = {
  /** False when there is no link. */
  readonly send: (message: BoardMessage) => boolean;
  /** @throws when it cannot be had; it may be tried again unless that says so. */
  readonly fetch: (ref: RoleRef, mostBytes: number, signal: AbortSignal) => Promise<Uint8Array>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
};

/** The role of one board, from the head's word to the report. */
export type RoleKeeper = {
  /** What the welcome told. */
  want(role: RoleOffer | null): void;
  /** The board's turn. */
  take(role: RoleOffer | null): void;
  /** Resolves when nothing is under way any more. */
  stop(): Promise<void>;
};

/** Keeps the role that `applier` applies. */
export function keepRole(ties: RoleTies, applier: RoleApplier): RoleKeeper {
  return new Keeper(ties, applier);
}

class Keeper implements RoleKeeper {
  readonly #ties: RoleTies;
  readonly #applier: RoleApplier;
  readonly #ending = new AbortController();
  #state: RoleState = { kind: "none" };
  #note: string | null = null;
  #offer: RoleOffer | null = null;
  #fetching: AbortController | null = null;
  /** Until the applier has begun, what is asked for waits. */
  #asked: RoleEvent[] | null = [];
  #work: Promise<void>;

  constructor(ties: RoleTies, applier: RoleApplier) {
    this.#ties = ties;
    this.#applier = applier;
    this.#work = this.#begin();
  }

  want(role: RoleOffer | null): void {
    this.#ask({ kind: "want", want: this.#refOf(role) });
  }

  take(role: RoleOffer | null): void {
    this.#ask({ kind: "take", want: this.#refOf(role) });
  }

  async stop(): Promise<void> {
    this.#ending.abort(new Error("the agent stops"));
    this.#fetching?.abort(new Error("the agent stops"));
    await this.#work;
  }

  #refOf(role: RoleOffer | null): RoleRef | null {
    this.#offer = role;
    return role === null ? null : { id: role.id, checksum: role.checksum };
  }

  async #begin(): Promise<void> {
    try {
      const good = await this.#applier.begin(this.#ending.signal);
      if (good !== null) this.#state = { kind: "applied", good };
    } catch (thrown) {
      this.#ties.log.warn({ why: messageOf(thrown) }, "the role of before cannot be applied");
    }
    const asked = this.#asked ?? [];
    this.#asked = null;
    for (const event of asked) this.#ask(event);
  }

  /** The head asked: it hears how things stand, even if nothing changes. */
  #ask(event: RoleEvent): void {
    if (this.#ending.signal.aborted) return;
    if (this.#asked !== null) {
      this.#asked.push(event);
      return;
    }
    const before = this.#state;
    this.#step(event);
    if (this.#state === before) this.#report();
  }

  #step(event: RoleEvent): void {
    const before = this.#state;
    this.#state = stepRole(before, event);
    if (this.#state === before) return;
    const isSameFetch =
      before.kind === "fetching" && this.#state.kind === "fetching" && isSameRole(before.want, this.#state.want);
    if (!isSameFetch) this.#fetching?.abort(new Error("another role is wanted"));
    this.#report();
    if (this.#state.kind === "fetching" && !isSameFetch) void this.#fetch(this.#state.want);
    if (this.#state.kind === "removing") this.#work = this.#remove();
  }

  #report(): void {
    const { log, send } = this.#ties;
    const report = reportOf(this.#state);
    const { kind } = this.#state;
    const error = kind === "applied" ? this.#note : report.error;
    const facts = { state: kind, role: report.want?.id ?? null, inForce: report.good?.id ?? null, step: report.step };
    if (kind === "failed" || kind === "kept") log.warn({ ...facts, why: error }, "role not applied");
    else log.debug(facts, "role");
    send({ type: "role-state", ...report, error: error === null ? null : error.slice(0, mostChars) });
  }

  async #fetch(want: RoleRef): Promise<void> {
    const turn = new AbortController();
    this.#fetching = turn;
    try {
      const bytes = await this.#download(want, turn.signal);
      if (turn.signal.aborted) return;
      this.#step({ kind: "fetched" });
      this.#work = this.#apply(want, bytes);
    } catch (thrown) {
      if (!turn.signal.aborted) this.#fail(failureOf("fetch", thrown));
    }
  }

  /** A head that was away for a moment is asked again. */
  async #download(want: RoleRef, signal: AbortSignal): Promise<Uint8Array> {
    const { fetch, clock, random } = this.#ties;
    const offered = this.#offer?.checksum === want.checksum ? this.#offer.bytes : roleLimits.bundleBytes;
    const most = Math.min(Math.max(0, offered), roleLimits.bundleBytes);
    for (let attempt = 1; ; attempt++) {
      try {
        return await fetch(want, most, signal);
      } catch (thrown) {
        if (signal.aborted || attempt === mostAttempts || thrown instanceof RoleFailure) throw thrown;
        await clock.sleep(1000 * 2 ** attempt * (0.5 + random.next() / 2), signal);
      }
    }
  }

  async #apply(want: RoleRef, bytes: Uint8Array): Promise<void> {
    try {
      const role = readRole(want, bytes);
      this.#note = await this.#applier.apply(want, role, bytes, this.#ending.signal);
      this.#ties.log.info({ role: want.id, checksum: want.checksum.slice(0, 12) }, "role applied");
      this.#step({ kind: "applied" });
    } catch (thrown) {
      this.#fail(failureOf("files", thrown));
    }
  }

  async #remove(): Promise<void> {
    try {
      await this.#applier.remove(this.#ending.signal);
      this.#ties.log.info({}, "role removed");
      this.#step({ kind: "removed" });
    } catch (thrown) {
      this.#fail(failureOf("remove", thrown));
    }
  }

  #fail({ step, message }: RoleFailure): void {
    this.#step({ kind: "failed", step, why: message });
  }
}

/** The role in these bytes, if they are what was promised and ask for nothing that a role may not have. */
function readRole(want: RoleRef, bytes: Uint8Array): RoleBundle {
  const checksum = createHash("sha256").update(bytes).digest("hex");
  if (checksum !== want.checksum) throw new RoleFailure("verify", "what came has another checksum than was told");
  let role: RoleBundle;
  try {
    role = decodeRole(bytes);
  } catch (thrown) {
    throw failureOf("verify", thrown);
  }
  if (role.id !== want.id) throw new RoleFailure("verify", `what came is the role "${role.id.slice(0, 40)}"`);
  const fault = faultOfRole(role);
  if (fault !== null) throw new RoleFailure("verify", fault);
  return role;
}

const mostAttempts = 3;
const mostChars = 2000;
