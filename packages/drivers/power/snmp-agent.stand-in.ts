import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { once } from "node:events";
import type { Clock } from "@bramble/core/base";
import * as snmp from "net-snmp";
import type { StandInFault } from "./made.stand-in.ts";

/** One table of a stand-in's MIB. */
type SnmpTable = {
  /** The OID of the entry, without column and row. */
  readonly entry: string;
  /** How many columns, from the first one, are the row's index. */
  readonly indexes: number;
  /** Columns from 1 on; null: one that this device lacks. */
  readonly columns: readonly ("index" | "integer" | "gauge" | "writable" | null)[];
  /** Values by column number - 1; an index may not be read, and is part of every row. */
  readonly rows: readonly (readonly number[])[];
};

/** How an SNMP stand-in is made. */
export type SnmpAgentParts = {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly clock: Clock;
  readonly community: string;
  readonly tables: readonly SnmpTable[];
  /** A value was written; false refuses it with wrongValue. Not called for what a fault hides. */
  readonly onWrite: (oid: string, value: number) => boolean;
};

/** A running SNMP agent of versions 1 and 2c, on net-snmp (RFC 3416). */
export type SnmpAgent = AsyncDisposable & {
  readonly port: number;
  /** `refuses` is genErr (RFC 3416 section 4.2.5); `babbles` is objects that hold what no MIB has them hold. */
  fault: StandInFault | null;
  /** Its datagrams are no SNMP. */
  isGarbled: boolean;
  /** Change what an object holds. */
  put(oid: string, value: number): void;
};

/** Start an agent. @throws what binding throws (address in use). */
export async function standInSnmpAgent(parts: SnmpAgentParts): Promise<SnmpAgent> {
  const { clock, host } = parts;
  const socket = createSocket(host.includes(":") ? "udp6" : "udp4");
  const written = (request: MibRequest): number => {
    if (agent.fault?.kind === "refuses") return snmp.ErrorStatus.GeneralError;
    // The library asks twice: once to test all writes of a message, then to do them.
    if (request.commitSet !== true) return snmp.ErrorStatus.NoError;
    if (agent.fault?.kind === "lies") request.setValue = request.instanceNode.value;
    else if (!parts.onWrite(request.oid, Number(request.setValue))) return snmp.ErrorStatus.WrongValue;
    return snmp.ErrorStatus.NoError;
  };
  const handler = (request: MibRequest): void => {
    const isWrite = request.operation === snmp.PduType.SetRequest;
    const errorStatus = isWrite ? written(request) : snmp.ErrorStatus.NoError;
    if (errorStatus !== snmp.ErrorStatus.NoError)
      request.done({ errorStatus, type: snmp.ObjectType.Null, value: null });
    else if (isWrite || agent.fault?.kind !== "babbles") request.done();
    else request.done({ errorStatus, type: snmp.ObjectType.OctetString, value: "?" });
  };
  const library: Agent = snmp.createAgent(
    { port: parts.port, address: host, dgramModule: { createSocket: () => faulty(socket, clock, () => agent) } },
    () => {},
  );
  library.getAuthorizer().addCommunity(parts.community);
  // snmpSetSerialNo (RFC 3418), behind all our tables: past its last object the library's agent tells no end of its MIB.
  library.registerProvider({
    ...lastObject,
    scalarType: snmp.ObjectType.Integer,
    maxAccess: snmp.MaxAccess["read-only"],
  });
  library.getMib().setScalarValue(lastObject.name, 0);
  for (const [at, table] of parts.tables.entries()) register(library, `table${at}`, table, handler);
  socket.bind(parts.port, host);
  await once(socket, "listening");
  const agent: SnmpAgent = {
    port: socket.address().port,
    fault: null,
    isGarbled: false,
    put(oid, value) {
      const at = parts.tables.findIndex(({ entry }) => oid.startsWith(`${entry}.`));
      const table = parts.tables[at];
      if (table === undefined) throw new Error(`${oid} is in no table`);
      const [column, ...row] = oid
        .slice(table.entry.length + 1)
        .split(".")
        .map(Number);
      library.getMib().setTableSingleCell(`table${at}`, column, row, value);
    },
    async [Symbol.asyncDispose]() {
      await new Promise<void>((resolve) => socket.close(resolve));
    },
  };
  return agent;
}

const lastObject = { name: "snmpSetSerialNo", type: snmp.MibProviderType.Scalar, oid: "1.3.6.1.6.3.1.1.6.1" };

/** The library's agent, which its types leave open. */
type Agent = {
  getAuthorizer(): { addCommunity(community: string): void };
  getMib(): {
    setScalarValue(name: string, value: number): void;
    setTableSingleCell(table: string, column: number | undefined, row: readonly number[], value: number): void;
    addTableRow(table: string, row: readonly number[]): void;
  };
  registerProvider(provider: object): void;
};
type MibRequest = {
  readonly operation: number;
  readonly oid: string;
  readonly commitSet?: boolean;
  readonly instanceNode: { readonly value: unknown };
  setValue: unknown;
  done(outcome?: { errorStatus: number; type: number; value: string | null }): void;
};

function register(library: Agent, name: string, table: SnmpTable, handler: (request: MibRequest) => void): void {
  const access = snmp.MaxAccess;
  const kinds = {
    index: { type: snmp.ObjectType.Integer, maxAccess: access["not-accessible"] },
    integer: { type: snmp.ObjectType.Integer, maxAccess: access["read-only"] },
    gauge: { type: snmp.ObjectType.Gauge, maxAccess: access["read-only"] },
    writable: { type: snmp.ObjectType.Integer, maxAccess: access["read-write"] },
  };
  const tableColumns = table.columns.flatMap((kind, at) =>
    kind === null ? [] : [{ number: at + 1, name: `${name}c${at + 1}`, ...kinds[kind] }],
  );
  const tableIndex = tableColumns.slice(0, table.indexes).map(({ name: columnName }) => ({ columnName }));
  library.registerProvider({
    name,
    type: snmp.MibProviderType.Table,
    oid: table.entry,
    maxAccess: access["not-accessible"],
    tableColumns,
    tableIndex,
    handler,
  });
  for (const row of table.rows) {
    const cells = row.filter((_, at) => table.columns[at] !== null);
    library.getMib().addTableRow(name, cells);
  }
}

/** The agent's socket with the faults of the wire; bound by us, since the library takes 0 for "the usual port". */
function faulty(socket: Socket, clock: Clock, agent: () => Pick<SnmpAgent, "fault" | "isGarbled">) {
  let isClosed = false;
  socket.once("close", () => {
    isClosed = true;
  });
  return {
    bind: () => {},
    on(event: string, listener: (bytes: Uint8Array, from: RemoteInfo) => void) {
      if (event !== "message") return;
      socket.on("message", (bytes, from) => {
        const now = agent().fault;
        if (now?.kind === "drops") return;
        if (now?.kind === "slow") clock.after(now.ms, () => isClosed || listener(bytes, from));
        else listener(bytes, from);
      });
    },
    send(bytes: Uint8Array, offset: number, length: number, port: number, address: string, done: () => void) {
      const { fault, isGarbled } = agent();
      if (fault?.kind === "drops-after-write") done();
      else if (isGarbled) socket.send("\u0030\u0082\u00ff\u00ffwhat?", port, address, done);
      else socket.send(bytes, offset, length, port, address, done);
    },
  };
}
