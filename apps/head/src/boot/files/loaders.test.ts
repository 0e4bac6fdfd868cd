import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { noLoaders, openLoaders } from "./loaders.ts";
import { scratch } from "./testing.ts";

test("boot programs are found in folders, links followed, the first folder first", async () => {
  using folder = scratch();
  const [own, debian, boot] = ["own", "ipxe", "boot"].map((name) => join(folder.path, name)) as [
    string,
    string,
    string,
  ];
  for (const each of [own, debian, boot]) mkdirSync(each);
  writeFileSync(join(own, "snponly.efi"), "own");
  writeFileSync(join(debian, "snponly.efi"), "debian's");
  writeFileSync(join(debian, "undionly.kpxe"), "bios");
  writeFileSync(join(debian, "ipxe.iso"), "no boot program over a network");
  writeFileSync(join(boot, "ipxe.efi"), "linked");
  symlinkSync("../boot/ipxe.efi", join(debian, "ipxe.efi"));
  symlinkSync("../boot/gone.efi", join(debian, "gone.efi"));
  mkdirSync(join(debian, "folder.efi"));
  const loaders = await openLoaders([own, debian, join(folder.path, "not there")]);
  expect(loaders.names()).toEqual(["snponly.efi", "ipxe.efi", "undionly.kpxe"]);
  expect(loaders.file("snponly.efi")).toEqual({ kind: "file", path: join(own, "snponly.efi"), sizeBytes: 3 });
  expect(loaders.file("ipxe.efi")).toMatchObject({ path: join(boot, "ipxe.efi"), sizeBytes: 6 });
  expect([loaders.file("ipxe.iso"), noLoaders.file("ipxe.efi"), noLoaders.names()]).toEqual([null, null, []]);
});
