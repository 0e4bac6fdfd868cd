import { expect, test } from "vitest";
import { makes } from "./makes.ts";
import { type ParseResult, parseCluster } from "./parse.ts";
import { expectedOf, isOfForm, type SettingForm } from "./setting-form.ts";
import { exampleSource } from "./testing.ts";

/** The desk's file with a lamp and MAC tables whose drivers nobody has, and some of its text changed. */
function check(...edits: readonly (readonly [was: string, is: string])[]): ParseResult {
  let source = exampleSource("desk-5")
    .replace("id: strip, kind: pixels,", "id: strip, kind: pixels, driver: wled-json,")
    .replace("    ports: 8\n", "    ports: 8\n    mac_table: snmp-bridge\n");
  for (const [was, is] of edits) {
    if (!source.includes(was)) throw new Error(`desk-5.yaml has no "${was}"`);
    source = source.replace(was, is);
  }
  return parseCluster(source, { makes });
}

function told(result: ParseResult): string[] {
  const problems = result.kind === "ok" ? result.warnings : result.problems;
  return problems
    .filter(({ code }) => code.startsWith("cluster.driver"))
    .map(({ code, path, message, nearest }) => `${code.slice(8)} ${path}: ${message} [${nearest ?? "-"}]`);
}

const plug = "driver: shelly-gen2";

test.each(["desk-5", "mini-84", "police-box", "police-box-garage"] as const)(
  "%s names no driver that nobody has",
  (name) => {
    expect(told(parseCluster(exampleSource(name), { makes }))).toEqual([]);
  },
);

test("drivers that nobody has yet are warnings, and the file is right", () => {
  const result = check();
  expect(result.kind).toBe("ok");
  expect(told(result)).toEqual([
    expect.stringMatching(
      /^driver-unknown models\.\S+\.mac_table: no driver "snmp-bridge" in this version: nobody reads/,
    ),
    expect.stringMatching(
      /^driver-unknown devices\[\d\]\.driver: no driver "wled-json" .* only a simulated strip does anything \[-\]/,
    ),
  ]);
});

test("without the list of makes nobody looks", () => {
  const result = parseCluster(exampleSource("desk-5").replace(plug, "driver: shelly-gen3"));
  expect(result.kind).toBe("ok");
  expect(told(result)).toEqual([]);
});

test.each([
  [
    "a PDU's driver, mistyped",
    [plug, "driver: shelly-gen3"],
    'driver-unknown models.plug.driver: no driver "shelly-gen3" in this version; did you mean "shelly-gen2"? [shelly-gen2]',
  ],
  [
    "a PDU's driver like no other",
    [plug, "driver: xyzzy"],
    /no driver "xyzzy" in this version; there are arduino-buttons, command, .*webhook \[-\]$/,
  ],
  [
    "a PoE switch's driver",
    ["driver: snmp-rfc3621", "driver: snmp-rfc3622"],
    /^driver-unknown models\.\S+\.poe\.driver: .*did you mean "snmp-rfc3621"/,
  ],
  [
    "a PoE switch's setting",
    ["driver: snmp-rfc3621,", "driver: snmp-rfc3621, settings: { version: 4 },"],
    /^driver-setting models\.\S+\.poe\.settings\.version: snmp-rfc3621: version is 4 \[-\]/,
  ],
  [
    "a setting that nobody knows",
    [plug, `${plug}, settings: { certificat: public }`],
    'driver-setting models.plug.settings.certificat: shelly-gen2 has no setting "certificat"; did you mean "certificate"? [certificate]',
  ],
  [
    "a setting like no other",
    [plug, `${plug}, settings: { colour: blue }`],
    /shelly-gen2 has no setting "colour"; it has tls, certificate, first \[-\]$/,
  ],
  [
    "a setting of a driver that has none",
    [plug, "driver: synaccess-telnet, settings: { speed: 3 }"],
    /synaccess-telnet has no setting "speed"; it has none/,
  ],
  [
    "a setting of the wrong kind",
    [plug, `${plug}, settings: { first: -1 }`],
    "driver-setting models.plug.settings.first: shelly-gen2: first is -1 [-]",
  ],
  [
    "a setting that is missing",
    [plug, 'driver: webhook, settings: { on: "/on" }'],
    'driver-setting pdus[0]: plug1: webhook needs the setting "off" [-]',
  ],
  ["a lamp's driver, mistyped", ["driver: wled-json", "driver: simulatd"], /did you mean "simulated"\? \[simulated\]$/],
  ["a lamp's setting", ["driver: wled-json", "driver: simulated"], /simulated has no setting "realtime"; it has none/],
] as const)("%s is told with its place", (_what, edit, expected) => {
  const all = told(check(edit));
  expect(all).toContainEqual(typeof expected === "string" ? expected : expect.stringMatching(expected));
});

test("a PDU's own settings are looked at too, and go before its model's", () => {
  const edits = [
    [plug, 'driver: webhook, settings: { on: "/on", off: 5 }'],
    ["{ id: plug1, model: plug,", "{ id: plug1, model: plug, settings: { methd: GET },"],
  ] as const;
  const result = check(...edits);
  expect(told(result)).toContain(
    'driver-setting pdus[0].settings.methd: webhook has no setting "methd"; did you mean "method"? [method]',
  );
  expect(told(result)).toContain("driver-setting models.plug.settings.off: webhook: off is 5 [-]");
  const problems = result.kind === "invalid" ? result.problems : [];
  expect(problems.find(({ path }) => path === "pdus[0].settings.methd")).toMatchObject({
    line: expect.any(Number),
    column: expect.any(Number),
  });
});

test.each<[SettingForm, unknown, boolean]>([
  [{ kind: "text" }, "a", true],
  [{ kind: "text" }, "", false],
  [{ kind: "text" }, "a\u0007", false],
  [{ kind: "list" }, ["a", "b"], true],
  [{ kind: "list" }, [], false],
  [{ kind: "list" }, [1], false],
  [{ kind: "pattern" }, "on|1", true],
  [{ kind: "pattern" }, "(", false],
  [{ kind: "pattern" }, 7, false],
  [{ kind: "flag" }, false, true],
  [{ kind: "flag" }, "no", false],
  [{ kind: "whole", from: 1, to: 4 }, 4, true],
  [{ kind: "whole", from: 1, to: 4 }, 4.5, false],
  [{ kind: "choice", words: ["1", "2c"] }, 1, true],
  [{ kind: "choice", words: ["1", "2c"] }, "3", false],
])("of the form %j is %j: %s", (form, said, isRight) => {
  expect(isOfForm(form, said)).toBe(isRight);
  expect(expectedOf(form)).toMatch(/\w/);
});
