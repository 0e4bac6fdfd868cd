import type { Light } from "@bramble/core/show";
import type { CSSProperties, ReactNode } from "react";
import { useTwin } from "../live/context.tsx";

/** The lamp's lights as they shine now. */
export function Lamp(): ReactNode {
  const { lights } = useTwin();
  return lights.length === 0 ? null : <Lights lights={lights} of="The lamp" />;
}

/** Lights in two rows, as on the lamp; `of` says whose they are. */
export function Lights({ lights, of }: { readonly lights: readonly Light[]; readonly of: string }): ReactNode {
  const lit = lights.filter((light) => light.some((channel) => channel > 0)).length;
  return (
    <div className="lamp" role="img" aria-label={`${of}: ${lit} of ${lights.length} lights shine`}>
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
