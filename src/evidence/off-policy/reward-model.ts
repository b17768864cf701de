// The reward model behind the direct method: each item's mean reward at each place, shrunk towards the mean of all as
// far as its rows are few (the random-effects model of one way; Bühlmann & Straub's credibility). Cross-fitted: what it
// says of a row was learnt without the row's unit. It knows nothing of who asks, which doubly robust estimators repair.

import { UserError } from "../../base/errors.ts";
import type { Rng } from "../../base/rng.ts";
import type { ImpressionLog } from "./log.ts";

const folds = 5;
/** Cells that are kept in memory, times the folds. */
const MOST = 2e7;

export interface CellModel {
  /** The fold that each unit is in. */
  readonly fold: Uint8Array;
  /** The cell of an action at a position: position · items + action. */
  readonly cells: number;
  /** expectation[f][cell]: the reward, learnt without fold f; cells without rows have the mean of all. */
  readonly expectation: readonly Float64Array[];
  /** The mean of all, learnt without fold f. */
  readonly overall: readonly number[];
  /**
   * How far the rows of each cell moved the mean of what is expected, given the target's share of mass on each cell
   * and on actions without rows.
   */
  leverage(mass: Float64Array): Float64Array;
}

/** Fits the model to a log; `rng` divides the units into folds. */
export function fitCells(log: ImpressionLog, rng: Rng): CellModel {
  const cells = log.positions * log.items.length;
  if (cells > MOST) {
    throw new UserError(
      `the log has ${log.positions} places and ${log.items.length} items: too many for a mean reward of each item at each place; leave the places out.`,
    );
  }
  const order = rng.shuffle(Int32Array.from({ length: log.units }, (_, u) => u));
  const fold = new Uint8Array(log.units);
  for (const [at, unit] of order.entries()) fold[unit] = at % folds;
  const fits = Array.from({ length: folds }, (_, f) => learn(log, cells, (r) => fold[log.unit[r]!] !== f));
  const { count, trust } = learn(log, cells, () => true);
  return {
    ...{ fold, cells },
    expectation: fits.map(({ expectation }) => expectation),
    overall: fits.map(({ overall }) => overall),
    // q(cell) = trust · its mean + (1 - trust) · the mean of all, so Δ mean = Σ_cells mass · Δq
    leverage(mass) {
      const through = 1 - mass.reduce((sum, m, c) => sum + m * trust[c]!, 0);
      return count.map((n, c) => (n === 0 ? 0 : (mass[c]! * trust[c]! * log.n) / n + through));
    },
  };
}

function learn(log: ImpressionLog, cells: number, keep: (row: number) => boolean) {
  const { action, position, reward, items } = log;
  const count = new Float64Array(cells);
  const sum = new Float64Array(cells);
  let [n, total, squares] = [0, 0, 0];
  for (let r = 0; r < log.n; r++) {
    if (!keep(r)) continue;
    const cell = position[r]! * items.length + action[r]!;
    count[cell]!++;
    sum[cell]! += reward[r]!;
    n++;
    total += reward[r]!;
    squares += reward[r]! ** 2;
  }
  const overall = n === 0 ? 0 : total / n;
  // Variance within cells, s², and between them, τ², by moments:  B = τ² / (τ² + s² / n_cell)
  let [used, between, sumOfSquares] = [0, 0, 0];
  for (let c = 0; c < cells; c++) {
    if (count[c] === 0) continue;
    used++;
    between += count[c]! * (sum[c]! / count[c]! - overall) ** 2;
    sumOfSquares += count[c]! ** 2;
  }
  const within = Math.max(0, squares - n * overall ** 2 - between) / Math.max(1, n - used);
  const spread = Math.max(0, (between - (used - 1) * within) / Math.max(1e-300, n - sumOfSquares / n));
  const trust = count.map((k) => (k === 0 || spread === 0 ? 0 : spread / (spread + within / k)));
  return {
    count,
    trust,
    overall,
    expectation: trust.map((b, c) => (b === 0 ? overall : overall + b * (sum[c]! / count[c]! - overall))),
  };
}
