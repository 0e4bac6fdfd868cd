import { type BoardFacts, type BootWork, cmdlineFor, folderOf, plain } from "./render.ts";

// Every value that a script carries went through `plain`, or through the manifest's rules for command lines: none can end a
// word or a line, so no board writes commands into what another runs.

/**
 * The iPXE script of a board: kernel and initial RAM disk over HTTP, and once more from the start when that fails.
 *
 * `initrd=initrd` is what the kernel's EFI stub looks for; a BIOS kernel ignores it.
 */
export function ipxeScript(work: BootWork, facts: BoardFacts): string {
  const folder = `${plain(facts.boot)}/boot/${folderOf(facts.mac)}`;
  const files = loaderFiles(work);
  return script([
    `# ${plain(facts.name)} (${facts.mac}): plan ${work.plan}, image ${work.manifest.name}`,
    ...needsAddress,
    "imgfree",
    `kernel ${folder}/${files.kernel} initrd=initrd ${cmdlineFor(work, facts)} || goto failed`,
    `initrd --name initrd ${folder}/${files.initrd} || goto failed`,
    "boot || goto failed",
    ...failed,
  ]);
}

/** The iPXE script of a board that is to boot from its own disk. */
export function ipxeLocal(): string {
  return script(["# plan local: on to the next boot device", "exit"]);
}

/** The first script of a board that comes without one: it asks the head for its own, by its MAC. */
export function ipxeFirst(boot: string): string {
  const chain = `chain --autofree ${plain(boot)}/ipxe/\${mac:hexhyp}`;
  return script([...needsAddress, `${chain} || goto failed`, ...failed]);
}

/** The menu of a board that nobody knows: found out about after ten seconds, unless a person at it wants otherwise. */
export function ipxeMenu(work: BootWork, facts: BoardFacts): string {
  const { boot } = facts;
  const item = (plan: "discovery" | "rescue"): string[] => {
    const folder = `${plain(boot)}/boot/${folderOf(facts.mac)}`;
    const files = loaderFiles({ ...work, plan });
    return [
      `:${plan}`,
      "imgfree",
      `kernel ${folder}/${files.kernel} initrd=initrd ${cmdlineFor({ ...work, plan }, facts)} || goto failed`,
      `initrd --name initrd ${folder}/${files.initrd} || goto failed`,
      "boot || goto failed",
    ];
  };
  return script([
    ...needsAddress,
    `menu Bramble does not know this board yet (${facts.mac})`,
    "item discovery Tell the head what this board is",
    "item rescue    A shell in memory",
    "item local     Boot from its own disk",
    "choose --default discovery --timeout 10000 chosen || goto discovery",
    `goto \${chosen}`,
    ...item("discovery"),
    ...item("rescue"),
    ":local",
    "exit",
    ...failed,
  ]);
}

/** The names in a board's folder under which any loader but a Raspberry Pi's firmware finds kernel and RAM disk. */
export function loaderFiles({ plan }: Pick<BootWork, "plan">): { readonly kernel: string; readonly initrd: string } {
  return { kernel: "kernel", initrd: `initrd-${plan}` };
}

const needsAddress = [`isset \${ip} || dhcp || goto failed`];
const failed = [
  ":failed",
  "echo Bramble could not be reached or did not have a file. Once more in 15 s; any key gives a shell.",
  "prompt --timeout 15000 && shell ||",
  "reboot",
];

function script(lines: readonly string[]): string {
  return `#!ipxe\n${lines.join("\n")}\n`;
}
