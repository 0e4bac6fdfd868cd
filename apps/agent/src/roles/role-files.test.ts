import { spawnSync } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type RoleFiles, roleFiles } from "./role-files.ts";

let root: string;
let files: RoleFiles;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "bramble-files-"));
  files = roleFiles(root);
});
afterEach(() => rmSync(root, { recursive: true }));

const bytes = (text: string) => new TextEncoder().encode(text);
const path = "/opt/bramble/worker/bin/start.sh";

test("a file is written with its mode, whatever the umask is, and nothing else is left there", async () => {
  expect(await files.write(path, bytes("x"), 0o777)).toBe(true);
  expect(statSync(join(root, path)).mode & 0o7777).toBe(0o777);
  expect(readdirSync(join(root, "/opt/bramble/worker/bin"))).toEqual(["start.sh"]);
  expect(new TextDecoder().decode((await files.read(path))!)).toBe("x");
});

test("folders can be entered by all, whatever the umask is", () => {
  // A thread cannot set the umask of its process.
  const script =
    "const { roleFiles } = await import(process.argv[1]); await roleFiles(process.argv[2]).write(process.argv[3], new Uint8Array(1), 0o755)";
  const write = ["--input-type=module", "-e", script, new URL("./role-files.ts", import.meta.url).href, root, path];
  const ended = spawnSync("sh", ["-c", 'umask 077; exec "$0" "$@"', process.execPath, ...write], { encoding: "utf8" });
  expect(ended.stderr).toBe("");
  for (const folder of ["/opt/bramble", "/opt/bramble/worker", "/opt/bramble/worker/bin"])
    expect(statSync(join(root, folder)).mode & 0o7777).toBe(0o755);
});

test("a file that is so already is not written", async () => {
  await files.write(path, bytes("x"), 0o644);
  const before = statSync(join(root, path));
  expect(await files.write(path, bytes("x"), 0o644)).toBe(false);
  expect(statSync(join(root, path))).toMatchObject({ ino: before.ino, mtimeMs: before.mtimeMs });
  expect(await files.write(path, bytes("y"), 0o644)).toBe(true);
  chmodSync(join(root, path), 0o600);
  expect(await files.write(path, bytes("y"), 0o644)).toBe(true);
});

test("what a crash left of a write is swept away", async () => {
  await files.write(path, bytes("x"), 0o644);
  writeFileSync(join(root, "/opt/bramble/worker/bin/.bramble-start.sh"), "half");
  await files.write(path, bytes("y"), 0o644);
  expect(readdirSync(join(root, "/opt/bramble/worker/bin"))).toEqual(["start.sh"]);
});

test("a folder that is a link is not entered, to write, read or remove", async () => {
  const outside = mkdtempSync(join(tmpdir(), "bramble-outside-"));
  writeFileSync(join(outside, "start.sh"), "theirs");
  mkdirSync(join(root, "opt/bramble/worker"), { recursive: true });
  symlinkSync(outside, join(root, "opt/bramble/worker/bin"));
  await expect(files.write(path, bytes("x"), 0o644)).rejects.toThrow("/opt/bramble/worker/bin is a link");
  await expect(files.remove(path)).rejects.toThrow("is a link");
  await expect(files.read(path)).rejects.toThrow("is a link");
  await files.tidy("worker", [path]).catch(() => {});
  expect(readFileSync(join(outside, "start.sh"), "utf8")).toBe("theirs");
  rmSync(outside, { recursive: true });
});

test("a file that is a link is replaced, not followed; removing it removes the link", async () => {
  const theirs = join(root, "theirs");
  writeFileSync(theirs, "theirs");
  mkdirSync(join(root, "opt/bramble/worker/bin"), { recursive: true });
  symlinkSync(theirs, join(root, path));
  expect(await files.read(path)).toBeNull();
  await files.write(path, bytes("x"), 0o644);
  expect(statSync(join(root, path)).isFile()).toBe(true);
  rmSync(join(root, path));
  symlinkSync(theirs, join(root, path));
  await files.remove(path);
  expect(await files.exists(path)).toBe(false);
  expect(readFileSync(theirs, "utf8")).toBe("theirs");
});

test("a folder or a file in the way is told", async () => {
  mkdirSync(join(root, path), { recursive: true });
  await expect(files.write(path, bytes("x"), 0o644)).rejects.toThrow("is there and no file");
  writeFileSync(join(root, "file"), "");
  await expect(files.write("/file/below", bytes("x"), 0o644)).rejects.toThrow("/file is no folder");
});

test("what is not there is no trouble to remove", async () => {
  await files.remove(path);
  await files.remove("/nowhere");
  expect(await files.read("/nowhere")).toBeNull();
  await files.tidy("worker", [path]);
});

test("empty folders of the role go, those that hold something and those of others stay", async () => {
  for (const each of [path, "/opt/bramble/worker/data/kept", "/etc/elsewhere/x"])
    await files.write(each, bytes(""), 0o644);
  await files.remove(path);
  await files.remove("/etc/elsewhere/x");
  await files.tidy("worker", [path, "/etc/elsewhere/x"]);
  expect(readdirSync(join(root, "opt/bramble/worker"))).toEqual(["data"]);
  expect(await files.exists("/etc/elsewhere")).toBe(true);
  await files.remove("/opt/bramble/worker/data/kept");
  await files.tidy("worker", ["/opt/bramble/worker/data/kept"]);
  expect(readdirSync(join(root, "opt/bramble"))).toEqual([]);
});
