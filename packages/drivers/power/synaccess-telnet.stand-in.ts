import { type StandIn, type StandInParts, standInLine } from "./made.stand-in.ts";

/** What differs between netBooters: their revision, and whether they ask for a login. */
export type NetBooterParts = StandInParts & {
  /** `a` says `On` and asks for a login at once; `b` says `ON` and waits for the word `login`. Absent: `b`. */
  readonly revision?: "a" | "b";
  readonly login?: { readonly user: string; readonly password: string };
};

/**
 * A pretend Synaccess netBooter on telnet: it greets with telnet's own octets, echoes, prompts with `>`, prints a table
 * for people and stops after five rows for Enter. Two sessions at most.
 */
export function standInNetBooter(parts: NetBooterParts): Promise<StandIn> {
  const { revision = "b", login } = parts;
  return standInLine(parts, (outlets) => {
    const [on, off] = revision === "a" ? ["On", "Off"] : ["ON", "OFF"];
    let asked: "user" | "password" | null = null;
    let isIn = login === undefined;
    let user = "";
    let page: string[] = [];
    const prompt = "\r\n>";
    const askUser = (): string => {
      asked = "user";
      return "\r\nUser ID: ";
    };
    const answerLogin = (line: string): string => {
      if (asked === "user") {
        user = line;
        asked = "password";
        return `${line}\r\nPassword: `;
      }
      isIn = user === login?.user && line === login.password;
      asked = null;
      return isIn ? `\r\n${prompt}` : `\r\nLogin failed.${revision === "a" ? askUser() : prompt}`;
    };
    const turnPage = (): string => {
      const shown = page.splice(0, 7).join("\r\n");
      return page.length === 0 ? `${shown}${prompt}` : `${shown}\r\nPress key "Enter" to continue ...`;
    };
    const answer = (line: string): string => {
      if (asked !== null) return answerLogin(line);
      if (page.length > 0) return `\r\n${turnPage()}`;
      if (line === "") return isIn || revision === "b" ? prompt : askUser();
      if (line === "login") return line + askUser();
      if (!isIn) return `${line}\r\nAccess denied. Please login.${prompt}`;
      if (line === "pshow") {
        const rows = Array.from(
          { length: outlets.count },
          (_, at) => `   ${at + 1} |    Outlet${at + 1} | ${outlets.isOn(at + 1) ? on : off}   |`,
        );
        page = ["", "Port | Name      | Status |", ...rows];
        return line + turnPage();
      }
      const set = /^pset (\d{1,2}) ([01])$/.exec(line);
      if (set === null) return `${line}\r\nInvalid command${prompt}`;
      const isDone = outlets.ask(Number(set[1]), set[2] === "1") === "done";
      return `${line}${isDone ? "" : "\r\nInvalid outlet"}${prompt}`;
    };
    return { greeting: "\xff\xfb\x01\xff\xfb\x03\r\nSynaccess Inc. Telnet Session V6.1.\n\r", answer };
  });
}
