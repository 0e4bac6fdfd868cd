import { expect, test } from "vitest";
import { aptOptions, mirrorsAmong, parseListFile, parseSourcesFile, sourceLines } from "./apt-sources.ts";

const list = `# a comment
deb [arch=amd64 signed-by=/usr/share/keyrings/a.gpg] http://mirror.example/debian bookworm main contrib # why
deb-src http://mirror.example/debian bookworm main
deb http://mirror.example/debian-security bookworm-security main
nonsense
`;

const sources = `Types: deb deb-src
# a comment
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main
 non-free-firmware
Signed-By: /usr/share/keyrings/a.gpg

Types: deb
URIs: http://off.example/debian
Suites: bookworm
Components: main
Enabled: no

Types: deb
URIs: https://vendor.example/node
Suites: nodistro
Components: main
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
`;

test("the one-line format is read with its options, without sources of source", () => {
  expect(parseListFile(list)).toEqual([
    {
      uri: "http://mirror.example/debian",
      suite: "bookworm",
      components: ["main", "contrib"],
      signedBy: "/usr/share/keyrings/a.gpg",
    },
    { uri: "http://mirror.example/debian-security", suite: "bookworm-security", components: ["main"], signedBy: null },
  ]);
});

test("the deb822 format is read stanza by stanza; what is not enabled is none", () => {
  const read = parseSourcesFile(sources);
  expect(read.map(({ uri, suite }) => `${uri} ${suite}`)).toEqual([
    "http://mirror.example/debian bookworm",
    "http://mirror.example/debian bookworm-updates",
    "https://vendor.example/node nodistro",
  ]);
  expect(read[0]).toMatchObject({ components: ["main", "non-free-firmware"], signedBy: "/usr/share/keyrings/a.gpg" });
  // A key that stands in the file itself is not a file.
  expect(read[2]?.signedBy).toBeNull();
});

test("the mirror of another release serves the suite that is asked for, with updates and security", () => {
  const mirrors = mirrorsAmong([...parseSourcesFile(sources), ...parseListFile(list)]);
  expect(sourceLines(mirrors!, "trixie")).toEqual([
    "deb [signed-by=/usr/share/keyrings/a.gpg] http://mirror.example/debian trixie main non-free-firmware",
    "deb [signed-by=/usr/share/keyrings/a.gpg] http://mirror.example/debian trixie-updates main non-free-firmware",
    "deb http://mirror.example/debian-security trixie-security main non-free-firmware",
  ]);
  expect(sourceLines(mirrors!, "sid")).toHaveLength(1);
});

test.each([
  ["Ubuntu", "deb http://archive.example/ubuntu noble main universe"],
  ["Raspberry Pi OS, 32 bits", "deb http://raspbian.example/raspbian bookworm main"],
  ["no sources at all", ""],
])("a machine with %s has no Debian mirror", (_what, text) => {
  expect(mirrorsAmong(parseListFile(text))).toBeNull();
});

test("of apt's settings those that lead to the mirror hold, and no others", () => {
  const dump = [
    'Acquire::http::Proxy "http://proxy.example:3128";',
    'Acquire::https::mirror.example::Verify-Peer "false";',
    'Acquire::Check-Date "false";',
    'Acquire::http "";',
    'APT::Update::Post-Invoke-Success:: "rm -rf /";',
    'Dir::Etc::netrc "auth.conf";',
    "not a setting",
  ].join("\n");
  expect(aptOptions(dump)).toEqual([
    'Acquire::http::Proxy "http://proxy.example:3128";',
    'Acquire::https::mirror.example::Verify-Peer "false";',
    'Acquire::Check-Date "false";',
  ]);
});
