import { expect, test } from "vitest";
import { bramblePath } from "../programs.ts";
import { explainFailure, mmdebstrapArguments } from "./debian.ts";
import type { ImageRequest } from "./request.ts";

const request: ImageRequest = {
  arch: "arm64",
  suite: "trixie",
  name: "trixie-arm64",
  out: "/x",
  mirror: null,
  include: ["vim"],
  boardToken: null,
  roles: "user",
};
const mirrors = { main: { uri: "http://m.example/debian", signedBy: null }, security: null };

test.each([
  ["E: Unable to locate package vimm", "trixie has no package vimm for arm64"],
  ["E: Package 'vimm' has no installation candidate", "trixie has no package vimm for arm64"],
  [
    "Err:1 http://m trixie InRelease\n  Could not resolve 'm.example'",
    "the mirror http://m.example/debian cannot be reached",
  ],
  ["  Could not connect to 127.0.0.1:9 (127.0.0.1). - connect (111: Connection refused)", "cannot be reached"],
  ["E: The repository 'http://m trixi Release' does not have a Release file.", 'has no suite "trixie" for arm64'],
  ["W: GPG error: NO_PUBKEY 0E98404D386FA1D9", "the signature of trixie at http://m.example/debian cannot be checked"],
  ["dpkg: error: failed to write: No space left on device", "the disk is full"],
  ["E: arm64 can neither be executed natively nor via qemu user emulation: arch-test", "cannot run programs of arm64"],
])("%j is told as a sentence", (log, sentence) => {
  expect(explainFailure(log, request, "http://user:secret@m.example/debian".replace("user:secret@", ""))).toContain(
    sentence,
  );
});

test("a password in a mirror's URL is never said, and an unknown log is left to the reader", () => {
  expect(explainFailure("Connection refused", request, "http://me:secret@m.example/debian")).not.toContain("secret");
  expect(explainFailure("something else", request, "http://m.example")).toBeNull();
});

test("mmdebstrap is told the processor, the packages, our files and where everything comes from", () => {
  const plan = {
    request,
    data: bramblePath("images"),
    overlay: "/a b/it's",
    tar: "/t.tar",
    scratch: "/s",
    isRoot: true,
  };
  const args = mmdebstrapArguments(plan, mirrors, ['Acquire::Retries "3";']);
  expect(args).toEqual(
    expect.arrayContaining(["--mode=root", "--architectures=arm64", '--aptopt=Acquire::Retries "3";']),
  );
  expect(args.find((each) => each.startsWith("--include="))).toMatch(/nodejs.*,vim$/);
  expect(args).toContain("--customize-hook=sync-in '/a b/it'\\''s' /");
  expect(args.slice(-4)).toEqual([
    "trixie",
    "/t.tar",
    "deb http://m.example/debian trixie main non-free-firmware",
    "deb http://m.example/debian trixie-updates main non-free-firmware",
  ]);
  expect(mmdebstrapArguments({ ...plan, isRoot: false }, mirrors, [])[0]).toBe("--mode=unshare");
});
