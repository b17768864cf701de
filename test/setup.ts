// Tests are quiet: anything printed is either a forgotten trace or an output that should be returned.
import { beforeEach, vi } from "vitest";

beforeEach(() => {
  for (const method of ["log", "info", "warn", "error", "debug"] as const) {
    vi.spyOn(console, method).mockImplementation((...args: unknown[]) => {
      throw new Error(`console.${method} was called in a test: ${args.map(String).join(" ")}`);
    });
  }
});
