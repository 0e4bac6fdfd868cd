// Set-up shared by every `npm run …`: plain JavaScript, so that a machine's older Node can run it before anything is installed.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of the clone. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Ends the whole run with one sentence. */
export function fail(sentence, code = 1) {
  process.stderr.write(`${sentence}\n`);
  process.exit(code);
}

/** Runs a program to its end with this terminal; gives its exit code. Ctrl+C reaches the child, which ends in its own way. */
export function run(command, args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio: "inherit", ...options });
    const forward = (signal) => child.kill(signal);
    const ignore = () => {};
    process.on("SIGTERM", forward);
    // A terminal sends SIGINT to the whole group: the child has it already.
    process.on("SIGINT", ignore);
    child.on("error", (error) => fail(`${command}: ${error.message}`));
    child.on("exit", (code, signal) => {
      process.off("SIGTERM", forward);
      process.off("SIGINT", ignore);
      resolve(code ?? (signal === "SIGINT" ? 130 : 143));
    });
  });
}

/** Installs what package-lock.json says, once per lock file. */
export async function ensureInstalled() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major < 20) fail(`Bramble needs Node 20 or later to install itself; this is Node ${major}.${minor}.`);
  const stamp = join(root, "node_modules", ".bramble-installed");
  const wanted = hashOf([join(root, "package-lock.json")]);
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  process.stderr.write("Installing dependencies (npm ci) …\n");
  // What npm says goes to stderr: stdout belongs to the task (`ready http://…`).
  const code = await run("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], { stdio: ["ignore", 2, 2] });
  if (code !== 0) fail("npm ci failed; what it said stands above. Is the npm registry reachable from here?", code);
  writeFileSync(stamp, wanted);
}

/** The Node that runs Bramble: this one when it is 24 or later, else the one packaged for this machine. */
export function modernNode() {
  if (Number(process.versions.node.split(".")[0]) >= 24) return process.execPath;
  const packaged = join(root, "node_modules", `node-${process.platform}-${process.arch}`, "bin", "node");
  if (existsSync(packaged)) return packaged;
  return fail(
    `Bramble runs on Node 24; this is Node ${process.versions.node} and none is packaged for ${process.platform} ${process.arch}. Please install Node 24.`,
  );
}

/** Builds the page when its sources changed since the last build. */
export async function ensurePage(node) {
  const sources = ["apps/twin", "packages/core", "packages/warble"].flatMap((folder) => filesUnder(join(root, folder)));
  const wanted = hashOf([...sources, join(root, "package-lock.json")]);
  const stamp = join(root, "apps/twin/dist", ".built-from");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  process.stderr.write("Building the page …\n");
  const vite = join(root, "node_modules/vite/bin/vite.js");
  const code = await run(node, [vite, "build", "apps/twin", "--logLevel", "warn"], { stdio: ["ignore", 2, 2] });
  if (code !== 0) fail("The page could not be built; what Vite said stands above.", code);
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, wanted);
}

/**
 * Installs Debian packages when root and apt-get allow it. What stays missing is named; the tests that need it
 * report themselves as skipped with that reason.
 */
export function ensureDebian(needs) {
  const missing = needs.filter(({ file }) => !existsSync(file));
  if (missing.length === 0) return;
  const names = missing.map(({ name }) => name);
  const canInstall = process.getuid?.() === 0 && existsSync("/usr/bin/apt-get");
  if (canInstall) {
    process.stderr.write(`Installing Debian packages: ${names.join(", ")} …\n`);
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    const apt = (...args) =>
      spawnSync("apt-get", ["-qq", ...args], { env, stdio: ["ignore", "ignore", 2] }).status === 0;
    apt("update");
    if (apt("install", "-y", "--no-install-recommends", ...names)) return;
  }
  for (const { name, why } of missing) {
    process.stderr.write(`${name} is not installed, so ${why} is skipped. On Debian: sudo apt-get install ${name}\n`);
  }
}

function filesUnder(folder) {
  const found = [];
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (["node_modules", "dist", ".cache", "test"].includes(entry.name)) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) found.push(...filesUnder(path));
    else if (!entry.name.endsWith(".test.ts") && !entry.name.endsWith(".md") && statSync(path).isFile())
      found.push(path);
  }
  return found.sort();
}

function hashOf(files) {
  const hash = createHash("sha256");
  for (const file of files) hash.update(file.slice(root.length)).update("\0").update(readFileSync(file)).update("\0");
  return hash.digest("hex");
}
