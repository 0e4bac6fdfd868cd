import { defineConfig } from "vitest/config";

/** Slow truths: the whole demo, real clients, long kills. At most 45 minutes (docs/adr/002-test-tiers.md). */
export default defineConfig({
  test: {
    include: ["test/e2e/**/*.e2e.ts"],
    pool: "threads",
    fileParallelism: false,
    testTimeout: 300_000,
    hookTimeout: 300_000,
    reporters: ["default", "./scripts/closing-line.ts"],
  },
});
