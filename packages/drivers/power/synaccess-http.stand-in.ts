import { type StandIn, type StandInParts, standInHttp } from "./made.stand-in.ts";

/** What differs between netBooters with a `cmd.cgi`. */
export type CmdCgiParts = StandInParts & {
  readonly login?: { readonly user: string; readonly password: string };
  /** It tells 1 for off. */
  readonly inverted?: boolean;
};

/** A pretend Synaccess netBooter on HTTP: `/cmd.cgi?$A3 1 1`, `$A5`. Two sessions at most. */
export function standInCmdCgi(parts: CmdCgiParts): Promise<StandIn> {
  const { login, inverted = false } = parts;
  return standInHttp(parts, ({ path, query, headers }, outlets) => {
    const wanted = login === undefined ? undefined : `Basic ${btoa(`${login.user}:${login.password}`)}`;
    if (wanted !== undefined && headers.authorization !== wanted)
      return { status: 401, headers: { "www-authenticate": 'Basic realm="Protected"' }, body: "401 Unauthorized" };
    if (path !== "/cmd.cgi") return { status: 404, body: "404 File Not Found" };
    const command = decodeURIComponent(query);
    const set = /^\$A3 (\d{1,2}) ([01])$/.exec(command);
    if (set !== null) {
      const isDone = outlets.ask(Number(set[1]), set[2] === "1") === "done";
      return { body: isDone ? "$A0\r\n" : "$AF\r\n" };
    }
    if (command !== "$A5") return { body: "$AF\r\n" };
    const all = Array.from({ length: outlets.count }, (_, at) => at + 1);
    const states = all.map((outlet) => (outlets.isOn(outlet) !== inverted ? "1" : "0"));
    const amps = all.reduce((sum, outlet) => sum + outlets.watts(outlet), 0) / 120;
    return { body: `$A0,${states.reverse().join("")},${amps.toFixed(2)},XX\r\n\r\n\r\n` };
  });
}
