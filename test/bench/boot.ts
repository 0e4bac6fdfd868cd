import { dhcp } from "./dhcp.ts";
import type { Bench, Row } from "./row.ts";
import { tftp } from "./tftp.ts";

/** The boot servers against those of Debian, in the same run. */
export const bootBench: Bench = {
  name: "boot",
  run: async (): Promise<readonly Row[]> => [...(await dhcp()), ...(await tftp())],
};
