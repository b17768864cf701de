// Energy counters of the processor packages, as Linux shows them below /sys/class/powercap (Intel's name; AMD's are there
// too). Reading them usually takes root's rights since CVE-2020-8694.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const powercap = "/sys/class/powercap";

/** Joules that all packages have taken, from any start; undefined where they cannot be read. */
export function openRapl(root: string = powercap): (() => number) | undefined {
  const text = (zone: string, file: string) => readFileSync(join(root, zone, file), "utf8").trim();
  try {
    const zones = readdirSync(root).filter((zone) => /^intel-rapl:\d+$/.test(zone));
    const packages = zones.filter((zone) => text(zone, "name").startsWith("package"));
    // The counter begins again at 0 after max_energy_range_uj.
    const counters = packages.map((zone) => {
      const range = Number(text(zone, "max_energy_range_uj"));
      let [last, turns] = [Number(text(zone, "energy_uj")), 0];
      return () => {
        const now = Number(text(zone, "energy_uj"));
        if (now < last) turns += range;
        last = now;
        return (turns + now) / 1e6;
      };
    });
    return counters.length === 0 ? undefined : () => counters.reduce((sum, counter) => sum + counter(), 0);
  } catch {
    return undefined;
  }
}
