// A policy seen on a log: with what probability it would have shown what was shown, how much of what it would show the
// log has never shown, and what the reward model expects of its choices.

import type { RewardModel } from "../../kinds/estimator.ts";
import type { ImpressionLog } from "./log.ts";
import type { CellModel } from "./reward-model.ts";

/** What a policy shows; probabilities add up to 1. */
export interface Shown {
  /** Indices of the log's items, each once; -1 for one that the log has never shown. */
  readonly actions: Int32Array;
  readonly probability: Float64Array;
}

export interface Policy {
  /** Whether it knows what to show in contexts[context]. */
  answers(context: number): boolean;
  /** What it shows in such a context at a position (from 0). */
  show(context: number, position: number): Shown;
}

/** One number a row. */
export interface Placed {
  /** π_e(a|x) of what was shown. */
  readonly chosen: Float64Array;
  /** The share of what it would show that the log has shown nowhere. */
  readonly neverLogged: Float64Array;
  readonly model: RewardModel;
}

/** Asks the policy once for each context and position of the log; it must have an answer for all of them. */
export function placeOn(log: ImpressionLog, policy: Policy, model: CellModel): Placed {
  const { n, action, position, context, unit, items } = log;
  const chosen = new Float64Array(n);
  const neverLogged = new Float64Array(n);
  const expected = new Float64Array(n);
  const mass = new Float64Array(model.cells);
  const here = new Float64Array(items.length);
  const logged = new Uint8Array(items.length);
  for (const a of action) logged[a] = 1;
  const order = Int32Array.from({ length: n }, (_, r) => r);
  order.sort((a, b) => context[a]! - context[b]! || position[a]! - position[b]! || a - b);
  for (let from = 0, to = 0; from < n; from = to) {
    const first = order[from]!;
    while (to < n && context[order[to]!] === context[first] && position[order[to]!] === position[first]) to++;
    const { actions, probability } = policy.show(context[first]!, position[first]!);
    const offset = position[first]! * items.length;
    let known = 0;
    for (const [i, a] of actions.entries()) {
      if (a < 0) continue;
      here[a]! += probability[i]!;
      if (logged[a]) known += probability[i]!;
    }
    const means = model.expectation.map((q, f) => {
      let sum = 0;
      for (const [i, a] of actions.entries()) sum += probability[i]! * (a < 0 ? model.overall[f]! : q[offset + a]!);
      return sum;
    });
    for (const [i, a] of actions.entries()) if (a >= 0) mass[offset + a]! += (probability[i]! * (to - from)) / n;
    for (let at = from; at < to; at++) {
      const r = order[at]!;
      chosen[r] = here[action[r]!]!;
      neverLogged[r] = Math.max(0, 1 - known);
      expected[r] = means[model.fold[unit[r]!]!]!;
    }
    for (const a of actions) if (a >= 0) here[a] = 0;
  }
  const cell = (r: number) => position[r]! * items.length + action[r]!;
  const by = model.leverage(mass);
  const shown = Float64Array.from({ length: n }, (_, r) => model.expectation[model.fold[unit[r]!]!]![cell(r)]!);
  const leverage = Float64Array.from({ length: n }, (_, r) => by[cell(r)]!);
  return { chosen, neverLogged, model: { shown, expected, leverage } };
}
