// The instruments that timings are read from on this machine.

import { cpus } from "node:os";
import type { Meter } from "../pipeline/costs/interleave.ts";
import { openRapl } from "./rapl.ts";

/** A clock, the work of other processes, and the packages' energy where it can be read. */
export function openMeter(): Meter {
  const joules = openRapl();
  return { clock: () => performance.now() / 1000, elsewhere, ...(joules && { joules }) };
}

function elsewhere(): number {
  const { user, system } = process.cpuUsage();
  const busy = cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0);
  return busy / 1000 - (user + system) / 1e6;
}
