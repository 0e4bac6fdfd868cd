/** One source of packages that apt knows, from either of its formats. */
export type AptSource = {
  readonly uri: string;
  readonly suite: string;
  readonly components: readonly string[];
  /** File of the key that it is signed with; null: apt's own keyring. */
  readonly signedBy: string | null;
};

/** Where packages come from: the archive and, where there is one, its security updates. */
export type Mirrors = {
  readonly main: { readonly uri: string; readonly signedBy: string | null };
  readonly security: { readonly uri: string; readonly signedBy: string | null } | null;
};

/** The binary sources of a `.list` file (sources.list(5), one-line format). Lines that are none are passed over. */
export function parseListFile(text: string): AptSource[] {
  return text.split("\n").flatMap((line) => {
    const match = /^\s*deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)((?:\s+[^\s#]+)*)/.exec(line);
    if (match === null) return [];
    const [, options = "", uri = "", suite = "", components = ""] = match;
    const signedBy = /(?:^|\s)signed-by=(\/\S+)/.exec(options)?.[1] ?? null;
    return [{ uri, suite, components: words(components), signedBy }];
  });
}

/** The binary sources of a `.sources` file (sources.list(5), deb822 format). */
export function parseSourcesFile(text: string): AptSource[] {
  return text.split(/\n\s*\n/).flatMap((stanza) => {
    const fields = new Map<string, string>();
    let last = "";
    for (const line of stanza.split("\n")) {
      if (line.startsWith("#")) continue;
      const [, name, value] = /^([A-Za-z-]+):\s*(.*)$/.exec(line) ?? [];
      if (name !== undefined) {
        last = name.toLowerCase();
        fields.set(last, value ?? "");
      } else if (/^\s+\S/.test(line)) fields.set(last, `${fields.get(last) ?? ""}\n${line.trim()}`);
    }
    const many = (name: string): string[] => words(fields.get(name) ?? "");
    if (!many("types").includes("deb") || /^(no|false|0)$/i.test(fields.get("enabled")?.trim() ?? "")) return [];
    const key = fields.get("signed-by")?.trim() ?? "";
    const signedBy = /^\/\S+$/.test(key) ? key : null;
    return many("uris").flatMap((uri) =>
      many("suites").map((suite) => ({ uri, suite, components: many("components"), signedBy })),
    );
  });
}

/**
 * The Debian mirror among a machine's sources: whatever release the machine itself runs, its mirror has the others too.
 *
 * @returns null when it has none, as on a machine with another system.
 */
export function mirrorsAmong(sources: readonly AptSource[]): Mirrors | null {
  const debian = sources.filter(
    ({ uri, suite, components }) =>
      components.includes("main") && releases.test(suite) && !/raspbian|raspberrypi/.test(uri),
  );
  const main = debian.find(({ suite }) => !suite.includes("-") && !suite.includes("/"));
  if (main === undefined) return null;
  const security = debian.find(({ suite }) => /-security$|\/updates$/.test(suite));
  const of = ({ uri, signedBy }: AptSource) => ({ uri, signedBy });
  return { main: of(main), security: security === undefined ? null : of(security) };
}

/** The lines that apt is given for `suite`: archive, updates and security of the same mirror. */
export function sourceLines({ main, security }: Mirrors, suite: string): string[] {
  const line = ({ uri, signedBy }: Mirrors["main"], name: string): string =>
    `deb ${signedBy === null ? "" : `[signed-by=${signedBy}] `}${uri} ${name} main non-free-firmware`;
  // Unstable has neither updates nor security of its own.
  if (/^(sid|unstable|experimental)$/.test(suite)) return [line(main, suite)];
  return [
    line(main, suite),
    line(main, `${suite}-updates`),
    ...(security === null ? [] : [line(security, `${suite}-security`)]),
  ];
}

/**
 * What of `apt-config dump` also holds for the new root: how to reach the mirror (proxies, retries, checks of dates). Where
 * passwords lie is named, never read.
 */
export function aptOptions(dump: string): string[] {
  return dump.split("\n").filter((line) => {
    const [, name = "", value = ""] = /^(\S+) "(.*)";$/.exec(line) ?? [];
    return value !== "" && kept.test(name);
  });
}

// Names of Debian's releases and aliases, as suites of the archive.
const releases =
  /^(buster|bullseye|bookworm|trixie|forky|duke|sid|stable|oldstable|testing|unstable)(-updates|-security|\/updates)?$/;

const kept =
  /^Acquire::(https?::|Retries$|Check-Date$|Check-Valid-Until$|ForceIPv[46]$|Max-FutureTime$|http$|Languages$)/i;

function words(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== "");
}
