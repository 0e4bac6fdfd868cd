import { type Environment, type Limits, publicLimits } from "../../index.ts";
import { corpus, environment } from "../world.ts";
import { Chance } from "./chance.ts";
import { damage, noise } from "./damage.ts";
import { writeProgram } from "./write-program.ts";

/** A post and the world that it meets, made of a seed: the same seed gives the same subject. */
export type Subject = { readonly post: string; readonly environment: Environment; readonly limits: Limits };

const known: readonly string[] = corpus().map(({ source }) => source);
// Mostly fewer steps than the public limit, so that more programs are tried; the dear ones are tried again in full.
const fuzzSteps = [60_000, 60_000, 60_000, 300_000];
/** Longer than a real post may be: what the generator writes shall not end as LONG. */
const fuzzPostLength = 1000;

/** The subject of a seed: a program by the grammar, a damaged one, or noise. */
export function subjectOf(seed: number): Subject {
  const chance = new Chance(seed);
  const world = environment({
    board: chance.pick([0, 3, 1049]),
    boards: chance.pick([1, 7, 1050]),
    temperatureC: chance.pick([null, 42.5, 40, -3.25]),
    seed: chance.below(1000),
    saved: chance.in(80) ? {} : { a: chance.pick(["1", "2.5", "314d-2", '"t"', '[1,[2.0,"x"]]', "damaged"]) },
  });
  const limits = { ...publicLimits, postLength: fuzzPostLength, steps: chance.pick(fuzzSteps) };
  if (chance.below(500) === 0) limits.steps = publicLimits.steps;
  return { post: postOf(chance), environment: world, limits };
}

function postOf(chance: Chance): string {
  const kind = chance.below(100);
  if (kind < 55) return writeProgram(chance);
  if (kind < 75) return damage(writeProgram(chance), known, chance);
  if (kind < 92) return damage(chance.pick(known), known, chance);
  return noise(chance);
}
