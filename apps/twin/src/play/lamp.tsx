import type { CSSProperties, ReactNode } from "react";
import { useTwin } from "../live/context.tsx";

/** The lamp's lights as they shine now. */
export function Lamp(): ReactNode {
  const { lights } = useTwin();
  if (lights.length === 0) return null;
  const lit = lights.filter((light) => light.some((channel) => channel > 0)).length;
  return (
    <div className="lamp" role="img" aria-label={`The lamp: ${lit} of ${lights.length} lights shine`}>
      {lights.map(([red, green, blue], index) => (
        <i
          // biome-ignore lint/suspicious/noArrayIndexKey: a light is its number
          key={index}
          data-lit={red + green + blue > 0}
          style={{ "--glow": `rgb(${red} ${green} ${blue})` } as CSSProperties}
        />
      ))}
    </div>
  );
}
