// A range of a table's rows in one memory, with its optimiser state and the gradients that wait for the next step.

import type { Kernels } from "../../kernels/kernels.ts";
import type { Scope } from "../../kernels/memory.ts";
import { addRows, clearRows, gather, type RowSums, sumSquares } from "../../kernels/rows.ts";
import type { TableMemories } from "./memories.ts";
import { rowStates, type TableOptimizer, type TableStep, updateRows } from "./table-optimizer.ts";

export interface Shard {
  readonly rows: Float32Array;
  readonly state: readonly Float32Array[];
  /** Room for n ids and their rows; valid until the next call. */
  stage(n: number): { readonly ids: Int32Array; readonly values: Float32Array };
  /** Fills the staged values with the rows of the staged ids, which are checked. */
  gather(n: number): void;
  /** Adds the staged values to the sums of the rows of the staged ids. */
  add(n: number): void;
  squaredNorm(): number;
  apply(step: TableStep): Promise<void>;
  clear(): void;
  free(): void;
}

/** Bytes that a row takes with its state and its entry in the slot map. */
export const rowBytes = (optimizer: TableOptimizer, width: number): number =>
  4 * (width + 1 + rowStates(optimizer, width).reduce((sum, state) => sum + state.width, 0));

export async function openShard(
  memories: TableMemories,
  optimizer: TableOptimizer,
  rows: number,
  width: number,
): Promise<Shard> {
  const bytes = rows * rowBytes(optimizer, width);
  const k = await memories.take(bytes);
  const scope = k.scope();
  const table = scope.f32(rows * width);
  const state = rowStates(optimizer, width).map((one) => scope.f32(rows * one.width).fill(one.fill));
  let sums: RowSums & { scope: Scope } = room(k, width, scope.i32(rows), 0);
  let staged = stagingRoom(k, width, 0);
  const view = (n: number) => ({ ids: staged.ids.subarray(0, n), values: staged.values.subarray(0, n * width) });
  return {
    rows: table,
    state,
    stage(n) {
      if (staged.ids.length < n) {
        staged.scope.free();
        staged = stagingRoom(k, width, n);
      }
      return view(n);
    },
    gather(n) {
      const { ids, values } = view(n);
      gather(k, table, ids, width, values);
    },
    add(n) {
      const wanted = Math.min(rows, sums.slots + n);
      if (sums.touched.length < wanted) {
        const more = room(k, width, sums.slotOf, Math.min(rows, Math.max(wanted, 2 * sums.touched.length)));
        more.touched.set(sums.touched.subarray(0, sums.slots));
        more.sums.set(sums.sums.subarray(0, sums.slots * width));
        more.slots = sums.slots;
        sums.scope.free();
        sums = more;
      }
      const { ids, values } = view(n);
      addRows(k, sums, ids, values);
    },
    squaredNorm: () => sumSquares(k, sums.sums.subarray(0, sums.slots * width)),
    async apply(step) {
      const ids = sums.touched.subarray(0, sums.slots);
      const gradients = sums.sums.subarray(0, sums.slots * width);
      await updateRows(k, optimizer, table, state, ids, gradients, width, step);
      clearRows(k, sums);
    },
    clear: () => clearRows(k, sums),
    free() {
      for (const one of [scope, sums.scope, staged.scope]) one.free();
      memories.release(k, bytes);
    },
  };
}

function room(k: Kernels, width: number, slotOf: Int32Array, rows: number): RowSums & { scope: Scope } {
  const scope = k.scope();
  return { width, slotOf, touched: scope.i32(rows), sums: scope.f32(rows * width), slots: 0, scope };
}

function stagingRoom(k: Kernels, width: number, n: number) {
  const scope = k.scope();
  return { scope, ids: scope.i32(n), values: scope.f32(n * width) };
}
