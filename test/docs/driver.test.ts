import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { fencesOf } from "./fences.ts";

/** docs/driver.md shows whole files; test/docs/driver/ holds them, compiled, and run through the contract. */
test.each(fencesOf("docs/driver.md").filter(({ language }) => language === "ts"))(
  "the file $marks of docs/driver.md is the one that passes the contract",
  ({ marks: [name = ""], text }) => {
    const file = readFileSync(join(import.meta.dirname, "driver", name), "utf8");
    expect(text).toBe(file.trimEnd().replace("../../../packages/drivers/power/", "./"));
  },
);

test("docs/driver.md shows the driver, its stand-in and its test", () => {
  expect(fencesOf("docs/driver.md").filter(({ language }) => language === "ts")).toHaveLength(3);
});
