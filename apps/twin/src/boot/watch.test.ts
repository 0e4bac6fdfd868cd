import type { BootAnswer, LanesAnswer } from "@bramble/core/api";
import { fakeClock } from "@bramble/core/base";
import { describe, expect, test } from "vitest";
import { RestError } from "../live/rest.ts";
import { namesOf } from "../parts/names.ts";
import { askFor, viewFrom } from "./view.ts";
import { BootWatch } from "./watch.ts";

const group = (name: string, booting: number, stopped: number) => ({
  ...{ group: name, boards: 42, waiting: 0, booting, up: 42 - booting - stopped, stopped },
});
const bootOf = (groups: BootAnswer["groups"]) => ({ groups }) as BootAnswer;
const row = (name: string, percent = -1): LanesAnswer["lanes"][number] => [
  ...([name, 2, 5, 1, percent, 10, 0, 100] as const),
  [1, 2, 3, 4, 5, 6],
  "",
];

describe("what is asked for", () => {
  const now = { kind: "now" } as const;
  test.each([
    ["the groups on their way", [group("g01", 3, 0), group("g02", 0, 2)], [], "?set=%40g01", "group g01"],
    ["the wave that just ended", [group("g02", 0, 2)], ["g01"], "?set=%40g01", "group g01"],
    ["else the groups with boards that stopped", [group("g02", 0, 2)], [], "?set=%40g02", "group g02"],
    ["else the last wave", [], [], "?set=%40g24%2C%40g25", "groups g24, g25"],
  ])("now: %s", (_, groups, before, query, words) => {
    expect(askFor(now, bootOf(groups), ["g24", "g25"], before)).toMatchObject({ query, words });
  });

  test("now, in a cluster without groups: whatever is on its way", () => {
    expect(askFor(now, bootOf([]), [], []).query).toBe("?state=waiting,booting,stopped");
  });

  test("more groups than a node set may name are asked for as all", () => {
    const many = Array.from({ length: 900 }, (_, at) => group(`g${at}`, 1, 0));
    expect(askFor(now, bootOf(many), [], [])).toMatchObject({ query: "", words: "all boards" });
  });

  test("an address says which view it is", () => {
    const of = (text: string) => viewFrom(new URLSearchParams(text));
    expect(of("")).toEqual(now);
    expect(of("show=all")).toEqual({ kind: "all" });
    expect(of("show=stopped")).toEqual({ kind: "stopped" });
    expect(of("show=other")).toEqual(now);
    expect(of("set=@g03&show=all")).toEqual({ kind: "set", set: "@g03" });
    expect(askFor(of("set=b[1-3]"), bootOf([]), [], []).query).toBe("?set=b%5B1-3%5D");
    expect(askFor(of("show=stopped"), bootOf([]), [], []).query).toBe("?state=stopped");
    expect(askFor(of("show=all"), bootOf([]), [], []).query).toBe("");
  });

  test("a folded set is spelt out, commas within brackets and without", () => {
    expect(namesOf("b[0001-0003,0007],x-00beef")).toEqual(["b0001", "b0002", "b0003", "b0007", "x-00beef"]);
    expect(namesOf("b[1")).toEqual(["b[1"]);
  });
});

/** A watch whose answers the test holds in its hands. */
function bench() {
  const clock = fakeClock();
  const asked: string[] = [];
  const head = { lanes: [row("b1", 5), row("b2")], trouble: null as Error | null, isHung: false, isSeen: true };
  const watch = new BootWatch(
    {
      clock,
      wave: () => [],
      isSeen: () => head.isSeen,
      rest: {
        async get<T>(path: string, signal?: AbortSignal): Promise<T> {
          asked.push(path);
          if (head.isHung)
            await new Promise((_, reject) =>
              signal?.addEventListener("abort", () => reject(new DOMException("over", "AbortError"))),
            );
          if (head.trouble !== null && (path !== "/boot" || (head.trouble as RestError).code === "network"))
            throw head.trouble;
          return (path === "/boot" ? bootOf([group("g01", 2, 0)]) : { lanes: head.lanes }) as T;
        },
      },
    },
    { kind: "now" },
  );
  const settle = async (ms = 0): Promise<void> => {
    clock.advance(ms);
    for (let turn = 0; turn < 12; turn++) await Promise.resolve();
  };
  return { watch, head, asked, clock, settle };
}

describe("watching", () => {
  test("asks once a second; a row that did not change stays the same object", async () => {
    const { watch, head, asked, settle } = bench();
    await settle();
    expect(asked).toEqual(["/boot", "/boot/lanes?set=%40g01"]);
    const [one, other] = watch.news().lanes;
    head.lanes = [row("b1", 9), row("b2")];
    await settle(1000);
    expect(watch.news().lanes[0]).not.toBe(one);
    expect(watch.news().lanes[0]?.percent).toBe(9);
    expect(watch.news().lanes[1]).toBe(other);
    watch.close();
  });

  test("asks nothing while nobody looks", async () => {
    const { watch, head, asked, settle } = bench();
    await settle();
    head.isSeen = false;
    await settle(1000);
    await settle(1000);
    expect(asked).toHaveLength(2);
    watch.close();
  });

  test("a lost head takes nothing away, and is lost since its first silence until it answers", async () => {
    const { watch, head, clock, settle } = bench();
    await settle();
    const told = clock.now();
    head.trouble = new RestError("network", "no", "");
    await settle(1000);
    await settle(1000);
    expect(watch.news()).toMatchObject({ at: told, lostSince: told + 1000 });
    expect(watch.news().lanes).toHaveLength(2);
    head.trouble = null;
    await settle(1000);
    expect(watch.news().lostSince).toBeNull();
    watch.close();
  });

  test("a head that hangs is as lost, after five seconds", async () => {
    const { watch, head, settle } = bench();
    await settle();
    head.isHung = true;
    await settle(1000);
    expect(watch.news().lostSince).toBeNull();
    for (let second = 0; second < 6; second++) await settle(1000);
    expect(watch.news().lostSince).not.toBeNull();
    watch.close();
  });

  test("a new view is asked for at once; the same one is not", async () => {
    const { watch, asked, settle } = bench();
    await settle();
    watch.setView({ kind: "now" });
    await settle();
    expect(asked).toHaveLength(2);
    watch.setView({ kind: "set", set: "@k01" });
    await settle();
    expect(asked.at(-1)).toBe("/boot/lanes?set=%40k01");
    expect(watch.news().words).toBe("@k01");
    watch.close();
  });

  test("an error is told and takes nothing away", async () => {
    const { watch, head, settle } = bench();
    await settle();
    head.trouble = new RestError("input.node-set", "that is no node set", "");
    await settle(1000);
    expect(watch.news()).toMatchObject({ problem: "that is no node set", lostSince: null });
    expect(watch.news().lanes).toHaveLength(2);
    head.trouble = null;
    await settle(1000);
    expect(watch.news().problem).toBeNull();
    watch.close();
  });

  test("listeners hear of news until they leave", async () => {
    const { watch, settle } = bench();
    let heard = 0;
    const leave = watch.subscribe(() => heard++);
    await settle();
    leave();
    await settle(1000);
    expect(heard).toBe(1);
    watch.close();
  });
});
