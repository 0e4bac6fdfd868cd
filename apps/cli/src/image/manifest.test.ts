import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { runCommandLine } from "../command-line.ts";
import { describeImage, writeManifest } from "./manifest.ts";
import { exportRoot, exportsFile, ganeshaFile } from "./nfs.ts";

const home = mkdtempSync(join(tmpdir(), "bramble-manifest-"));
afterAll(() => rmSync(home, { recursive: true }));

async function type(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const out: string[] = [];
  const err: string[] = [];
  const terminal = {
    out: (text: string) => void out.push(text),
    note: (text: string) => void err.push(text),
    isTty: false,
    columns: 100,
    now: () => Date.parse("2026-01-02T00:00:00Z"),
  };
  const code = await runCommandLine(args, terminal, new AbortController().signal);
  return { code, out: out.join("\n"), err: err.join("\n") };
}

async function imageAt(name: string): Promise<string> {
  const folder = join(home, name);
  mkdirSync(folder, { recursive: true });
  for (const file of ["vmlinuz", "initrd.img", "root.squashfs"])
    writeFileSync(join(folder, file), `${file} of ${name}`);
  const what = { name, arch: "amd64", builtAt: "2026-01-01T00:00:00.000Z" } as const;
  writeManifest(folder, await describeImage(folder, what));
  return folder;
}

test("list shows the images of a folder, check finds them whole", async () => {
  const folder = await imageAt("one");
  expect((await type("image", "list", home)).out).toMatch(/one +amd64 +http +0\.0 MB +24 h ago/);
  expect(JSON.parse((await type("image", "list", folder, "--json")).out)).toMatchObject([{ name: "one", bramble: 1 }]);
  expect(await type("image", "check", folder)).toMatchObject({ code: 0, out: expect.stringMatching(/^one: kernel/) });
  expect((await type("image", "list", join(home, "nowhere"))).err).toContain("bramble image build");
});

test("check names each file that is not what was built", async () => {
  const folder = await imageAt("two");
  writeFileSync(join(folder, "vmlinuz"), "VMLINUZ of two");
  writeFileSync(join(folder, "initrd.img"), "shorter");
  rmSync(join(folder, "root.squashfs"));
  const { code, err } = await type("image", "check", folder);
  expect(code).toBe(1);
  expect(err).toMatch(/vmlinuz is not what was built \(sha256 differs\)/);
  expect(err).toMatch(/initrd\.img has 7 octets, 17 were built/);
  expect(err).toMatch(/root\.squashfs is missing/);
});

test.each([
  [["check", "/nonexistent"], 1, "holds no image"],
  [["build", "--arch", "mips"], 2, "arm64, amd64"],
  [["build", "--suite", "no suite"], 2, '--suite "no suite"'],
  [["build", "--roles", "all"], 2, "none, user, root"],
  [["nfs", "/nonexistent", "/tmp/with space"], 2, "an export's path"],
  [["nfs", "/nonexistent", "--clients", "everybody"], 2, "--clients everybody"],
  [["bild"], 2, "Did you mean build"],
])("image %j ends with %d and says %s", async (args, code, sentence) => {
  const ended = await type("image", ...args);
  expect(ended.err).toContain(sentence);
  expect(ended.code).toBe(code);
});

test("a manifest that is none is told with what is wrong", async () => {
  const folder = join(home, "three");
  mkdirSync(folder);
  writeFileSync(join(folder, "image.json"), '{"bramble":2}');
  expect((await type("image", "check", folder)).err).toContain("image.json: ");
  rmSync(folder, { recursive: true });
});

test("a folder with something else in it is not replaced by a root", async () => {
  const folder = await imageAt("four");
  const precious = join(home, "precious");
  mkdirSync(precious);
  writeFileSync(join(precious, "letters"), "…");
  const never = { run: () => Promise.reject(new Error("called")), read: () => Promise.reject(new Error("called")) };
  // As anybody but root it is refused before that.
  await expect(exportRoot({ image: folder, to: precious, clients: "*" }, never)).rejects.toThrow(
    /holds something that is no root|takes root/,
  );
});

test("both NFS servers are told to give it read-only", () => {
  expect(exportsFile("/srv/root", "10.0.0.0/8")).toContain(
    "\n/srv/root 10.0.0.0/8(ro,no_root_squash,no_subtree_check,async)\n",
  );
  expect(ganeshaFile("/srv/root", "*")).toMatch(/Path = \/srv\/root;[\s\S]*Clients = \*; Access_Type = RO;/);
});
