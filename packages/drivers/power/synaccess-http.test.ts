import { powerDriverContract, rigOf } from "./contract.ts";
import { standInCmdCgi } from "./synaccess-http.stand-in.ts";
import { synaccessHttp } from "./synaccess-http.ts";

powerDriverContract(synaccessHttp, async (clock) => rigOf(await standInCmdCgi({ outlets: 5, clock })));
