import { foreignPowerStories } from "./support/power-stories.ts";
import { whyNoPowermand } from "./support/powermand.ts";

// A second long, so not for `npm run e2e` alone; that one also installs what is missing.
foreignPowerStories(whyNoPowermand(false));
