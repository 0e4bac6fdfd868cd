import { powerDriverContract, rigOf } from "../../../packages/drivers/power/contract.ts";
import { standInAcme } from "./acme-pdu8.stand-in.ts";
import { acmePdu8 } from "./acme-pdu8.ts";

powerDriverContract(acmePdu8, async (clock) => rigOf(await standInAcme({ outlets: 8, clock })));
