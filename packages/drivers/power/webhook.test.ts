import { powerDriverContract, rigOf } from "./contract.ts";
import { standInHook } from "./webhook.stand-in.ts";
import { webhook } from "./webhook.ts";

const settings = {
  on: "/power/{outlet}/on",
  off: "/power/{outlet}/off",
  query: "/power/{outlet}",
  is_on: "running",
  is_off: "stopped",
  watts: '"watts":([0-9.]+)',
};

powerDriverContract(webhook, async (clock) => rigOf(await standInHook({ outlets: 5, clock }), { settings }));
