import { parentPort, workerData } from "node:worker_threads";
import { publicLimits, run } from "@bramble/warble";
import { smallest } from "../../packages/warble/test/fuzz/smallest.ts";
import { type Complaint, complaintAbout } from "../../packages/warble/test/fuzz/sound.ts";
import { type Subject, subjectOf } from "../../packages/warble/test/fuzz/subject.ts";
import type { FromFuzz, FuzzTask, Slowest } from "./messages.ts";

/** One thread of `npm run soak`: tries one seed after the other until it is ended from outside. */

const { firstSeed, stride, place } = workerData as FuzzTask;
/** The whole check of a program within fuzzing's limits; dearer ones are tried alone under the public limits. */
const suspiciousMs = 60;
/** SPEC section 11: whatever the program, it ends within this. */
const mostMs = 1000;
const batch = 100;

let slowest: Slowest = { ms: 0, seed: 0, post: "" };
for (let seed = firstSeed, ran = 0; ; seed += stride) {
  place[0] = seed;
  const subject = subjectOf(seed);
  const complaint = complaintOf(subject);
  if (complaint !== null) report(seed, subject, complaint);
  if (++ran % batch === 0) say({ kind: "progress", ran: batch, slowest });
}

function complaintOf({ post, environment, limits }: Subject): Complaint | null {
  place[1]!++;
  const before = threadMs();
  const complaint = complaintAbout(post, environment, limits);
  if (complaint !== null || threadMs() - before < suspiciousMs) return complaint;
  const full = { ...publicLimits, postLength: limits.postLength };
  const ms = Math.min(...[1, 2, 3].map(() => timeOf(() => run(post, environment, full))));
  if (ms > slowest.ms) slowest = { ms, seed: place[0]!, post };
  return ms > mostMs ? { kind: "slow", detail: `${Math.round(ms)} ms` } : null;
}

function report(seed: number, subject: Subject, complaint: Complaint): void {
  const { post } = subject;
  const tries = complaint.kind === "slow" ? 40 : 1500;
  const minimal = smallest(
    post,
    (shorter) => complaintOf({ ...subject, post: shorter })?.kind === complaint.kind,
    tries,
  );
  say({ kind: "finding", finding: { seed, ...complaint, post, minimal } });
}

function timeOf(work: () => unknown): number {
  const before = threadMs();
  work();
  return threadMs() - before;
}

/** What this thread has computed, whatever else the machine does. */
function threadMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

function say(message: FromFuzz): void {
  parentPort!.postMessage(message);
}
