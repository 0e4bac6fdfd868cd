import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { repository } from "../support/demo-process.ts";
import type { Bench, Row } from "./row.ts";

/** Sizes of the built page, gzipped: what the first route loads at once, and the chunk that holds three. */
export const pageBench: Bench = {
  name: "page",
  run: async (): Promise<readonly Row[]> => {
    const dist = join(repository, "apps/twin/dist");
    if (!existsSync(join(dist, "index.html"))) throw new Error("the page is not built");
    const html = readFileSync(join(dist, "index.html"), "utf8");
    const first = [...html.matchAll(/(?:src|href)="\/?(assets\/[^"]+\.js)"/g)].map((match) => match[1]!);
    const sizes = new Map<string, number>(
      readdirSync(join(dist, "assets"))
        .filter((name) => name.endsWith(".js"))
        .map((name) => [`assets/${name}`, gzipSync(readFileSync(join(dist, "assets", name))).length] as const),
    );
    const firstRoute = first.reduce((sum, name) => sum + (sizes.get(name) ?? 0), 0);
    const three = [...sizes].find(([name]) => /three|picture|webgl/i.test(name));
    return [
      {
        what: "first route, JS gzipped",
        measured: kilobytes(firstRoute),
        peer: null,
        budget: "<= 180 kB",
        isReached: firstRoute <= 180_000,
      },
      three === undefined
        ? {
            what: "twin chunk, gzipped",
            measured: "-",
            peer: null,
            budget: "<= 160 kB",
            isReached: null,
            note: "no chunk is named for it",
          }
        : {
            what: "twin chunk, gzipped",
            measured: kilobytes(three[1]),
            peer: null,
            budget: "<= 160 kB",
            isReached: three[1] <= 160_000,
          },
    ];
  },
};

function kilobytes(octets: number): string {
  return `${(octets / 1000).toFixed(1)} kB`;
}
