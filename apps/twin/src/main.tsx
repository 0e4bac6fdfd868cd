import { clockFrom } from "@bramble/core/base";
import { createRoot } from "react-dom/client";
import { App } from "./app.tsx";
import { PartsContext } from "./live/context.tsx";
import type { LiveSocket } from "./live/follow.ts";
import { follow } from "./live/follow.ts";
import { createRest } from "./live/rest.ts";
import { Twin } from "./live/twin.ts";
import { applyTheme, rememberedTheme } from "./parts/theme.ts";
import "./style/tokens.css";
import "./style/page.css";
import "./style/rail.css";
import "./style/panel.css";
import "./style/overview.css";
import "./style/parts.css";

// Entry code: the only place of the page that holds the machine's time and chance, and that wires its parts.
applyTheme(rememberedTheme());
const clock = clockFrom({
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimeout: (run, ms) => window.setTimeout(run, ms),
  clearTimeout: (handle) => window.clearTimeout(handle as number),
});
const next = (): number => Math.random();
const random = {
  next,
  whole: (below: number) => Math.floor(next() * below),
  chance: (p: number) => next() < p,
  fork: () => random,
};
const twin = new Twin(clock);
const rest = createRest((input, init) => fetch(input, init));
const open = (query: string): LiveSocket =>
  new WebSocket(`${location.origin.replace(/^http/, "ws")}/api/v1/live${query}`) as unknown as LiveSocket;
const follower = follow({ twin, rest, clock, random, open });
window.addEventListener("online", () => follower.hurry());

createRoot(document.getElementById("root")!).render(
  <PartsContext value={{ twin, rest, clock, random }}>
    <App />
  </PartsContext>,
);
