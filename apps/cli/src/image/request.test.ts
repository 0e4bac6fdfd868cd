import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readRequest } from "./request.ts";

const usual = { arch: "arm64", suite: "trixie", roles: "user" } as const;
const folder = mkdtempSync(join(tmpdir(), "bramble-request-"));

test("what is not said is trixie for its processor, below .bramble", () => {
  expect(readRequest(usual)).toMatchObject({
    name: "trixie-arm64",
    out: join(process.cwd(), ".bramble/images/trixie-arm64"),
    mirror: null,
    include: [],
    boardToken: null,
  });
});

const token = join(folder, "short.token");
writeFileSync(token, "short\n");
test.each([
  [{ suite: "trixie; rm -rf /" }, '--suite "trixie; rm -rf /"'],
  [{ suite: "" }, '--suite ""'],
  [{ name: "../up" }, '--name "../up"'],
  [{ name: "x".repeat(65) }, "--name"],
  [{ mirror: "mirror.example" }, '--mirror "mirror.example" is no URL'],
  [{ mirror: "http://mirror.example/debian [trusted=yes]" }, "--mirror"],
  [{ include: ["vim", "-oAPT::x=y"] }, '--include "-oAPT::x=y"'],
  [{ out: folder }, "holds something that is no image"],
  [{ boardTokenFile: join(folder, "none") }, "cannot be read"],
  [{ boardTokenFile: token }, "8 to 200 visible ASCII characters"],
])("%j is refused with the option's name", (options, sentence) => {
  expect(() => readRequest({ ...usual, ...options })).toThrow(sentence);
});
