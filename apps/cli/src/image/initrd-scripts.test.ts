import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { bramblePath } from "../programs.ts";

/** The scripts of the RAM disk, in this machine's own shell: what of them needs no kernel of its own. */
const folder = mkdtempSync(join(tmpdir(), "bramble-scripts-"));
afterAll(() => rmSync(folder, { recursive: true }));
const script = (name: string): string => bramblePath("images/initrd", name);

function shell(text: string): string {
  const { stdout, stderr, status } = spawnSync("sh", ["-eu", "-c", text], { encoding: "utf8", cwd: folder });
  expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
  return stdout.trim();
}

test.each(["init", "words", "network", "report", "live", "discovery", "lease", "../hooks/parts", "../hooks/finish"])(
  "%s is a script that a shell reads",
  (name) =>
    expect(spawnSync("sh", ["-n", script(name)], { encoding: "utf8" })).toMatchObject({ status: 0, stderr: "" }),
);

test.each([
  ["Raspberry Pi 3 Model B Plus Rev 1.3", '"Raspberry Pi 3 Model B Plus Rev 1.3"'],
  ["", "null"],
  ['a "quoted\\ name', '"a quoted name"'],
  ["$(reboot) `reboot` ; reboot", '"$(reboot) `reboot` ; reboot"'],
  ["tab\tand\u0001control é", '"tabandcontrol "'],
])("%j becomes JSON", (said, written) => {
  const json = shell(`. "${script("report")}"; json '${said}'`);
  expect(json).toBe(written);
  expect(JSON.parse(json)).toBe(written === "null" ? null : written.slice(1, -1));
});

test("a text is cut to the length that the head takes", () => {
  expect(JSON.parse(shell(`. "${script("report")}"; json "$(printf 'x%.0s' $(seq 300))" 64`))).toHaveLength(64);
});

test("the first file that says something counts, without the NUL of a device tree", () => {
  writeFileSync(join(folder, "empty"), "");
  writeFileSync(join(folder, "serial"), "10000000a2ef5644\0");
  expect(shell(`. "${script("report")}"; first_of missing empty serial`)).toBe("10000000a2ef5644");
});

test("words of the command line are found by their whole name", () => {
  const cmdline = join(folder, "cmdline");
  writeFileSync(cmdline, "quiet xbramble.name=no bramble.nameless=no bramble.name=b0412 bramble.root=http://h/r?a=b\n");
  const words = `cat() { command cat ${cmdline}; }; . "${script("words")}"`;
  expect(shell(`${words}; word bramble.name; word bramble.root; word bramble.nfs`)).toBe("b0412\nhttp://h/r?a=b");
});
