// `node scripts/complete-lock.mjs`, after any change of dependencies: names in package-lock.json every optional build of a
// package that the registry of the moment did not serve (builds for other platforms). `npm ci` wants them all named; it
// fetches none of them where `os`, `cpu` or `libc` do not fit.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./setup.mjs";

const file = join(root, "package-lock.json");
const lock = JSON.parse(readFileSync(file, "utf8"));
const added = [];
for (const entry of Object.values(lock.packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const key = `node_modules/${name}`;
    if (Object.hasOwn(lock.packages, key) || !/^\d+\.\d+\.\d+/.test(version)) continue;
    const platform = platformOf(name);
    if (platform === null) continue;
    lock.packages[key] = { version, ...platform, optional: true, ...(entry.dev ? { dev: true } : {}) };
    added.push(`${name}@${version}`);
  }
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
process.stdout.write(added.length === 0 ? "The lock file is complete.\n" : `Added ${added.join(", ")}\n`);

/** What the name of a prebuilt package says of where it runs: `…-linux-x64-musl`, `…-win32-arm64-msvc`; null when nothing. */
function platformOf(name) {
  const words = name.split(/[/-]/);
  const os = words.find((word) =>
    ["android", "darwin", "freebsd", "linux", "netbsd", "openbsd", "openharmony", "sunos", "win32", "aix"].includes(
      word,
    ),
  );
  const cpu = words.find((word) =>
    ["arm", "arm64", "ia32", "loong64", "mips64el", "ppc64", "riscv64", "s390x", "x64"].includes(word),
  );
  if (os === undefined || cpu === undefined) return /wasm32/.test(name) ? { cpu: ["wasm32"] } : null;
  const libc = words.some((word) => word.startsWith("musl"))
    ? ["musl"]
    : words.includes("gnu") || words.includes("gnueabihf")
      ? ["glibc"]
      : null;
  return { cpu: [cpu], os: [os], ...(libc === null ? {} : { libc }) };
}
