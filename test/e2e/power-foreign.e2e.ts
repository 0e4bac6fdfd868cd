import { foreignPowerStories } from "../support/power-stories.ts";
import { whyNoPowermand } from "../support/powermand.ts";

// As root on Debian what is missing is installed; `npm test` tells the same stories where it is there already.
foreignPowerStories(whyNoPowermand(true));
