import { powerDriverContract, rigOf } from "./contract.ts";
import { standInNetBooter } from "./synaccess-telnet.stand-in.ts";
import { synaccessTelnet } from "./synaccess-telnet.ts";

powerDriverContract(synaccessTelnet, async (clock) => rigOf(await standInNetBooter({ outlets: 5, clock })));
