import { powerDriverContract, rigOf } from "./contract.ts";
import { standInShelly } from "./shelly-gen2.stand-in.ts";
import { shellyGen2 } from "./shelly-gen2.ts";

powerDriverContract(shellyGen2, async (clock) => rigOf(await standInShelly({ outlets: 5, clock })));
