// A range of a table's rows in one memory, with its optimiser state and the gradients that wait for the next step.

import { parts } from "../../kernels/check.ts";
import { type Kernels, ranges } from "../../kernels/kernels.ts";
import type { Scope } from "../../kernels/memory.ts";
import {
  forgetLookups,
  joinLookups,
  packLookups,
  type RowGradients,
  squaredNorm,
} from "../../kernels/row-gradients.ts";
import { largestId, narrowIds } from "../../kernels/rows.ts";
import { checkIds, type Ids, wordsOf } from "./ids.ts";
import type { TableMemories } from "./memories.ts";
import type { TableOptimizer } from "./options.ts";
import { rowStates, type TableStep, updateRows } from "./table-optimizer.ts";

export interface Shard {
  readonly rows: Float32Array;
  readonly state: readonly Float32Array[];
  /** The rows of `ids`, in kernel memory until the next call. */
  gather(ids: Ids): Promise<Float32Array>;
  /** Room for the gradients of n lookups, which `add` then takes up. */
  room(n: number): Float32Array;
  add(ids: Ids): void;
  squaredNorm(): number;
  apply(step: TableStep): Promise<void>;
  clear(): void;
  free(): void;
}

/** Numbers to gather below which threads are not worth waking. */
const WORTH_THREADS = 1 << 18;

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
  let waiting: RowGradients & { scope: Scope } = openRoom(k, width, scope.i32(rows), 0);
  let staged = openStage(k, width, 0);

  /** Copies ids to kernel memory and checks them. */
  const stage = (ids: Ids): Int32Array => {
    const n = ids.length;
    if (staged.ids.length < n) {
      staged.scope.free();
      staged = openStage(k, width, n);
    }
    const inside = staged.ids.subarray(0, n);
    let largest: number;
    if (ids instanceof Int32Array) {
      inside.set(ids);
      largest = largestId(k, inside);
    } else {
      const words = staged.words.subarray(0, 2 * n);
      words.set(wordsOf(ids));
      largest = narrowIds(k, words, inside);
    }
    if (largest >= rows) checkIds(ids, rows);
    return inside;
  };
  return {
    rows: table,
    state,
    async gather(given) {
      const ids = stage(given);
      const n = ids.length;
      const values = staged.values.subarray(0, n * width);
      await k.parallel(
        "gather",
        ranges(n, n * width < WORTH_THREADS ? 1 : parts(k)).map(([start, end]) => [
          ...[table.byteOffset, ids.byteOffset + 4 * start, values.byteOffset + 4 * start * width],
          ...[end - start, width],
        ]),
      );
      return values;
    },
    room(n) {
      if (waiting.next.length < waiting.lookups + n) {
        packLookups(k, waiting);
        const wanted = waiting.lookups + n;
        if (waiting.next.length < wanted) {
          const more = openRoom(k, width, waiting.slotOf, Math.max(wanted, 2 * waiting.next.length));
          for (const name of ["touched", "last", "next"] as const) {
            more[name].set(waiting[name].subarray(0, waiting.slots));
          }
          more.values.set(waiting.values.subarray(0, waiting.slots * width));
          more.slots = more.lookups = waiting.slots;
          waiting.scope.free();
          waiting = more;
        }
      }
      return waiting.values.subarray(waiting.lookups * width, (waiting.lookups + n) * width);
    },
    add: (ids) => joinLookups(k, waiting, stage(ids)),
    squaredNorm: () => squaredNorm(k, waiting),
    async apply(step) {
      await updateRows(k, optimizer, table, state, waiting, step);
      forgetLookups(k, waiting);
    },
    clear: () => forgetLookups(k, waiting),
    free() {
      for (const one of [scope, waiting.scope, staged.scope]) one.free();
      memories.release(k, bytes);
    },
  };
}

function openRoom(k: Kernels, width: number, slotOf: Int32Array, lookups: number): RowGradients & { scope: Scope } {
  const scope = k.scope();
  const [touched, last, next] = [scope.i32(lookups), scope.i32(lookups), scope.i32(lookups)];
  return { width, slotOf, touched, last, next, values: scope.f32(lookups * width), slots: 0, lookups: 0, scope };
}

function openStage(k: Kernels, width: number, n: number) {
  const scope = k.scope();
  return { scope, ids: scope.i32(n), words: scope.i32(2 * n), values: scope.f32(n * width) };
}
