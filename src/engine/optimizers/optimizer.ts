// The optimiser of a training graph: clipping, one rule for every weight, and a moving average of the weights.

import type { Ops } from "../../graph/ops.ts";
import { adagrad } from "./adagrad.ts";
import { adam, adamw } from "./adam.ts";
import { clipNorm, clipValues } from "./clip.ts";
import { momentum } from "./momentum.ts";
import type { OptimizerOptions } from "./options.ts";
import type { UpdateRule } from "./rule.ts";
import { sgd } from "./sgd.ts";

export interface GraphOptimizer {
  /**
   * Appends one update of `weights` by their `gradients`. It adds an input for each scalar and each state; returns the
   * next value of every weight and state, by name. A state's only readers come before the node that writes its next
   * value, so a state (not a weight) may be written over in place.
   */
  update(
    g: Ops,
    weights: readonly string[],
    gradients: readonly string[],
  ): readonly (readonly [name: string, next: string])[];
  /** What to feed the scalar inputs at update `step`, counted from 0. */
  scalars(step: number, learningRate: number): Readonly<Record<string, number>>;
  /** The number that a state is full of before the first update. */
  start(state: string): number;
  /** The state that holds the moving average of a weight; undefined where none is kept. */
  average(weight: string): string | undefined;
}

const PREFIX = "optimizer.";

export function graphOptimizer(options: OptimizerOptions): GraphOptimizer {
  const rule = ruleOf(options);
  const { ema } = options;
  const scalars = (step: number, learningRate: number) => ({
    ...rule.scalars(step, learningRate),
    // The mean of all weights so far until it is as long as the decay's memory: no trace of the start, no correction.
    ...(ema !== undefined && { fresh: Math.max(1 - ema, 1 / (step + 1)) }),
  });
  return {
    update(g, weights, gradients) {
      const input = Object.fromEntries(
        Object.keys(scalars(0, 1)).map((name) => [name, g.input(PREFIX + name, "float32", [])]),
      );
      return clipped(g, gradients, options).flatMap((gradient, i) => {
        const w = weights[i]!;
        const stateOf = (name: string) => g.input(`${w}.${name}`, "float32", g.dims(w));
        const state = Object.fromEntries(Object.keys(rule.state).map((name) => [name, stateOf(name)]));
        const next = rule.update(g, w, gradient, state, input);
        const found: [string, string][] = [[w, next.w]];
        for (const [name, value] of Object.entries(next.state)) found.push([state[name]!, value]);
        if (ema !== undefined) {
          const average = stateOf("average");
          found.push([average, g.add(average, g.mul(g.sub(next.w, average), input["fresh"]!))]);
        }
        return found;
      });
    },
    scalars: (step, learningRate) =>
      Object.fromEntries(Object.entries(scalars(step, learningRate)).map(([name, value]) => [PREFIX + name, value])),
    start: (state) => rule.state[state.slice(state.lastIndexOf(".") + 1)] ?? 0,
    average: (weight) => (ema === undefined ? undefined : `${weight}.average`),
  };
}

function ruleOf(options: OptimizerOptions): UpdateRule {
  switch (options.use) {
    case "adam":
      return adam(options);
    case "adamw":
      return adamw(options);
    case "sgd":
      return sgd(options);
    case "momentum":
      return momentum(options);
    case "adagrad":
      return adagrad(options);
  }
}

function clipped(g: Ops, gradients: readonly string[], options: OptimizerOptions): readonly string[] {
  const { clipValue, clipNorm: norm } = options;
  const bounded = clipValue === undefined ? gradients : clipValues(g, gradients, clipValue);
  return norm === undefined ? bounded : clipNorm(g, bounded, norm);
}
