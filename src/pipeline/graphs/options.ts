// How a graph is fine-tuned.

import { z } from "zod";
import { optimizerOptions } from "../../engine/optimizers/options.ts";
import { seedOption } from "../../kinds/options.ts";

export const finetuneOptions: z.ZodType<FinetuneOptions, unknown> = z.strictObject({
  threshold: z.number().optional(),
  epochs: z.number().int().min(1).max(10_000).default(10),
  batch: z.number().int().min(1).max(1e6).default(256),
  learningRate: z.number().gt(0).max(100).default(1e-3),
  optimizer: z.enum(["adam", "adamw", "adagrad", "sgd", "momentum"]).default("adam"),
  validation: z.number().gt(0).max(0.9).default(0.1),
  test: z.number().gt(0).max(0.9).default(0.1),
  metric: z.enum(["log-loss", "auc"]).default("log-loss"),
  patience: z.number().int().min(1).max(10_000).default(3),
  seed: seedOption.default(1),
  freeze: z.array(z.string().min(1)).default([]),
  alpha: z.number().min(0).max(1).default(0.5),
  temperature: z.number().gt(0).max(1000).default(1),
});

export interface FinetuneOptions {
  /** Labels of at least this are 1; without it labels are 0 and 1. */
  readonly threshold?: number | undefined;
  readonly epochs: number;
  readonly batch: number;
  readonly learningRate: number;
  readonly optimizer: "adam" | "adamw" | "adagrad" | "sgd" | "momentum";
  /** Share of the rows that stop training and choose the epoch. */
  readonly validation: number;
  /** Share of the rows to measure on, which choose nothing. */
  readonly test: number;
  /** What stops training and chooses the epoch. */
  readonly metric: "log-loss" | "auc";
  readonly patience: number;
  readonly seed: number;
  /** Patterns of weights and tables that stay; * stands for anything. */
  readonly freeze: readonly string[];
  /** Share of the teacher's loss. */
  readonly alpha: number;
  readonly temperature: number;
}

/** What the weights in the graph learn by. */
export const weightOptimizer = ({ optimizer, learningRate }: FinetuneOptions): z.output<typeof optimizerOptions> =>
  optimizerOptions.parse({ use: optimizer, learningRate });

/** What the tables learn by: the same, or the nearest that sparse rows have. */
export const tableOptimizer = ({ optimizer }: FinetuneOptions) =>
  ({ use: optimizer === "momentum" ? "sgd" : optimizer }) as const;
