// Adam steps on embeddings that a user-item graph smooths: the loss sees the smoothed rows of a batch, packed together,
// and its gradient goes back through the graph to every row. Which batches and which loss are the caller's.

import type { Interactions } from "../data/interactions.ts";
import type { Kernels } from "../kernels/kernels.ts";
import type { Scope } from "../kernels/memory.ts";
import { adamRows } from "../kernels/optimizers.ts";
import { createPropagation } from "./propagation.ts";
import type { BatchRows } from "./ranking-batch.ts";

/** Adds d loss / d row to `gradient`, a table of `table`'s shape; returns the loss. */
type BatchLoss = (table: Float32Array, gradient: Float32Array, rows: BatchRows) => number | Promise<number>;

interface GraphSteps {
  /** nodes × d, users first; its start is the caller's to fill. */
  readonly embeddings: Float32Array;
  /** One step on a batch whose rows are node numbers, at most `mostRows` different ones; returns the loss. */
  step(nodes: BatchRows, learningRate: number, loss: BatchLoss): Promise<number>;
  /** Every smoothed embedding, in memory that stays until the scope is freed. */
  smoothed(): Promise<Float32Array>;
}

/** `decay` is L2 on the unsmoothed rows of a batch, averaged over its pairs. */
export function createGraphSteps(
  kernels: Kernels,
  scope: Scope,
  train: Interactions,
  options: {
    readonly d: number;
    readonly layers: number;
    readonly decay: number;
    readonly mostRows: number;
  },
): GraphSteps {
  const { d, layers, decay, mostRows } = options;
  const nodes = train.users + train.items;
  const [embeddings, m, v, dense] = [0, 1, 2, 3].map(() => scope.f32(nodes * d)) as [
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  const graph = createPropagation(kernels, scope, train, d, layers);
  const most = Math.min(nodes, mostRows);
  const [picked, table, gradient] = [scope.i32(most), scope.f32(most * d), scope.f32(most * d)];
  const slots = scope.i32(nodes).fill(-1);
  let taken = 0;

  return {
    embeddings,
    async step(batch, learningRate, loss) {
      let count = 0;
      const pack = (list: Int32Array) =>
        list.map((node) => {
          if (slots[node]! < 0) {
            slots[node] = count;
            picked[count++] = node;
          }
          return slots[node]!;
        });
      const packed = { user: pack(batch.user), item: pack(batch.item), other: pack(batch.other) };
      const rows = picked.subarray(0, count);
      const [seen, change] = [table.subarray(0, count * d), gradient.subarray(0, count * d).fill(0)];
      await graph.forward(embeddings, rows, seen);
      const value = await loss(seen, change, packed);
      await graph.backward({ rows: change, slots }, dense);
      for (const list of [batch.user, batch.item, batch.other]) {
        addDecay(embeddings, dense, d, list, decay / batch.user.length);
      }
      for (const node of rows) slots[node] = -1;
      taken++;
      const adam = { learningRate, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, step: taken, decay: 0 };
      await adamRows(kernels, embeddings, m, v, null, dense, d, adam);
      return value;
    },
    async smoothed() {
      await graph.all(embeddings, dense);
      return dense;
    },
  };
}

function addDecay(table: Float32Array, gradient: Float32Array, d: number, rows: Int32Array, decay: number): void {
  if (decay === 0) return;
  for (const row of rows) for (let x = row * d; x < (row + 1) * d; x++) gradient[x]! += decay * table[x]!;
}
