// Smoothing over the user-item graph: Y = 1/(L+1) Σ_{l ≤ L} Â^l X with Â = D^-½ A D^-½, by Horner's rule
// Y = (X + Â(X + Â(X + …)))/(L+1). Users are nodes 0 … U-1, items follow. Â is symmetric: backward is forward.
//
// A step reads Y only at the rows of its batch and its gradient is zero elsewhere. Both are kept as those rows alone, and
// the outermost product of the forward and the innermost of the backward touch only the edges at them.

import { type Interactions, transpose } from "../data/interactions.ts";
import type { Kernels } from "../kernels/kernels.ts";
import type { Scope } from "../kernels/memory.ts";
import { gather } from "../kernels/rows.ts";
import { type FewRows, spmm, spmmFew, spmmPicked } from "../kernels/spmm.ts";

export interface Propagation {
  /** Fills `out` (nodes × d) with every row of Y. */
  all(x: Float32Array, out: Float32Array): Promise<void>;
  /** Fills `out` (rows.length × d) with Y's `rows`. */
  forward(x: Float32Array, rows: Int32Array, out: Float32Array): Promise<void>;
  /** Fills `out` (nodes × d) with d loss / d X from a gradient in Y that is zero but for the rows it holds. */
  backward(gradient: FewRows, out: Float32Array): Promise<void>;
}

/** Everything its methods take lies in kernel memory. */
export function createPropagation(
  kernels: Kernels,
  scope: Scope,
  train: Interactions,
  d: number,
  layers: number,
): Propagation {
  const graph = adjacency(train, scope);
  const nodes = train.users + train.items;
  const buffers = [scope.f32(nodes * d), scope.f32(nodes * d)] as const;
  const scale = 1 / (layers + 1);

  /** Products `from` … `to`, each into a buffer or, the last of all, into `out`; returns where it ended. */
  const horner = async (
    x: Float32Array | FewRows,
    start: Float32Array,
    [from, to]: readonly [number, number],
    out: Float32Array,
  ) => {
    let current = start;
    for (let product = from; product <= to; product++) {
      const last = product === layers;
      const next = last ? out : buffers[product & 1]!;
      await spmm(kernels, graph, nodes, current, d, next, { add: x, scale: last ? scale : 1 });
      current = next;
    }
    return current;
  };

  return {
    async all(x, out) {
      if (layers === 0) out.set(x);
      else await horner(x, x, [1, layers], out);
    },
    async forward(x, rows, out) {
      if (layers === 0) {
        gather(kernels, x, rows, d, out);
        return;
      }
      const inner = await horner(x, x, [1, layers - 1], out);
      await spmmPicked(kernels, graph, nodes, rows, inner, d, out, { add: x, scale });
    },
    async backward(gradient, out) {
      if (layers === 0) {
        out.fill(0);
        for (const [node, slot] of gradient.slots.entries()) {
          if (slot >= 0) out.set(gradient.rows.subarray(slot * d, (slot + 1) * d), node * d);
        }
        return;
      }
      const first = layers === 1 ? out : buffers[1];
      await spmmFew(kernels, graph, nodes, gradient, d, first, layers === 1 ? scale : 1);
      await horner(gradient, first, [2, layers], out);
    },
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
