// The machine that figures were taken on; printed beside every speed.

import { availableParallelism, cpus, loadavg } from "node:os";
import type { Results } from "../report/results.ts";

/** CPU model, usable cores, Node version and the load over the last minute. */
export const machine = (): Results["machine"] => ({
  cpu: cpus()[0]?.model.trim() ?? "unknown",
  cores: availableParallelism(),
  node: process.version,
  load: Math.round((loadavg()[0] ?? 0) * 100) / 100,
});
