import { defineConfig } from "vitest/config";

/** The tests that CI runs: unit, property, integration, page in Chromium (docs/adr/002-test-tiers.md). */
export default defineConfig({
  test: {
    include: ["packages/**/*.test.ts", "apps/**/*.test.ts", "scripts/**/*.test.ts", "test/**/*.test.ts"],
    exclude: ["**/node_modules/**", "test/e2e/**"],
    pool: "threads",
    isolate: false,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    reporters: ["default", "./scripts/closing-line.ts"],
    coverage: {
      provider: "v8",
      include: ["packages/core/**/*.ts", "packages/warble/**/*.ts"],
      reportsDirectory: "coverage",
    },
  },
});
