// The recipe of a click run: a log of labelled rows, the networks to compare on it, and how they learn. It is told from
// a ranking recipe (pipeline/recipe.ts) by its key `clicklog`.

import { z } from "zod";
import { UserError } from "../../base/errors.ts";
import { type CalibrationMethod, calibrationMethods } from "../../data/click-calibration/index.ts";
import { type ClickMetricName, clickMetrics } from "../../data/click-metrics/index.ts";
import { usualThreshold } from "../../data/click-metrics/metric.ts";
import { type SliceOptions, sliceOptions } from "../../data/click-metrics/slices.ts";
import { type ColumnOptions, columnOptions } from "../../data/columns/columns.ts";
import { type EmbeddingsOption, embeddingsOption } from "../../engine/compositions/index.ts";
import { type OptimizerOptions, optimizerOptions } from "../../engine/optimizers/options.ts";
import { type TableOptimizer, tableOptimizerOptions } from "../../engine/tables/options.ts";
import type { GateEntry } from "../../evidence/gates/gate.ts";
import { parseOptions, seedOption } from "../../kinds/options.ts";
import { parseGates } from "../gates.ts";
import { fileName, fill, gated, running, type Step, step } from "../recipe.ts";
import {
  checkTeachers,
  ensembleOptions,
  ensembleUse,
  fillDistil,
  madeOfOthers,
  type NetworkDistil,
  networkDistil,
} from "./distil-options.ts";
import { clickGateable } from "./gates.ts";
import { checkPacked, packedOptions } from "./pack-network.ts";

export interface NetworkStep extends Step {
  readonly name: string;
  /** How its probabilities are repaired, on validation. */
  readonly calibrate?: CalibrationMethod;
  /** The columns that it reads, by name; all of them where it does not say. */
  readonly columns?: readonly string[];
  /** What it learns from beside the labels. */
  readonly distill?: NetworkDistil;
  /** What rows of its large embedding tables are composed of. */
  readonly embeddings?: EmbeddingsOption;
  /** Where it learns otherwise than the recipe's other networks. */
  readonly train?: Partial<Training & { readonly seed: number }>;
}

export interface Training {
  readonly batch: number;
  readonly epochs: number;
  readonly patience: number;
  readonly metric: (typeof stopping)[number];
  readonly accumulate: number;
  readonly optimizer: OptimizerOptions;
  readonly tables: TableOptimizer;
  readonly tablesLearningRate?: number;
}

export interface ClickRecipe {
  readonly name: string;
  readonly seed: number;
  readonly threads?: number;
  readonly providers?: readonly string[];
  readonly clicklog: Step;
  /** In place of the columns that suit the log. */
  readonly columns?: readonly ColumnOptions[];
  readonly networks: readonly NetworkStep[];
  readonly train: Training;
  readonly evaluate: {
    readonly metrics: readonly ClickMetricName[];
    readonly part: "test" | "validation";
    /** Scores of at least this are taken for clicks. */
    readonly threshold: number;
    /** Without it users that train hardly knows, and items by popularity, where the log says who they are. */
    readonly slices?: readonly SliceOptions[];
  };
  readonly gates: readonly GateEntry[];
}

const stopping = ["auc", "gauc", "log-loss"] as const;
const metricNames = Object.keys(clickMetrics) as [ClickMetricName, ...ClickMetricName[]];

const training = {
  batch: z.number().int().min(1).max(1e6).default(4096).describe("rows of a step"),
  epochs: z.number().int().min(1).max(10_000).default(20).describe("times over the training rows, at most"),
  patience: z
    .number()
    .int()
    .min(1)
    .max(10_000)
    .default(3)
    .describe("epochs without a better validation metric after which training stops"),
  metric: z.enum(stopping).default("auc").describe("what stops training and chooses the epoch, on validation"),
  accumulate: z.number().int().min(1).max(1000).default(1).describe("steps whose gradients make one update"),
  optimizer: optimizerOptions.prefault({ use: "adam" }).describe("what the network's weights learn by"),
  tables: tableOptimizerOptions.prefault({ use: "adam" }).describe("what embedding tables learn by"),
  tablesLearningRate: z.number().gt(0).optional().describe("step size of the tables; the optimizer's without it"),
};

/** The same keys without defaults: what is left out is as in the recipe's `train`. */
const otherwise = z.strictObject({
  epochs: z.number().int().min(1).max(10_000).optional().describe("times over the rows that it learns from, at most"),
  patience: z.number().int().min(1).max(10_000).optional().describe("as train.patience"),
  optimizer: optimizerOptions.optional().describe("what its weights learn by"),
  tables: tableOptimizerOptions.optional().describe("what its embedding tables learn by"),
  seed: seedOption.optional().describe("another start and order of rows than the recipe's seed gives"),
});

/** The recipe without the methods' own options; `recipeJsonSchema` adds those. */
export const clickFrame = z.strictObject({
  ...running,
  ...gated,
  clicklog: step.describe("where the labelled rows come from"),
  columns: z
    .array(columnOptions)
    .min(1)
    .max(10_000)
    .optional()
    .describe("feature columns in place of those that suit the log"),
  networks: z
    .array(
      z.looseObject({
        name: fileName,
        use: z.string(),
        calibrate: z
          .enum(calibrationMethods)
          .optional()
          .describe("how probabilities become rates, on validation; folded into the model"),
        columns: z
          .array(z.string().min(1))
          .min(1)
          .max(10_000)
          .optional()
          .describe("columns that it reads; default: all. A teacher may read more than its student"),
        distill: networkDistil.optional(),
        embeddings: embeddingsOption.optional().describe("large tables composed of fewer numbers; they learn that way"),
        train: otherwise.optional().describe("where it learns otherwise than train says"),
      }),
    )
    .min(1)
    .max(50)
    .describe("networks to train and compare"),
  train: z.strictObject(training).prefault({}),
  evaluate: z
    .strictObject({
      metrics: z.array(z.enum(metricNames)).min(1).default(metricNames).describe("default: all"),
      part: z.enum(["test", "validation"]).default("test"),
      threshold: z
        .number()
        .gt(0)
        .lt(1)
        .default(usualThreshold)
        .describe("scores of at least this are taken for clicks by accuracy, precision, recall and F1"),
      slices: z
        .array(sliceOptions)
        .max(50)
        .optional()
        .describe("rows to measure apart; default: users that train hardly knows, items by popularity"),
    })
    .prefault({}),
});

function fillMade(use: string, options: unknown, where: string): Step {
  if (use === ensembleUse) return { use, ...parseOptions(ensembleOptions, options, `${where} (${use})`) };
  const packed = parseOptions(packedOptions, options, `${where} (${use})`);
  checkPacked(packed, where);
  return { use, ...packed };
}

/** Whether what a recipe file held is meant as a click recipe. */
export const isClickRecipe = (given: Readonly<Record<string, unknown>>): boolean => "clicklog" in given;

/** Checks what a recipe file held; throws a UserError that says where in `source` the first mistake is. */
export function parseClickRecipe(given: unknown, source: string): ClickRecipe {
  const rough = parseOptions(clickFrame, given, source);
  const names = new Map<string, number>();
  const networks = rough.networks.map(({ name, calibrate, columns, distill, embeddings, train, ...network }, i) => {
    const where = `${source}: networks[${i}]`;
    const twin = names.get(name.toLowerCase());
    if (twin !== undefined)
      throw new UserError(
        `${where}: the name "${name}" is taken by "${rough.networks[twin]!.name}"; every network needs its own.`,
      );
    names.set(name.toLowerCase(), i);
    const { use, ...options } = network;
    const learns = !madeOfOthers(network);
    if (!learns && (distill || train || embeddings)) {
      const key = distill ? "distill" : train ? "train" : "embeddings";
      const what = use === ensembleUse ? "an ensemble" : "a packed network";
      throw new UserError(`${where}: ${what} learns nothing; drop ${key}, or let a network learn from it.`);
    }
    return {
      name,
      ...(calibrate && { calibrate }),
      ...(columns && { columns }),
      ...(learns ? fill("network", network, where) : fillMade(use, options, where)),
      ...(distill && { distill: fillDistil(distill, `${where}.distill`) }),
      ...(embeddings && { embeddings }),
      ...(train && { train }),
    };
  });
  checkTeachers(networks, source);
  const recipe = { ...rough, clicklog: fill("clicklog", rough.clicklog, `${source}: clicklog`), networks };
  parseGates(rough.gates, clickGateable(recipe as ClickRecipe), `${source}: gates`);
  return recipe as ClickRecipe;
}
