import { defineConfig } from "vitest/config";

// Percent. What nobody can reach is deleted rather than tested (`vitest run packages --coverage --coverage.reporter=text`).
const covered = { branches: 95, functions: 95, lines: 95, statements: 95 };

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
    // The gate of `npm test`, which passes --coverage when it runs everything; a run of a part has no thresholds.
    coverage: {
      provider: "v8",
      include: ["packages/core/**/*.ts", "packages/warble/**/*.ts"],
      exclude: [
        "**/*.test.ts",
        "**/test/**",
        "**/dist/**",
        "**/*-cases.ts",
        "**/fake-cluster.ts",
        "**/testing.ts",
        "**/write-*.ts",
      ],
      reporter: ["text-summary"],
      reportsDirectory: "coverage",
      thresholds: { "packages/core/**": covered, "packages/warble/**": covered },
    },
  },
});
