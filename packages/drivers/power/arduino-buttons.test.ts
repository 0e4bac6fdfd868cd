import { standInButtons } from "./arduino-buttons.stand-in.ts";
import { arduinoButtons } from "./arduino-buttons.ts";
import { powerDriverContract, rigOf } from "./contract.ts";

powerDriverContract(arduinoButtons, async (clock) => rigOf(await standInButtons({ clock }), { canRead: false }));
