// `npm run <task>`: does the set-up that the task needs, then the task, with the right Node.
import { join } from "node:path";
import { ensureDebian, ensureInstalled, ensurePage, fail, modernNode, root, run } from "./setup.mjs";

const tool = (name, entry) => join(root, "node_modules", name, entry);
const chromium = { name: "chromium", file: "/usr/bin/chromium", why: "everything that looks at the page in a browser" };

const played = "every machine that boots over the network";
const machines = [
  { name: "qemu-system-x86", file: "/usr/bin/qemu-system-x86_64", why: played },
  { name: "ipxe-qemu", file: "/usr/lib/ipxe/qemu/efi-virtio.rom", why: played },
  { name: "iproute2", file: "/usr/sbin/ip", why: played },
];
const moreMachines = [
  { name: "qemu-system-arm", file: "/usr/bin/qemu-system-aarch64", why: "the arm64 machine" },
  { name: "u-boot-qemu", file: "/usr/lib/u-boot/qemu_arm64/u-boot.bin", why: "the arm64 machine" },
  { name: "nfs-ganesha", file: "/usr/bin/ganesha.nfsd", why: "the root by NFS" },
  { name: "nfs-ganesha-vfs", file: "/usr/share/doc/nfs-ganesha-vfs", why: "the root by NFS" },
];

/** Runs the steps in order; the first that fails ends the task with its exit code. */
async function steps(node, list) {
  for (const [title, args] of list) {
    process.stderr.write(`· ${title}\n`);
    const code = await run(node, args);
    if (code !== 0) return code;
  }
  return 0;
}

const quality = [
  ["format and lint (biome)", [tool("@biomejs/biome", "bin/biome"), "check", "--error-on-warnings"]],
  ["types (tsc -b)", [tool("typescript", "bin/tsc"), "-b"]],
  ["dead code (knip)", [tool("knip", "bin/knip.js"), "--no-progress"]],
];
const vitest = (...args) => [tool("vitest", "vitest.mjs"), "run", ...args];

const tasks = {
  demo: async (node, args) => {
    await ensurePage(node);
    return run(node, [join(root, "apps/cli/src/main.ts"), "demo", ...args]);
  },
  dev: async (node, args) => run(node, [join(root, "scripts/dev.ts"), ...args]),
  check: (node) => steps(node, quality),
  test: async (node, args) => {
    ensureDebian([chromium, ...machines]);
    await ensurePage(node);
    return steps(node, args.length > 0 ? [["tests", vitest(...args)]] : [...quality, ["tests", vitest("--coverage")]]);
  },
  e2e: async (node, args) => {
    ensureDebian([chromium, ...machines, ...moreMachines]);
    await ensurePage(node);
    return run(node, vitest("--config", "vitest.e2e.config.ts", ...args));
  },
  soak: (node, args) => run(node, [join(root, "test/soak/main.ts"), ...args]),
  bench: async (node, args) => {
    await ensurePage(node);
    return run(node, ["--expose-gc", join(root, "test/bench/main.ts"), ...args]);
  },
  pictures: async (node, args) => {
    ensureDebian([chromium]);
    await ensurePage(node);
    return run(node, [join(root, "scripts/pictures.ts"), ...args]);
  },
  build: async (node) => {
    await ensurePage(node);
    return run(node, [join(root, "scripts/build.ts")]);
  },
};

const [task, ...args] = process.argv.slice(2);
if (!Object.hasOwn(tasks, task ?? "")) fail(`usage: node scripts/run.mjs ${Object.keys(tasks).join("|")}`, 2);
await ensureInstalled();
process.exitCode = await tasks[task](modernNode(), args);
