// BPR training (arXiv 1205.2618): triples are drawn, and their rows updated, inside the kernel.

import { checkLength } from "./check.ts";
import { type Kernels, ranges } from "./kernels.ts";
import type { Scope } from "./memory.ts";
import { checkState, forkStates } from "./random-state.ts";
import { checkIds, rowCount } from "./rows.ts";

/** Everything is in kernel memory, except `state`, which may lie anywhere. */
export interface BprOptions {
  /** U × d, updated. */
  readonly users: Float32Array;
  /** I × d, updated. */
  readonly items: Float32Array;
  /** I, updated. */
  readonly itemBias?: Float32Array;
  /** The positives (userOf[p], itemOf[p]). */
  readonly userOf: Int32Array;
  readonly itemOf: Int32Array;
  /** What no negative may be: row u holds ascending items. */
  readonly indptr: Int32Array;
  readonly indices: Int32Array;
  readonly d: number;
  readonly learningRate: number;
  /** L2, in the gradient of every row of a triple. */
  readonly decay: number;
  /** How many triples. */
  readonly samples: number;
  /** Four random words, moved on. */
  readonly state: Uint32Array;
  /** Positives to visit in turn, from the first again after the last; without it each is drawn uniformly. */
  readonly order?: Int32Array;
}

/** Takes `samples` steps, the same bits for the same state; returns the mean of -log σ(x) (NaN when none was taken). */
export function bprEpoch(k: Kernels, options: BprOptions): number {
  checkState(options.state);
  const scope = k.scope();
  try {
    const state = scope.copy(options.state);
    const [args, result] = prepare(k, scope, options, [[0, options.samples]], state);
    k.exports["bprEpoch"]!(...args[0]!);
    options.state.set(state);
    return meanLoss(result);
  } finally {
    scope.free();
  }
}

/**
 * The same over all threads at once (Hogwild, arXiv 1106.5730): threads write the same rows without locks, so the result
 * is NOT deterministic; with one thread it is, but differs from bprEpoch's.
 */
export async function bprEpochParallel(k: Kernels, options: BprOptions): Promise<number> {
  checkState(options.state);
  const scope = k.scope();
  try {
    const shares = ranges(options.samples, k.threads);
    const [args, result] = prepare(k, scope, options, shares, scope.copy(forkStates(options.state, shares.length)));
    await k.parallel("bprEpoch", args);
    return meanLoss(result);
  } finally {
    scope.free();
  }
}

/** The kernel's arguments for each share of the samples, and the results they will write: loss, steps and correct. */
function prepare(
  k: Kernels,
  scope: Scope,
  options: BprOptions,
  shares: readonly (readonly [start: number, end: number])[],
  states: Uint32Array,
): [args: number[][], results: Float64Array] {
  const { users, items, itemBias, userOf, itemOf, indptr, indices, d, learningRate, decay, samples, order } = options;
  const [userCount, itemCount, nnz] = [rowCount("users", users, d), rowCount("items", items, d), userOf.length];
  checkLength("users", users, userCount * d);
  checkLength("items", items, itemCount * d);
  if (itemBias) checkLength("itemBias", itemBias, itemCount);
  checkLength("itemOf", itemOf, nnz);
  checkLength("indptr", indptr, userCount + 1);
  checkLength("indices", indices, indptr[userCount]!);
  checkIds(k, "userOf", userOf, userCount);
  checkIds(k, "itemOf", itemOf, itemCount);
  checkIds(k, "indices", indices, itemCount);
  if (order) checkIds(k, "order", order, nnz);
  const visits = order?.length ?? nnz;
  if (!Number.isInteger(samples) || samples < 0) throw new RangeError(`samples must be a count, got ${samples}`);
  if (samples > 0 && visits === 0) throw new RangeError("there is no positive to draw");
  const filter = scope.u8(indices.length);
  k.exports["bprFilter"]!(indptr.byteOffset, indices.byteOffset, userCount, filter.byteOffset);
  const results = scope.f64(2 * shares.length);
  const scratchBytes = k.exports["bprScratch"]!();
  const args = shares.map(([start, end], share) => [
    ...[users.byteOffset, items.byteOffset, itemBias?.byteOffset ?? 0, userOf.byteOffset, itemOf.byteOffset],
    ...[indptr.byteOffset, indices.byteOffset, filter.byteOffset, nnz, itemCount, d, learningRate, decay],
    ...[end - start, states.byteOffset + 16 * share, order?.byteOffset ?? 0, visits, visits ? start % visits : 0],
    ...[scope.u8(scratchBytes).byteOffset, results.byteOffset + 16 * share],
  ]);
  return [args, results];
}

function meanLoss(results: Float64Array): number {
  const counts = new Int32Array(results.buffer, results.byteOffset, 2 * results.length);
  let [loss, steps] = [0, 0];
  for (let share = 0; share < results.length / 2; share++) {
    loss += results[2 * share]!;
    steps += counts[4 * share + 2]!;
  }
  return loss / steps;
}
