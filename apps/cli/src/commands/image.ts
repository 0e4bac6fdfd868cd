import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { ImageManifest } from "@bramble/core/boot";
import type { Command } from "commander";
import { Option } from "commander";
import { type ImageOptions, imageArchs, readRequest } from "../image/request.ts";
import { CommandError } from "../problem.ts";
import type { Terminal } from "../terminal.ts";
import { ago, table } from "../terminal.ts";

/** `bramble image`: build, list and check what boards boot. */
export function addImage(program: Command, terminal: Terminal, signal: AbortSignal): void {
  const image = program.command("image").description("build, list and check what boards boot over the network");
  image.helpCommand(false);
  image
    .command("build")
    .description("build a boot image from Debian packages: kernel, RAM disk, read-only root with the agent")
    .addOption(new Option("--arch <arch>", "processor of the boards").choices([...imageArchs]).default("arm64"))
    .option("--suite <suite>", "release of Debian", "trixie")
    .option("--name <name>", "name of the image (default: SUITE-ARCH)")
    .option("--out <dir>", "folder of the image (default: .bramble/images/NAME)")
    .option("--mirror <url>", "Debian mirror (default: that of this machine's apt)")
    .option("--include <package...>", "more Debian packages for the root")
    .option("--board-token-file <file>", "the head's board token, baked into the RAM disk")
    .addOption(
      new Option("--roles <kind>", "roles that its boards take: user never runs as root")
        .choices(["none", "user", "root"])
        .default("user"),
    )
    .option("--nfs <dir>", "also unpack the root there, once for all boards, and boot by NFS")
    .option("--clients <network>", "who may mount it, like 172.20.0.0/16", "*")
    .addHelpText("after", "\nExample:\n  sudo npx bramble image build --arch arm64")
    .action(async (options: ImageOptions & { nfs?: string; clients: string }) => {
      const { buildImage } = await import("../image/build.ts");
      const request = readRequest(options);
      const { note, now } = terminal;
      const manifest = await buildImage(request, { note: (line) => note(line), now, signal, env: process.env });
      if (options.nfs !== undefined) await unpack(request.out, options.nfs, options.clients);
      terminal.out(`${request.out}  ${summary(manifest)}`);
    });
  image
    .command("nfs")
    .description("unpack an image's root once for all boards, and write what an NFS server needs to export it")
    .argument("<dir>", "folder of the image")
    .argument("[to]", "folder that is exported (default: root in the image's folder)")
    .option("--clients <network>", "who may mount it, like 172.20.0.0/16", "*")
    .addHelpText(
      "after",
      "\nIn the image's own folder the cluster file chooses (boot: { root: nfs }); any other folder makes NFS the image's way.\n\nExample:\n  sudo npx bramble image nfs .bramble/images/trixie-arm64 --clients 172.20.0.0/16",
    )
    .action((dir: string, to: string | undefined, { clients }: { clients: string }) =>
      unpack(resolve(dir), to ?? join(dir, "root"), clients),
    );
  image
    .command("list")
    .description("the images of a folder")
    .argument("[dir]", "folder of images", ".bramble/images")
    .option("--json", "print the manifests as JSON")
    .addHelpText("after", "\nExample:\n  bramble image list")
    .action(async (dir: string, { json }: { json?: boolean }) => {
      const { loadManifest } = await import("../image/manifest.ts");
      const found = imagesIn(dir).map((folder) => loadManifest(folder));
      if (json) return terminal.out(JSON.stringify(found, null, 2));
      if (found.length === 0) return terminal.note(`${dir} holds no image; \`bramble image build\` makes one`);
      terminal.out(
        table(
          ["NAME", "ARCH", "ROOT", "SIZE", "BUILT"],
          found.map((manifest) => [
            manifest.name,
            manifest.arch,
            manifest.plans.live.root.kind,
            megabytes(sizeOf(manifest)),
            `${ago(terminal.now() - Date.parse(manifest.builtAt))} ago`,
          ]),
        ),
      );
    });
  image
    .command("check")
    .description("compare an image's files with its manifest")
    .argument("<dir>", "folder of the image")
    .addHelpText("after", "\nExample:\n  bramble image check .bramble/images/trixie-arm64")
    .action(async (dir: string) => {
      const { checkImage, loadManifest } = await import("../image/manifest.ts");
      const { looksLikeRoot } = await import("../image/nfs.ts");
      const manifest = loadManifest(dir);
      const wrong = await checkImage(dir, manifest);
      const { root } = manifest.plans.live;
      if (root.kind === "nfs" && !looksLikeRoot(root.export)) wrong.push(`${root.export} does not hold the root`);
      for (const each of wrong) terminal.note(`${dir}: ${each}`);
      if (wrong.length > 0) throw new CommandError(`${dir}: the image is damaged; build it again`);
      terminal.out(summary(manifest));
    });

  async function unpack(folder: string, to: string, clients: string): Promise<void> {
    const { createExecute } = await import("../image/execute.ts");
    const { exportRoot } = await import("../image/nfs.ts");
    const logs = mkdtempSync(join(tmpdir(), "bramble-image-"));
    try {
      terminal.note(`· unpacking the root into ${to} …`);
      const { exports, ganesha } = await exportRoot(
        { image: folder, to, clients },
        createExecute(join(logs, "log"), signal, process.env),
      );
      terminal.note(`  for the kernel's NFS server: ${exports}`);
      terminal.note(`  for nfs-ganesha:             ${ganesha}`);
    } finally {
      rmSync(logs, { recursive: true });
    }
  }
}

function imagesIn(dir: string): string[] {
  const isImage = (folder: string): boolean => existsSync(join(folder, "image.json"));
  if (isImage(dir)) return [dir];
  if (!existsSync(dir)) return [];
  return readdirSync(dir)
    .filter((name) => !name.startsWith("."))
    .map((name) => join(dir, name))
    .filter(isImage);
}

function summary(manifest: ImageManifest): string {
  const size = (path: string): string => megabytes(manifest.files[path]?.bytes ?? 0);
  const { live } = manifest.plans;
  const root =
    live.root.kind === "http"
      ? size(live.root.file)
      : `by NFS from ${live.root.kind === "nfs" ? live.root.export : "nowhere"}`;
  return `${manifest.name}: kernel ${size(manifest.kernel)}, RAM disk ${size(live.initrd)}, root ${root}`;
}

function sizeOf({ files }: ImageManifest): number {
  return Object.values(files).reduce((sum, { bytes }) => sum + bytes, 0);
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
