import { isIPv6 } from "node:net";
import { messageOf } from "@bramble/core/base";
import type { SnmpBinding, SnmpSession, SnmpTarget, SnmpValue, SnmpWrite } from "@bramble/core/power";
import { PowerError } from "@bramble/core/power";
import * as snmp from "net-snmp";

/**
 * Questions to one SNMP agent over UDP. A datagram that is lost is sent once more; a walk ends with an error after
 * 4096 objects, and the session sends from a port of its own, so that no old answer reaches a new session.
 */
export async function snmpSession(pdu: string, target: SnmpTarget, signal: AbortSignal): Promise<SnmpSession> {
  signal.throwIfAborted();
  const session = sessionTo(target);
  const closing = new AbortController();
  // Datagrams that nobody understands, and errors of the socket; the question that waits times out.
  session.on("error", () => {});
  const where = `${target.host}:${target.port}`;
  const told = (thrown: unknown): unknown => {
    if (thrown instanceof PowerError || !(thrown instanceof Error)) return thrown;
    const text = messageOf(thrown).slice(0, 200);
    if (thrown instanceof snmp.RequestFailedError) return new PowerError("power.refused", pdu, `${where}: ${text}`);
    if (thrown.name === "RequestTimedOutError") {
      const why = target.version === "3" ? "" : "; a wrong community is not answered either";
      return new PowerError("power.timeout", pdu, `${where} does not answer${why}`);
    }
    if (thrown.name === "ResponseInvalidError") return new PowerError("power.answer", pdu, `${where}: ${text}`);
    return new PowerError("power.connection", pdu, `${where} cannot be reached (${text})`, { cause: thrown });
  };
  /** One question; ends with its signal, whatever the library does then. */
  const ask = async <T>(
    question: (done: (error: unknown, answer?: T) => void) => void,
    ended: AbortSignal,
  ): Promise<T | undefined> => {
    // The library knows of a question only once it is sent: what is asked just before the end has to be ended here.
    const over = AbortSignal.any([ended, closing.signal]);
    over.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<T | undefined>();
    const onAbort = (): void => reject(over.reason);
    over.addEventListener("abort", onAbort, { once: true });
    try {
      question((error, answer) => (error === null || error === undefined ? resolve(answer) : reject(told(error))));
      return await promise;
    } catch (thrown) {
      throw over.aborted ? thrown : told(thrown);
    } finally {
      over.removeEventListener("abort", onAbort);
    }
  };
  return {
    async get(oids, ended) {
      const found = await ask<snmp.Varbind[]>((done) => session.get([...oids], done), ended);
      return (found ?? []).map(bindingOf);
    },
    async set(writes, ended) {
      const found = await ask<snmp.Varbind[]>((done) => session.set(writes.map(varbindOf), done), ended);
      const bad = found?.find((one) => snmp.isVarbindError(one));
      if (bad !== undefined) throw new PowerError("power.refused", pdu, `${where}: ${snmp.varbindError(bad)}`);
    },
    async walk(root, ended) {
      const found: SnmpBinding[] = [];
      await ask<null>((done) => {
        const feed = (varbinds: snmp.Varbind[]): boolean => {
          found.push(...varbinds.filter((one) => !snmp.isVarbindError(one)).map(bindingOf));
          if (found.length > maxObjects) done(new PowerError("power.answer", pdu, `${root} has no end`));
          // Some agents say that there is no such object again and again, and the library would ask again and again.
          return found.length > maxObjects || ended.aborted || varbinds.some((one) => snmp.isVarbindError(one));
        };
        session.subtree(root, 20, feed as snmp.FeedCallback, done);
      }, ended);
      return found;
    },
    async [Symbol.asyncDispose]() {
      if (closing.signal.aborted) return;
      const reason = new PowerError("power.connection", pdu, "the session is closed");
      closing.abort(reason);
      session.cancelRequests(reason);
      session.close();
    },
  };
}

const maxObjects = 4096;

function sessionTo(target: SnmpTarget): snmp.Session {
  const options = {
    port: target.port,
    transport: isIPv6(target.host) ? "udp6" : "udp4",
    timeout: (target.timeoutMs ?? 3000) / 2,
    retries: 1,
    idBitsSize: 32,
  } as const;
  if (target.version === "3") {
    const user = userOf(target);
    return snmp.createV3Session(target.host, user, { ...options, version: snmp.Version3 });
  }
  const version = target.version === "1" ? snmp.Version1 : snmp.Version2c;
  return snmp.createSession(target.host, target.community, { ...options, version });
}

function userOf({ user, auth, privacy }: Extract<SnmpTarget, { version: "3" }>): snmp.User {
  if (auth === null) return { name: user, level: snmp.SecurityLevel.noAuthNoPriv };
  const signed = { name: user, authProtocol: snmp.AuthProtocols[auth.protocol], authKey: auth.key };
  if (privacy === null) return { ...signed, level: snmp.SecurityLevel.authNoPriv };
  const privProtocol = snmp.PrivProtocols[privacy.protocol === "aes256" ? "aes256b" : privacy.protocol];
  return { ...signed, level: snmp.SecurityLevel.authPriv, privProtocol, privKey: privacy.key };
}

function varbindOf(write: SnmpWrite): snmp.Varbind {
  const { oid, value } = write;
  if (write.type === "octets") return { oid, type: snmp.ObjectType.OctetString, value };
  return { oid, type: write.type === "gauge" ? snmp.ObjectType.Gauge : snmp.ObjectType.Integer, value };
}

function bindingOf(varbind: snmp.Varbind): SnmpBinding {
  return { oid: varbind.oid, value: snmp.isVarbindError(varbind) ? null : plain(varbind) };
}

function plain({ type, value }: snmp.Varbind): SnmpValue {
  if (value instanceof Uint8Array) {
    // Counter64 comes as its octets, as does every text.
    if (type === snmp.ObjectType.Counter64) return value.reduce((sum, octet) => sum * 256 + octet, 0);
    return Array.from(value, (octet) => String.fromCharCode(octet)).join("");
  }
  if (typeof value === "bigint" || typeof value === "boolean") return Number(value);
  return value ?? null;
}
