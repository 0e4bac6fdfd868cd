import { expect, test } from "vitest";
import { exampleCluster } from "../cluster/testing.ts";
import { bundleOf } from "./role-content.ts";
import { reportOf, standingOf } from "./role-standing.ts";
import { type RoleEvent, type RoleState, stepRole } from "./role-state.ts";

const a = { id: "worker", checksum: "aa" };
const b = { id: "worker", checksum: "bb" };
const after = (...events: RoleEvent[]) => reportOf(events.reduce(stepRole, { kind: "none" } as RoleState));
const take = (want: typeof a | null): RoleEvent => ({ kind: "take", want });
const fetched: RoleEvent = { kind: "fetched" };
const applied: RoleEvent = { kind: "applied" };
const failed: RoleEvent = { kind: "failed", step: "start", why: "no" };
const off = { state: "off", want: null, good: null, step: null, error: null } as const;

test.each([
  ["nothing wanted, nothing told", null, null, "none"],
  ["nothing told", a, null, "waiting"],
  ["a role that is gone", "unknown", after(take(a), fetched, applied), "unknown"],
  ["an agent without roles", a, off, "off"],
  ["an agent without roles, and none wanted", null, off, "none"],
  ["its turn", a, after(take(a)), "fetching"],
  ["being applied", a, after(take(a), fetched), "applying"],
  ["applied", a, after(take(a), fetched, applied), "applied"],
  ["another applied", b, after(take(a), fetched, applied), "waiting"],
  ["the old one fetched", b, after(take(a)), "waiting"],
  ["failed", a, after(take(a), fetched, failed), "failed"],
  ["failed, but none wanted", null, after(take(a), fetched, failed), "none"],
  ["kept", b, after(take(a), fetched, applied, take(b), fetched, failed), "kept"],
  ["removing", null, after(take(a), fetched, applied, take(null)), "removing"],
  ["removing, and wanted again", a, after(take(a), fetched, applied, take(null)), "waiting"],
  ["to be removed", null, after(take(a), fetched, applied), "waiting"],
  ["could not be removed", null, after(take(a), fetched, applied, take(null), { ...failed, step: "remove" }), "kept"],
  ["a claim that no word of ours stands behind", a, { ...after(take(b)), state: "applied", good: b }, "waiting"],
  ["waiting for its turn", a, after({ kind: "want", want: a }), "waiting"],
] as const)("%s", (_, wanted, report, standing) => {
  expect(standingOf(wanted, report)).toBe(standing);
});

test("a report says at which step it ended badly and why", () => {
  expect(after(take(a), fetched, failed)).toEqual({ state: "failed", want: a, good: null, step: "start", error: "no" });
  expect(after(take(a))).toEqual({ state: "fetching", want: a, good: null, step: null, error: null });
});

test("a role of the file is filled with its contents", () => {
  const [role] = [
    {
      ...{ id: "w", text: null, for: null, boards: [], isRoot: false, env: { A: "1" }, start: null },
      files: [{ path: "/opt/bramble/w/a", mode: 0o644, content: { kind: "beside", from: "roles/a" } as const }],
      units: [
        { name: "a.service", isEnabled: true, content: { kind: "text", text: "[Service]" } as const },
        { name: "b.service", isEnabled: false, content: { kind: "beside", from: "roles/b" } as const },
      ],
    },
  ];
  const bundle = bundleOf(role!, (from) => new TextEncoder().encode(`of ${from}`));
  expect(bundle).toMatchObject({ env: [["A", "1"]], units: [{ text: "[Service]" }, { text: "of roles/b" }] });
  expect(new TextDecoder().decode(bundle.files[0]!.bytes)).toBe("of roles/a");
  expect(() => bundleOf(role!, () => Uint8Array.of(255))).toThrow();
  expect(exampleCluster("desk-5").roles).toEqual([]);
});
