// Options of what an embedding table learns by; a method embeds them in its own.

import { z } from "zod";

const common = { weightDecay: z.number().min(0).default(0).describe("L2 on the rows that a batch touched.") };
const epsilon = (usual: number) => z.number().gt(0).default(usual).describe("Added to the root of the second moment.");
const beta = (usual: number) => z.number().min(0).lt(1).default(usual);
const sums = {
  epsilon: epsilon(1e-10),
  initial: z.number().min(0).default(0).describe("What the sums of squares start from."),
};
const moments = { beta1: beta(0.9), beta2: beta(0.999), epsilon: epsilon(1e-8) };

export const tableOptimizerOptions = z.discriminatedUnion(
  "use",
  [
    z.strictObject({ use: z.literal("sgd"), ...common }),
    z.strictObject({ use: z.literal("adagrad"), ...sums, ...common }),
    z.strictObject({ use: z.literal("rowwise-adagrad"), ...sums, ...common }),
    z.strictObject({ use: z.literal("adam"), ...moments, ...common }),
    z.strictObject({ use: z.literal("adamw"), ...moments, ...common }),
  ],
  { error: "must be one of sgd, adagrad, rowwise-adagrad, adam, adamw" },
);

/** As a caller gives it: what is left out has its default. */
export type TableOptimizerOptions = z.input<typeof tableOptimizerOptions>;

/** With every default filled in. */
export type TableOptimizer = z.output<typeof tableOptimizerOptions>;
