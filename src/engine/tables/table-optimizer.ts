// What an embedding table learns by. Only rows that a batch touched are updated, decayed and given state: a row that is
// not touched keeps its bits. Adam is lazy: its bias correction follows the global step, as in PyTorch's SparseAdam, but
// epsilon is added after it, as in Adam. adamw multiplies w by 1 - learningRate·weightDecay and keeps G free of decay.

import type { Kernels } from "../../kernels/kernels.ts";
import { adagradRows, adamRows, rowwiseAdagradRows, sgdRows } from "../../kernels/optimizers.ts";
import type { RowGradients } from "../../kernels/row-gradients.ts";
import type { TableOptimizer } from "./options.ts";

/** What one step applies: G = scale·gradient + weightDecay·w. */
export interface TableStep {
  readonly learningRate: number;
  /** 1 for the first step. */
  readonly step: number;
  /** For clipping; 1 by default. */
  readonly scale?: number;
}

/** The state that an optimiser keeps for each row: numbers a row, and what they start from. */
interface RowState {
  readonly name: string;
  readonly width: number;
  readonly fill: number;
}

export function rowStates(optimizer: TableOptimizer, width: number): readonly RowState[] {
  switch (optimizer.use) {
    case "sgd":
      return [];
    case "adagrad":
      return [{ name: "accumulator", width, fill: optimizer.initial }];
    case "rowwise-adagrad":
      return [{ name: "accumulator", width: 1, fill: optimizer.initial }];
    case "adam":
    case "adamw":
      return ["m", "v"].map((name) => ({ name, width, fill: 0 }));
  }
}

/** One step on the rows that `gradients` touch; `state` are the arrays of rowStates. */
export function updateRows(
  k: Kernels,
  optimizer: TableOptimizer,
  table: Float32Array,
  state: readonly Float32Array[],
  gradients: RowGradients,
  { learningRate, step, scale = 1 }: TableStep,
): Promise<void> {
  const { width } = gradients;
  const ids = gradients.touched.subarray(0, gradients.slots);
  const { weightDecay } = optimizer;
  const common = { learningRate, scale, decay: weightDecay };
  switch (optimizer.use) {
    case "sgd":
      return sgdRows(k, table, ids, gradients, width, common);
    case "adagrad":
    case "rowwise-adagrad": {
      const rows = optimizer.use === "adagrad" ? adagradRows : rowwiseAdagradRows;
      return rows(k, table, state[0]!, ids, gradients, width, { ...common, epsilon: optimizer.epsilon });
    }
    case "adam":
    case "adamw": {
      const { beta1, beta2, epsilon, use } = optimizer;
      const decay = use === "adam" ? {} : { decay: 0, keep: 1 - learningRate * weightDecay };
      const adam = { ...common, ...decay, beta1, beta2, epsilon, step };
      return adamRows(k, table, state[0]!, state[1]!, ids, gradients, width, adam);
    }
  }
}
