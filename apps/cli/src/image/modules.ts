/** What `images/initrd/modules` asks for on one architecture. */
export type WantedModules = { readonly needed: readonly string[]; readonly welcome: readonly string[] };

/** Reads the list of modules for `arch`. @throws Error with the line that is none. */
export function parseWanted(text: string, arch: string): WantedModules {
  const needed: string[] = [];
  const welcome: string[] = [];
  text.split("\n").forEach((line, at) => {
    if (/^\s*(#|$)/.test(line)) return;
    const [, need, where, names] = /^(need )?(any|amd64|arm64):((?: +[\w-]+)+)$/.exec(line) ?? [];
    if (names === undefined) throw new Error(`images/initrd/modules:${at + 1}: "${line}" is no line of modules`);
    if (where !== "any" && where !== arch) return;
    (need === undefined ? welcome : needed).push(...names.trim().split(/ +/));
  });
  return { needed, welcome };
}

/**
 * The modules to take, each with all that it needs, as paths below the folder of the kernel's modules.
 *
 * @param dependencies text of `modules.dep`. @param builtin text of `modules.builtin`.
 * @returns sorted paths, and the needed names that this kernel does not have.
 */
export function moduleClosure(
  wanted: WantedModules,
  dependencies: string,
  builtin: string,
): { readonly paths: readonly string[]; readonly missing: readonly string[] } {
  const needs = new Map<string, readonly string[]>();
  const byName = new Map<string, string>();
  for (const line of dependencies.split("\n")) {
    const [path, rest] = line.split(":", 2);
    if (path === undefined || rest === undefined) continue;
    needs.set(
      path,
      rest.split(" ").filter((each) => each !== ""),
    );
    byName.set(nameOf(path), path);
  }
  const inKernel = new Set(builtin.split("\n").map(nameOf));
  const taken = new Set<string>();
  const take = (path: string): void => {
    if (taken.has(path)) return;
    taken.add(path);
    for (const each of needs.get(path) ?? []) take(each);
  };
  const missing: string[] = [];
  for (const name of [...wanted.needed, ...wanted.welcome]) {
    const path = byName.get(plain(name));
    if (path !== undefined) take(path);
    else if (wanted.needed.includes(name) && !inKernel.has(plain(name))) missing.push(name);
  }
  return { paths: [...taken].sort(), missing };
}

/** `kernel/drivers/net/virtio_net.ko.xz` is `virtio_net`. */
function nameOf(path: string): string {
  return plain(path.slice(path.lastIndexOf("/") + 1).replace(/\.ko(\.\w+)?$/, ""));
}

// The kernel takes dashes and underscores for the same.
function plain(name: string): string {
  return name.replaceAll("-", "_");
}
