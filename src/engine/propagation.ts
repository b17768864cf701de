// Smoothing over the user-item graph: Y = 1/(L+1) Σ_{l ≤ L} Â^l X with Â = D^-½ A D^-½, by Horner's rule
// Y = (X + Â(X + Â(X + …)))/(L+1). Users are nodes 0 … U-1, items follow. Â is symmetric: backward is forward.
//
// A step reads Y only at the rows of its batch and its gradient is zero elsewhere, so the outermost product of the
// forward and the innermost of the backward touch only the edges at those rows.

import { type Interactions, transpose } from "../data/interactions.ts";
import type { Kernels } from "../kernels/kernels.ts";
import type { Scope } from "../kernels/memory.ts";
import { spmm } from "../kernels/spmm.ts";

export interface Propagation {
  /** Fills `out`: every row, or only the rows in `lists`. */
  forward(x: Float32Array, out: Float32Array, lists?: readonly Int32Array[]): Promise<void>;
  /** Fills `out` from a gradient that is zero outside the rows in `lists`. */
  backward(gradient: Float32Array, out: Float32Array, lists: readonly Int32Array[]): Promise<void>;
}

export function createPropagation(
  kernels: Kernels,
  scope: Scope,
  train: Interactions,
  d: number,
  layers: number,
): Propagation {
  const full = adjacency(train, scope);
  const nodes = train.users + train.items;
  const part = {
    indptr: scope.i32(nodes + 1),
    indices: scope.i32(full.indices.length),
    values: scope.f32(full.indices.length),
  };
  const buffers = [scope.f32(nodes * d), scope.f32(nodes * d)];
  const marked = new Uint8Array(nodes);

  /** Keeps the edges whose row (or column) is marked. */
  const restrict = (lists: readonly Int32Array[], side: "row" | "column") => {
    marked.fill(0);
    for (const list of lists) for (const node of list) marked[node] = 1;
    let n = 0;
    for (let row = 0; row < nodes; row++) {
      if (side === "column" || marked[row]) {
        for (let e = full.indptr[row]!; e < full.indptr[row + 1]!; e++) {
          if (side === "row" || marked[full.indices[e]!]) {
            part.indices[n] = full.indices[e]!;
            part.values[n++] = full.values[e]!;
          }
        }
      }
      part.indptr[row + 1] = n;
    }
    return { indptr: part.indptr, indices: part.indices.subarray(0, n), values: part.values.subarray(0, n) };
  };

  const horner = async (
    x: Float32Array,
    out: Float32Array,
    graphOf: (product: number) => { indptr: Int32Array; indices: Int32Array; values: Float32Array },
  ) => {
    let current = x;
    for (let product = 1; product <= layers; product++) {
      const next = product === layers ? out : buffers[product % 2]!;
      next.set(x);
      await spmm(kernels, graphOf(product), nodes, current, d, next, { accumulate: true });
      current = next;
    }
    if (layers === 0) out.set(x);
    const scale = 1 / (layers + 1);
    for (let i = 0; i < out.length; i++) out[i]! *= scale;
  };

  return {
    forward: (x, out, lists) =>
      horner(x, out, (product) => (lists && product === layers ? restrict(lists, "row") : full)),
    backward: (gradient, out, lists) =>
      horner(gradient, out, (product) => (product === 1 ? restrict(lists, "column") : full)),
  };
}

/** The normalised adjacency of the bipartite graph in kernel memory: entry (u, i) is 1 / sqrt(deg u · deg i). */
function adjacency(train: Interactions, scope: Scope) {
  const byItem = transpose(train);
  const { users, items } = train;
  const edges = train.indices.length;
  const indptr = scope.i32(users + items + 1);
  const indices = scope.i32(2 * edges);
  const values = scope.f32(2 * edges);
  indptr.set(train.indptr);
  for (let i = 0; i < items; i++) indptr[users + i + 1] = edges + byItem.indptr[i + 1]!;
  for (let e = 0; e < edges; e++) indices[e] = users + train.indices[e]!;
  indices.set(byItem.indices, edges);
  for (let row = 0; row < users + items; row++) {
    const degree = indptr[row + 1]! - indptr[row]!;
    for (let e = indptr[row]!; e < indptr[row + 1]!; e++) {
      const other = indices[e]!;
      values[e] = 1 / Math.sqrt(degree * (indptr[other + 1]! - indptr[other]!));
    }
  }
  return { indptr, indices, values };
}
