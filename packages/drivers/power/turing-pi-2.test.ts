import { powerDriverContract, rigOf } from "./contract.ts";
import { standInTuringPi } from "./turing-pi-2.stand-in.ts";
import { turingPi2 } from "./turing-pi-2.ts";

const login = { user: "root", password: "turing" };

powerDriverContract(turingPi2, async (clock) =>
  rigOf(await standInTuringPi({ clock, login }), { settings: { tls: false }, secret: login }),
);
