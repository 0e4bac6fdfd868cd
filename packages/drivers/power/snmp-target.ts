import type { PowerConfig, SnmpTarget } from "@bramble/core/power";
import { choice, PowerError, readAddress, readSettings, text, whole } from "@bramble/core/power";

/** The settings that every SNMP driver has: how it says who asks. */
export const snmpSettings = {
  version: choice("The version of SNMP. Communities of 1 and 2c cross the wire as plain text.", ["1", "2c", "3"], "2c"),
  user: text("Version 3: the user, with the right to write.", "bramble"),
  auth: choice("Version 3: how messages are signed.", ["none", "md5", "sha", "sha256", "sha512"], "sha"),
  answer_ms: whole("How long an answer may take, in ms; it is asked for twice in that time.", 100, 10_000, 3000),
  privacy: choice("Version 3: how messages are hidden; only signed ones are.", ["none", "des", "aes", "aes256"], "aes"),
};

/** The secrets that every SNMP driver may have. */
export const snmpSecrets = {
  community: "Versions 1 and 2c: the community with the right to write.",
  auth: "Version 3: the key that signs, 8 characters or more (RFC 3414 section 11.2).",
  privacy: "Version 3: the key that hides, 8 characters or more.",
};

/**
 * Who asks which agent, by the cluster file and the secrets file.
 *
 * @throws PowerError `power.config`, never with a secret in it.
 */
export function snmpTarget(config: PowerConfig): SnmpTarget {
  const said = readSettings({ ...config, settings: onlyAccess(config.settings) }, snmpSettings);
  const address = { ...readAddress(config, 161), timeoutMs: said.answer_ms };
  if (said.version !== "3") {
    const community = config.secret?.community ?? null;
    if (community === null || community === "") throw missing(config, "community", `SNMP ${said.version}`);
    return { ...address, version: said.version, community };
  }
  if (said.auth === "none") return { ...address, version: "3", user: said.user, auth: null, privacy: null };
  const auth = { protocol: said.auth, key: readKey(config, "auth") };
  const privacy = said.privacy === "none" ? null : { protocol: said.privacy, key: readKey(config, "privacy") };
  return { ...address, version: "3", user: said.user, auth, privacy };
}

function readKey(config: PowerConfig, name: "auth" | "privacy"): string {
  const key = config.secret?.[name] ?? null;
  if (key === null) throw missing(config, name, "SNMP 3");
  if (key.length < 8)
    throw new PowerError("power.config", config.pdu, `its secret "${name}" has fewer than 8 characters`);
  return key;
}

function missing({ pdu }: PowerConfig, name: string, why: string): PowerError {
  return new PowerError("power.config", pdu, `${why} needs the secret "${name}" in the secrets file`);
}

/** The make's own keys are the make's to judge. */
function onlyAccess(settings: PowerConfig["settings"]): PowerConfig["settings"] {
  return Object.fromEntries(Object.entries(settings).filter(([key]) => key in snmpSettings));
}
