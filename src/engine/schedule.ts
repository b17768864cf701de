// Learning-rate schedules: pure functions of the update's number, so that a resumed training meets the same rates.

import { z } from "zod";

const warmup = z.number().int().min(0).default(0).describe("Updates over which the rate rises linearly from 0.");
const end = z.number().min(0).max(1).default(0).describe("Share of the learning rate that is left at the end.");

export const scheduleOptions = z.discriminatedUnion(
  "use",
  [
    z.strictObject({ use: z.literal("constant"), warmup }),
    z.strictObject({ use: z.literal("linear"), warmup, end }),
    z.strictObject({ use: z.literal("cosine"), warmup, end }),
    z.strictObject({
      use: z.literal("step"),
      warmup,
      every: z.number().int().min(1).describe("Updates between two drops."),
      factor: z.number().gt(0).max(1).default(0.1).describe("What the rate is multiplied by at each drop."),
    }),
  ],
  { error: "must be one of constant, linear, cosine, step" },
);

export type ScheduleOptions = z.output<typeof scheduleOptions>;

/**
 * The rate of update `step` (from 0) out of `total`: base · (step+1)/warmup in the warmup; then, with p the share of
 * what follows it that is done, base · (1 - (1-end)·p), base · (end + (1-end)·(1+cos πp)/2), or base · factor^drops.
 */
export function learningRates(options: ScheduleOptions, base: number, total: number): (step: number) => number {
  const { warmup: rise } = options;
  const left = (step: number): number => {
    const after = step - rise;
    if (options.use === "constant") return 1;
    if (options.use === "step") return options.factor ** Math.floor(after / options.every);
    const p = Math.min(1, after / Math.max(1, total - rise));
    const share = options.use === "linear" ? 1 - p : (1 + Math.cos(Math.PI * p)) / 2;
    return options.end + (1 - options.end) * share;
  };
  return (step) => base * (step < rise ? (step + 1) / rise : left(step));
}
