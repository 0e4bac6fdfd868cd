import { describe, expect, test } from "vitest";
import { type Disk, filesBeside } from "./beside.ts";
import { roleLimits } from "./role-rules.ts";

/** A disk of a few files; `null` is a folder. */
function diskOf(files: Readonly<Record<string, number | null>>, links: Readonly<Record<string, string>> = {}): Disk {
  const missing = () => Object.assign(new Error("ENOENT: no such file"), { code: "ENOENT" });
  const real = (path: string): string => {
    const found = links[path] ?? path;
    if (!(found in files)) throw missing();
    return found;
  };
  return {
    realpathSync: real,
    statSync: (path) => ({ isFile: () => files[path] !== null, size: files[path] ?? 0 }),
    readFileSync: (path) => new Uint8Array(files[path] ?? 0),
  };
}

const home = "/home/op/cluster";
const disk = diskOf(
  {
    [home]: null,
    [`${home}/roles`]: null,
    [`${home}/roles/start.sh`]: 20,
    [`${home}/huge`]: roleLimits.fileBytes + 1,
    [`${home}-other/secret`]: 9,
    "/etc/shadow": 7,
  },
  {
    [`${home}/out`]: "/etc/shadow",
    [`${home}/near`]: `${home}-other/secret`,
    [`${home}/in`]: `${home}/roles/start.sh`,
  },
);
const beside = filesBeside(disk, home);

test("a file beside the cluster file is seen and read, through a link that stays inside too", () => {
  for (const from of ["roles/start.sh", "in"]) {
    expect(beside.look(from)).toEqual({ kind: "file", bytes: 20 });
    expect(beside.read(from)).toHaveLength(20);
  }
  const atRoot = filesBeside(diskOf({ "/": null, "//a": 1 }), "/");
  expect(atRoot.look("a")).toEqual({ kind: "file", bytes: 1 });
});

describe("what is refused, with the reason", () => {
  test.each([
    ["gone", "there is no such file"],
    ["roles", "it is no file"],
    ["out", "it leads out of the folder"],
    ["near", "it leads out of the folder"],
  ])("%s: %s", (from, why) => {
    expect(beside.look(from)).toEqual({ kind: "none", why });
    expect(() => beside.read(from)).toThrow(`${from} cannot be read: ${why}`);
  });

  test("a file that is too large to be a role's", () => {
    expect(() => beside.read("huge")).toThrow(/huge cannot be read: it has \d+ octets/);
  });
});
