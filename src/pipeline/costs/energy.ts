// Energy of a thousand answers: read from the processor where it tells, else a model of arithmetic and memory traffic
// (docs/cost.md). The figures are those of 45 nm at 0.9 V (Horowitz, Computing's energy problem, ISSCC 2014, fig. 1.1.9);
// DRAM's 640 pJ for 32 bits is the low end of its 1.3 to 2.6 nJ for 64, as in Han et al., arXiv 1602.01528, table I.
//
//     pJ  =  (m + a) · macs  +  (m + a)/2 · (flops − 2 macs)  +  w · weights  +  r · rows  +  c · values
//     m = 3.7, a = 0.9     a float32 multiplication, an addition
//     c = 100 / 8          a byte from a cache of 1 MB
//     w = c where weights and values fit there, which every request goes through anew, else 640 / 4, a byte from DRAM
//     r = c where all that is resident fits there, else 640 / 4

import type { Cost, Energy, Growth } from "../../report/cost-results.ts";

const pJ = { multiply: 3.7, add: 0.9, cacheByte: 100 / 8, dramByte: 640 / 4 };
const cacheBytes = 2 ** 20;

/** The model's estimate of a thousand answers, one at a time. */
export function estimatedEnergy({
  flops,
  macs,
  traffic,
  memory,
}: Pick<Cost, "flops" | "macs" | "traffic" | "memory">): Energy {
  const one = ({ fixed, perRow }: Growth) => fixed + perRow;
  const multiplyAdd = pJ.multiply + pJ.add;
  const [weights, rows, values] = [one(traffic.weights), one(traffic.rows), one(traffic.values)];
  const byte = (held: number) => (held <= cacheBytes ? pJ.cacheByte : pJ.dramByte);
  const each =
    multiplyAdd * one(macs) +
    (multiplyAdd / 2) * (one(flops) - 2 * one(macs)) +
    byte(weights + values) * weights +
    byte(memory.answering.bytes) * rows +
    pJ.cacheByte * values;
  const place = (held: number) => (held <= cacheBytes ? "a 1 MB cache" : "DRAM");
  return {
    joulesPerThousand: Number((each * 1e-12 * 1000).toPrecision(3)),
    found: "estimated",
    how: `operations and bytes at published 45 nm figures; weights in ${place(weights + values)}, rows in ${place(memory.answering.bytes)}`,
  };
}

/** What the packages took for a thousand runs. */
export const measuredEnergy = (joulesPerRun: number): Energy => ({
  joulesPerThousand: Number((joulesPerRun * 1000).toPrecision(3)),
  found: "measured",
  how: "package energy by RAPL, all that the processor did meanwhile included",
});

export const noEnergyMeter: Cost["missing"][number] = {
  what: "measured energy",
  why: "the processor's counters (RAPL) cannot be read here",
};
