import { powerDriverContract, rigOf } from "./contract.ts";
import { standInTasmota } from "./tasmota.stand-in.ts";
import { tasmota } from "./tasmota.ts";

powerDriverContract(tasmota, async (clock) => rigOf(await standInTasmota({ outlets: 5, clock })));
