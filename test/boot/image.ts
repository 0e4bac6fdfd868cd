import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { repository } from "../support/demo-process.ts";
import { boardToken } from "./head.ts";

/**
 * The image of the stories, built once and kept below `.bramble/` until something that it is made of changes.
 *
 * @returns its folder. @throws with what the build said.
 */
export function imageFor(arch: "amd64" | "arm64"): string {
  const home = join(repository, ".bramble/stories", arch);
  const image = join(home, arch);
  const stamp = join(home, "built-from");
  const wanted = hashOf(madeOf);
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted && existsSync(join(image, "image.json")))
    return image;
  mkdirSync(home, { recursive: true });
  const token = join(home, "board.token");
  writeFileSync(token, boardToken);
  const { status, stderr, error } = spawnSync(
    process.execPath,
    [
      ...[join(repository, "bin/bramble.mjs"), "image", "build", "--arch", arch],
      ...["--name", arch, "--out", image, "--board-token-file", token],
    ],
    { encoding: "utf8" },
  );
  if (status !== 0) throw new Error(`bramble image build ended with ${status}: ${stderr}${error ?? ""}`);
  writeFileSync(stamp, wanted);
  return image;
}

const madeOf = [
  "images",
  "apps/cli/src/image",
  "apps/agent/src",
  "apps/agent/systemd",
  "packages/core/observe",
  "packages/warble",
];

function hashOf(folders: readonly string[]): string {
  const hash = createHash("sha256");
  const add = (path: string): void => {
    if (statSync(join(repository, path)).isDirectory()) {
      if (!/node_modules|\/test$/.test(path))
        for (const name of readdirSync(join(repository, path)).sort()) add(`${path}/${name}`);
    } else if (!/\.test\.ts$|\.md$/.test(path)) hash.update(path).update(readFileSync(join(repository, path)));
  };
  for (const folder of folders) add(folder);
  return hash.digest("hex");
}
