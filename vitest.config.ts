import { configDefaults, defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["src/**/*.test.ts", "test/**/*.test.ts"],
    // Programs that run many times and pages in Chromium: with SLOW=1, as npm run check and CI do.
    exclude: [...configDefaults.exclude, ...(process.env["SLOW"] ? [] : ["**/*.slow.test.ts"])],
    setupFiles: ["test/setup.ts"],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    maxWorkers: 2,
    // Nothing here keeps state beside what it is given, so files share a worker's modules: half the processor time.
    isolate: false,
  },
});
