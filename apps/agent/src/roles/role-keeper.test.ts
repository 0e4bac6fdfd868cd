import type { BoardMessage, RoleOffer } from "@bramble/core/api";
import { fakeClock, seededRandom, silentLog } from "@bramble/core/base";
import { encodeRole, type RoleRef } from "@bramble/core/work";
import { describe, expect, test } from "vitest";
import { RoleFailure } from "./failure.ts";
import { fakeRole, fileOf, packed } from "./fake-role.ts";
import { pretendApplier } from "./pretend-applier.ts";
import { keepRole, type RoleApplier } from "./role-keeper.ts";

const worker = packed(fakeRole());
const other = packed(fakeRole({ env: [["A", "1"]] }));
const offer = ({ ref, bytes }: typeof worker): RoleOffer => ({ ...ref, bytes: bytes.length });

function rig(applier: RoleApplier = pretendApplier()) {
  const clock = fakeClock();
  const told: Extract<BoardMessage, { type: "role-state" }>[] = [];
  const fetches: {
    ref: RoleRef;
    most: number;
    signal: AbortSignal;
    give: (bytes: Uint8Array) => void;
    refuse: (why: Error) => void;
  }[] = [];
  const keeper = keepRole(
    {
      ...{ clock, random: seededRandom("role"), log: silentLog },
      send: (message) => {
        told.push(message as (typeof told)[number]);
        return true;
      },
      fetch: (ref, most, signal) =>
        new Promise((give, refuse) => {
          fetches.push({ ref, most, signal, give, refuse });
          signal.addEventListener("abort", () => refuse(signal.reason as Error));
        }),
    },
    applier,
  );
  return {
    ...{ clock, told, fetches, keeper },
    states: () => told.map(({ state }) => state),
    settle: () => clock.advance(0),
  };
}

describe("the role of a board", () => {
  test("it waits for its turn, fetches, applies, and tells each", async () => {
    const { keeper, fetches, states, told, settle } = rig();
    keeper.want(offer(worker));
    await settle();
    expect(states()).toEqual(["wanted"]);
    keeper.take(offer(worker));
    expect(fetches[0]).toMatchObject({ ref: worker.ref, most: worker.bytes.length });
    fetches[0]!.give(worker.bytes);
    await settle();
    expect(states()).toEqual(["wanted", "fetching", "fetched", "applied"]);
    expect(told.at(-1)).toEqual({
      ...{ type: "role-state", state: "applied", want: worker.ref, good: worker.ref, step: null, error: null },
    });
  });

  test("the same role again is nothing but a word", async () => {
    const { keeper, fetches, states, settle } = rig({ ...pretendApplier(), begin: async () => worker.ref });
    keeper.want(offer(worker));
    keeper.take(offer(worker));
    await settle();
    expect(fetches).toEqual([]);
    expect(states()).toEqual(["applied", "applied"]);
  });

  test("a board without a role says so, and a role is removed", async () => {
    const { keeper, states, settle } = rig();
    keeper.want(null);
    await settle();
    expect(states()).toEqual(["none"]);
    const kept = rig({ ...pretendApplier(), begin: async () => worker.ref });
    kept.keeper.want(null);
    await settle();
    expect(kept.states()).toEqual(["removing", "none"]);
  });

  test.each<[string, Uint8Array, RoleRef, string]>([
    ["another checksum", other.bytes, worker.ref, "another checksum than was told"],
    ["a cut bundle", worker.bytes.slice(0, -1), worker.ref, "another checksum"],
    ["nothing", new Uint8Array(), worker.ref, "another checksum"],
  ])("%s is not applied", async (_, bytes, ref, why) => {
    const { keeper, fetches, told, settle } = rig();
    keeper.take({ ...ref, bytes: 100 });
    await settle();
    fetches[0]!.give(bytes);
    await settle();
    expect(told.at(-1)).toMatchObject({
      state: "failed",
      step: "verify",
      good: null,
      error: expect.stringContaining(why),
    });
  });

  test.each([
    ["a role of another name", fakeRole({ id: "wanderer", files: [] }), 'what came is the role "wanderer"'],
    ["a file outside", fakeRole({ files: [fileOf("/etc/passwd", "x")] }), "it may not write /etc/passwd"],
    ["two dots", fakeRole({ files: [fileOf("/opt/bramble/worker/../../x", "x")] }), "it may not write"],
    ["a start as root", fakeRole({ start: { run: ["/bin/sh"], as: "root", timeoutMs: 1000 } }), "only a root role"],
    [
      "a service as root",
      fakeRole({ units: [{ name: "a.service", isEnabled: true, text: "[Service]\nUser=root" }] }),
      "only a root role may say User=root",
    ],
  ])("%s, with its right checksum, is not applied", async (_, role, why) => {
    const { keeper, fetches, told, settle } = rig();
    const { bytes, ref } = packed(role);
    keeper.take({ id: "worker", checksum: ref.checksum, bytes: bytes.length });
    await settle();
    fetches[0]!.give(bytes);
    await settle();
    expect(told.at(-1)).toMatchObject({ state: "failed", step: "verify", error: expect.stringContaining(why) });
  });

  test("bytes that are no role, with their right checksum, are not applied", async () => {
    const { keeper, fetches, told, settle } = rig();
    const bytes = encodeRole(fakeRole()).slice(0, 30);
    const { createHash } = await import("node:crypto");
    const checksum = createHash("sha256").update(bytes).digest("hex");
    keeper.take({ id: "worker", checksum, bytes: 30 });
    await settle();
    fetches[0]!.give(bytes);
    await settle();
    expect(told.at(-1)).toMatchObject({ state: "failed", step: "verify" });
  });

  test("a head that tells of a huge role is fetched from within bounds", async () => {
    const { keeper, fetches, settle } = rig();
    keeper.take({ ...worker.ref, bytes: 1e15 });
    await settle();
    expect(fetches[0]!.most).toBe(10 * 2 ** 20);
  });

  test("a head that vanishes in the middle is asked three times; then the last good role stays", async () => {
    const { keeper, fetches, told, clock } = rig({ ...pretendApplier(), begin: async () => worker.ref });
    keeper.take(offer(other));
    for (let attempt = 0; attempt < 3; attempt++) {
      await clock.advance(10_000);
      expect(fetches).toHaveLength(attempt + 1);
      fetches[attempt]!.refuse(new Error("aborted"));
    }
    await clock.advance(60_000);
    expect(fetches).toHaveLength(3);
    expect(told.at(-1)).toMatchObject({
      state: "kept",
      good: worker.ref,
      want: other.ref,
      step: "fetch",
      error: "aborted",
    });
    keeper.want(offer(other));
    expect(told.at(-1)).toMatchObject({ state: "wanted" });
  });

  test("a head that refuses is not asked again", async () => {
    const { keeper, fetches, told, clock } = rig();
    keeper.take(offer(worker));
    await clock.advance(0);
    fetches[0]!.refuse(new RoleFailure("fetch", "the head answered 404"));
    await clock.advance(60_000);
    expect(fetches).toHaveLength(1);
    expect(told.at(-1)).toMatchObject({ state: "failed", step: "fetch", error: "the head answered 404" });
  });

  test("another role while one is fetched ends that fetch", async () => {
    const { keeper, fetches, states, told, settle } = rig();
    keeper.take(offer(worker));
    await settle();
    keeper.take(offer(other));
    await settle();
    expect(fetches.map(({ signal }) => signal.aborted)).toEqual([true, false]);
    fetches[1]!.give(other.bytes);
    await settle();
    expect(told.at(-1)).toMatchObject({ state: "applied", good: other.ref });
    expect(states()).not.toContain("failed");
  });

  test("what is asked for while a role is applied comes after it, never beside it", async () => {
    let finish = (): void => {};
    let isBusy = false;
    const applier: RoleApplier = {
      ...pretendApplier(),
      apply: () => {
        expect(isBusy).toBe(false);
        isBusy = true;
        return new Promise((resolve) => {
          finish = () => {
            isBusy = false;
            resolve("2 units left out");
          };
        });
      },
    };
    const { keeper, fetches, told, settle } = rig(applier);
    keeper.take(offer(worker));
    await settle();
    fetches[0]!.give(worker.bytes);
    await settle();
    keeper.take(offer(other));
    keeper.take(null);
    keeper.take(offer(other));
    await settle();
    expect(fetches).toHaveLength(1);
    finish();
    await settle();
    expect(fetches[1]!.ref).toEqual(other.ref);
    fetches[1]!.give(other.bytes);
    await settle();
    finish();
    await settle();
    expect(told.at(-1)).toMatchObject({ state: "applied", good: other.ref, error: "2 units left out" });
  });

  test("a role that fails to be applied or removed is told with its step", async () => {
    const applier: RoleApplier = {
      begin: async () => worker.ref,
      apply: async () => {
        throw new RoleFailure("start", "exit code 3");
      },
      remove: async () => {
        throw new Error(`busy ${"x".repeat(5000)}`);
      },
    };
    const { keeper, fetches, told, settle } = rig(applier);
    keeper.take(offer(other));
    await settle();
    fetches[0]!.give(other.bytes);
    await settle();
    expect(told.at(-1)).toMatchObject({ state: "kept", good: worker.ref, step: "start", error: "exit code 3" });
    keeper.take(null);
    await settle();
    expect(told.at(-1)).toMatchObject({ state: "kept", want: null, good: worker.ref, step: "remove" });
    expect(told.at(-1)!.error!.length).toBe(2000);
  });

  test("a role of before that cannot be applied leaves a board without one, that asks anew", async () => {
    const begin = async (): Promise<never> => {
      throw new Error("no");
    };
    const { keeper, states, settle } = rig({ ...pretendApplier(), begin });
    keeper.want(offer(worker));
    await settle();
    expect(states()).toEqual(["wanted"]);
  });

  test("stopping ends a fetch and waits for what is being applied", async () => {
    const { keeper, fetches, settle, clock, told } = rig();
    keeper.take(offer(worker));
    await settle();
    await keeper.stop();
    expect(fetches[0]!.signal.aborted).toBe(true);
    const before = told.length;
    keeper.want(offer(other));
    await settle();
    expect(told).toHaveLength(before);
    expect(clock.pending()).toBe(0);
  });
});
