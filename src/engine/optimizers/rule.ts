// What one optimiser in the graph is: state of a weight's shape, scalars fed each step, and the nodes of one update.
// Scalars are inputs so that schedules and bias corrections need no new graph. ONNX Runtime on the CPU fuses no chain of
// element-wise nodes: each is a pass over memory, so rules keep their state in the scaling that needs the fewest.

import type { Ops } from "../../graph/ops.ts";

export interface UpdateRule {
  /** State tensors of each weight by name, and the number that they are full of before the first step. */
  readonly state: Readonly<Record<string, number>>;
  /** The float32 scalars of update `step`, counted from 0. */
  scalars(step: number, learningRate: number): Readonly<Record<string, number>>;
  /** Appends the update of `w` by `gradient`; `state` and `scalars` name the values, the result names the next ones. */
  update(
    g: Ops,
    w: string,
    gradient: string,
    state: Readonly<Record<string, string>>,
    scalars: Readonly<Record<string, string>>,
  ): { readonly w: string; readonly state: Readonly<Record<string, string>> };
}

/** gradient + decay·w, which is L2 regularisation; the gradient itself for no decay. */
export const decayed = (g: Ops, w: string, gradient: string, decay: number): string =>
  decay === 0 ? gradient : g.add(gradient, g.mul(w, g.scalar(decay)));
