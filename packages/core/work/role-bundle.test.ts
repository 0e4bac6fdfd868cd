import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ClusterError } from "../base/index.ts";
import { roleLimits } from "../cluster/index.ts";
import { decodeRole, encodeRole, type RoleBundle } from "./role-bundle.ts";
import { faultOfRole } from "./role-faults.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const worker: RoleBundle = {
  id: "worker",
  isRoot: false,
  env: [["LANES", "4"]],
  files: [{ path: "/opt/bramble/worker/start.sh", mode: 0o755, bytes: bytes("#!/bin/sh\n") }],
  units: [{ name: "worker.service", isEnabled: true, text: "[Service]\nExecStart=/opt/bramble/worker/start.sh\n" }],
  start: { run: ["/opt/bramble/worker/start.sh", "--once"], as: null, timeoutMs: 60_000 },
};

const text = fc.string({ unit: "grapheme", maxLength: 20 });
const anyRole: fc.Arbitrary<RoleBundle> = fc.record({
  id: text,
  isRoot: fc.boolean(),
  env: fc.uniqueArray(fc.tuple(text, text), { selector: ([name]) => name, maxLength: 4 }).map(sorted(([name]) => name)),
  files: fc
    .uniqueArray(fc.record({ path: text, mode: fc.nat(0o7777), bytes: fc.uint8Array({ maxLength: 40 }) }), {
      selector: ({ path }) => path,
      maxLength: 4,
    })
    .map(sorted(({ path }) => path)),
  units: fc.array(fc.record({ name: text, isEnabled: fc.boolean(), text }), { maxLength: 3 }),
  start: fc.option(
    fc.record({ run: fc.array(text, { maxLength: 3 }), as: fc.option(text), timeoutMs: fc.nat(100_000) }),
  ),
});

function sorted<T>(key: (item: T) => string): (items: T[]) => T[] {
  return (items) => [...items].sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
}

describe("the bytes of a role", () => {
  test("decode undoes encode", () => {
    fc.assert(fc.property(anyRole, (role) => void expect(decodeRole(encodeRole(role))).toEqual(role)));
  });

  test("encode undoes decode, and the order in which files and variables are given does not count", () => {
    const two = { ...worker.files[0]!, path: "/opt/bramble/worker/a" };
    const role = {
      ...worker,
      files: [...worker.files, two],
      env: [
        ["B", "1"],
        ["A", "2"],
      ] as const,
    };
    const encoded = encodeRole(role);
    expect(encodeRole({ ...role, files: role.files.toReversed(), env: role.env.toReversed() })).toEqual(encoded);
    expect(encodeRole(decodeRole(encoded))).toEqual(encoded);
  });

  test("what is cut, flipped, longer or anything else is a decode error and nothing worse", () => {
    const encoded = encodeRole(worker);
    const damage = fc.oneof(
      fc.nat(encoded.length - 1).map((length) => encoded.slice(0, length)),
      fc.tuple(fc.nat(encoded.length - 1), fc.integer({ min: 1, max: 255 })).map(([at, by]) => {
        const copy = encoded.slice();
        copy[at]! ^= by;
        return copy;
      }),
      fc.uint8Array({ minLength: 1 }).map((more) => Uint8Array.from([...encoded, ...more])),
      fc.uint8Array(),
      fc.json().map((json) => withManifest(json)),
    );
    fc.assert(
      fc.property(damage, (broken) => {
        try {
          // A flipped octet of a content is another role, which its checksum tells.
          expect(encodeRole(decodeRole(broken))).toEqual(broken);
        } catch (thrown) {
          expect((thrown as ClusterError).code).toBe("role.decode");
          expect(thrown).toBeInstanceOf(ClusterError);
        }
      }),
      { numRuns: 1000 },
    );
  });

  test.each([
    ["spaces in the manifest", '{ "id":"w","root":false,"env":[],"files":[],"units":[],"start":null}'],
    ["keys in another order", '{"root":false,"id":"w","env":[],"files":[],"units":[],"start":null}'],
    ["a key twice", '{"id":"v","id":"w","root":false,"env":[],"files":[],"units":[],"start":null}'],
    [
      "a number for a mode that is none",
      '{"id":"w","root":false,"env":[],"files":[["/a",-1,0]],"units":[],"start":null}',
    ],
    ["a start that is no list", '{"id":"w","root":false,"env":[],"files":[],"units":[],"start":["x",null,1]}'],
    [
      "files out of order",
      '{"id":"w","root":false,"env":[],"files":[["/b",420,0],["/a",420,0]],"units":[],"start":null}',
    ],
    [
      "a file longer than the bundle",
      '{"id":"w","root":false,"env":[],"files":[["/b",420,9]],"units":[],"start":null}',
    ],
  ])("%s: refused", (_, manifest) => {
    expect(() => decodeRole(withManifest(manifest))).toThrow(ClusterError);
  });

  test("more octets than a role has are refused unread", () => {
    expect(() => decodeRole(new Uint8Array(roleLimits.bundleBytes + 1))).toThrow("more than a role has");
  });
});

function withManifest(manifest: string): Uint8Array {
  const json = bytes(manifest);
  const head = new Uint8Array(12);
  head.set(bytes("BRROLE1\n"));
  new DataView(head.buffer).setUint32(8, json.length);
  return Uint8Array.from([...head, ...json]);
}

describe("what a role may ask for", () => {
  test("a worker that keeps to its folders", () => {
    expect(faultOfRole(worker)).toBeNull();
    expect(faultOfRole({ ...worker, units: [], start: null })).toBeNull();
  });

  const file = worker.files[0]!;
  const root = { isRoot: true };
  test.each<[string, Partial<RoleBundle>, string]>([
    ["a name with a slash", { id: "../x" }, "its name"],
    ["a name of the command line", { id: "none" }, "its name"],
    ["a file outside", { files: [{ ...file, path: "/etc/passwd" }] }, "may not write /etc/passwd"],
    ["two dots", { files: [{ ...file, path: "/opt/bramble/worker/../../../etc/passwd" }] }, "may not write"],
    ["two dots, as root", { ...root, files: [{ ...file, path: "/opt/../etc/passwd" }] }, "may not write"],
    ["a NUL", { files: [{ ...file, path: "/opt/bramble/worker/a\u0000" }] }, "may not write"],
    ["a set-user-ID bit", { ...root, files: [{ ...file, mode: 0o4755 }] }, "has a mode"],
    ["a file in a file", { files: [file, { ...file, path: `${file.path}/x` }] }, "lies in a file"],
    ["a file twice", { files: [file, file] }, "stands twice"],
    [
      "too many files",
      { files: Array.from({ length: 201 }, (_, i) => ({ ...file, path: `${file.path}${i}` })) },
      "201 files",
    ],
    ["a file too large", { files: [{ ...file, bytes: new Uint8Array(roleLimits.fileBytes + 1) }] }, "is too large"],
    [
      "files too large together",
      {
        files: Array.from({ length: 9 }, (_, i) => ({
          ...file,
          path: `/opt/bramble/worker/${i}`,
          bytes: new Uint8Array(2 ** 20),
        })),
        start: null,
      },
      "too large together",
    ],
    ["a variable that is none", { env: [["A=B", ""]] }, "no name of a variable"],
    [
      "a variable twice",
      {
        env: [
          ["A", "1"],
          ["A", "2"],
        ],
      },
      "a variable stands twice",
    ],
    ["two lines in a variable", { env: [["A", "1\nUser=root"]] }, "no line of text"],
    ["too many variables", { env: Array.from({ length: 101 }, (_, i) => [`A${i}`, ""] as const) }, "101 variables"],
    [
      "a unit's name with a slash",
      { units: [{ name: "../a.service", isEnabled: true, text: "" }] },
      "no name of a unit",
    ],
    ["a unit twice", { units: [worker.units[0]!, worker.units[0]!] }, "a unit stands twice"],
    [
      "too many units",
      { units: Array.from({ length: 21 }, (_, i) => ({ ...worker.units[0]!, name: `a${i}.service` })) },
      "21 units",
    ],
    ["a unit too long", { units: [{ ...worker.units[0]!, text: "#".repeat(70_000) }] }, "is too long"],
    ["a start as root", { start: { ...worker.start!, as: "root" } }, "only a root role may run as root"],
    ["a start as a riddle", { ...root, start: { ...worker.start!, as: "a b" } }, "nobody's name"],
    ["a start for ever", { start: { ...worker.start!, timeoutMs: 10_000_000 } }, "no sound timeout"],
    ["a start without words", { start: { ...worker.start!, run: [] } }, "no words"],
    ["a start with a line break", { start: { ...worker.start!, run: ["/bin/echo", "a\nb"] } }, "no line of text"],
    ["a start by a bare name", { start: { ...worker.start!, run: ["sh", "-c", "id"] } }, '"sh" is no absolute path'],
    ["a start that nobody may run", { files: [{ ...file, mode: 0o644 }] }, "nobody may run"],
  ])("%s is refused", (_, change, says) => {
    expect(faultOfRole({ ...worker, ...change })).toContain(says);
  });

  test("a root role may write elsewhere and run as somebody", () => {
    const role = { ...worker, ...root, files: [{ ...file, path: "/etc/motd" }] };
    expect(faultOfRole({ ...role, start: { ...worker.start!, run: ["/bin/true"], as: "postgres" } })).toBeNull();
  });

  test("whatever a role says, the answer is a sentence or null", () => {
    fc.assert(
      fc.property(anyRole, (role) => {
        const fault = faultOfRole(role);
        expect(fault === null || fault.length > 0).toBe(true);
      }),
    );
  });
});
