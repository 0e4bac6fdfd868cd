import { useEffect, useState } from "react";
import { useParts } from "../live/context.tsx";
import type { FromRunWorker, Runner, StartRunWorker } from "./runner.ts";
import { createRunner } from "./runner.ts";

/** A runner for as long as its page is open; null in the moment before it is made. */
export function useRunner(): Runner | null {
  const { clock } = useParts();
  const [runner, setRunner] = useState<Runner | null>(null);
  useEffect(() => {
    const made = createRunner({ start: startWorker, clock });
    setRunner(made);
    return () => made[Symbol.dispose]();
  }, [clock]);
  return runner;
}

const startWorker: StartRunWorker = (hear, broke) => {
  const worker = new Worker(new URL("./run-worker.ts", import.meta.url), { type: "module" });
  worker.onmessage = ({ data }: MessageEvent<FromRunWorker>) => hear(data);
  worker.onerror = ({ message }) => broke(message ?? "");
  return { order: (order) => worker.postMessage(order), end: () => worker.terminate() };
};
