// What an embedding table learns by. Only rows that a batch touched are updated, decayed and given state: a row that is
// not touched keeps its bits. Adam is lazy: its bias correction follows the global step, as in PyTorch's SparseAdam.

import type { Kernels } from "../../kernels/kernels.ts";
import { adagradRows, adamRows, rowwiseAdagradRows, sgdRows } from "../../kernels/optimizers.ts";
import type { RowGradients } from "../../kernels/row-gradients.ts";

interface Decay {
  /** L2 in the gradient of touched rows; 0 by default. */
  readonly weightDecay?: number;
}

interface Adagrad extends Decay {
  /** 1e-10 by default, as PyTorch. */
  readonly epsilon?: number;
  /** What the accumulators start from; 0 by default. */
  readonly initial?: number;
}

export type TableOptimizer =
  | ({ readonly use: "sgd" } & Decay)
  | ({ readonly use: "adagrad" } & Adagrad)
  | ({ readonly use: "rowwise-adagrad" } & Adagrad)
  | ({
      /** adamw multiplies w by 1 - learningRate·weightDecay instead of adding to the gradient. */
      readonly use: "adam" | "adamw";
      readonly beta1?: number;
      readonly beta2?: number;
      /** 1e-8 by default; added to √v̂, after the bias correction. */
      readonly epsilon?: number;
    } & Decay);

/** What one step applies: G = scale·gradient + weightDecay·w. */
export interface TableStep {
  readonly learningRate: number;
  /** 1 for the first step. */
  readonly step: number;
  /** For clipping; 1 by default. */
  readonly scale?: number;
}

/** The state that an optimiser keeps for each row: numbers a row, and what they start from. */
export interface RowState {
  readonly name: string;
  readonly width: number;
  readonly fill: number;
}

export function rowStates(optimizer: TableOptimizer, width: number): readonly RowState[] {
  switch (optimizer.use) {
    case "sgd":
      return [];
    case "adagrad":
      return [{ name: "accumulator", width, fill: optimizer.initial ?? 0 }];
    case "rowwise-adagrad":
      return [{ name: "accumulator", width: 1, fill: optimizer.initial ?? 0 }];
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
  const common = { learningRate, scale, decay: optimizer.weightDecay ?? 0 };
  switch (optimizer.use) {
    case "sgd":
      return sgdRows(k, table, ids, gradients, width, common);
    case "adagrad":
    case "rowwise-adagrad": {
      const rows = optimizer.use === "adagrad" ? adagradRows : rowwiseAdagradRows;
      return rows(k, table, state[0]!, ids, gradients, width, { ...common, epsilon: optimizer.epsilon ?? 1e-10 });
    }
    case "adam":
    case "adamw": {
      const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = optimizer;
      const decoupled = optimizer.use === "adamw";
      const decay = { decay: decoupled ? 0 : common.decay, keep: decoupled ? 1 - learningRate * common.decay : 1 };
      const adam = { ...common, ...decay, beta1, beta2, epsilon, step };
      return adamRows(k, table, state[0]!, state[1]!, ids, gradients, width, adam);
    }
  }
}
