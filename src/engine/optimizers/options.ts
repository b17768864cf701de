// Options of the optimisers that update a graph's weights; a method embeds them in its own.

import { z } from "zod";
import { scheduleOptions } from "../schedule.ts";

const rate = (usual: number) => z.number().gt(0).default(usual).describe("Step size, before the schedule.");
const beta = (usual: number) => z.number().min(0).lt(1).default(usual);
const epsilon = (usual: number) => z.number().gt(0).default(usual).describe("Added to the root of the second moment.");

const common = {
  weightDecay: z.number().min(0).default(0).describe("L2 on the weights; adamw's passes the moments by."),
  clipNorm: z.number().gt(0).optional().describe("Largest norm of all gradients together."),
  clipValue: z.number().gt(0).optional().describe("Largest absolute value of a gradient's element."),
  ema: z.number().gt(0).lt(1).optional().describe("Decay of a moving average of the weights that replaces them."),
  schedule: scheduleOptions.default({ use: "constant", warmup: 0 }),
};

const moments = { learningRate: rate(1e-3), beta1: beta(0.9), beta2: beta(0.999), epsilon: epsilon(1e-8) };

export const optimizerOptions = z.discriminatedUnion(
  "use",
  [
    z.strictObject({ use: z.literal("adam"), ...moments, ...common }),
    z.strictObject({ use: z.literal("adamw"), ...moments, ...common, weightDecay: z.number().min(0).default(0.01) }),
    z.strictObject({ use: z.literal("sgd"), learningRate: rate(0.01), ...common }),
    z.strictObject({ use: z.literal("momentum"), learningRate: rate(0.01), momentum: beta(0.9), ...common }),
    z.strictObject({
      use: z.literal("adagrad"),
      learningRate: rate(0.01),
      epsilon: epsilon(1e-10),
      initial: z.number().min(0).default(0).describe("What the sums of squares start from."),
      ...common,
    }),
  ],
  { error: "must be one of adam, adamw, sgd, momentum, adagrad" },
);

export type OptimizerOptions = z.output<typeof optimizerOptions>;
