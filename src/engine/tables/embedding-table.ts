// A trainable table of rows × width float32 numbers outside the graph: a step costs what it touches, not what the table
// weighs. It lies in kernel memory, in as many ranges of rows as there are memories that it needs.

import { UserError } from "../../base/errors.ts";
import { formatBytes } from "../../base/format.ts";
import { parseOptions } from "../../kinds/options.ts";
import { checkIds, divideIds, type Ids } from "./ids.ts";
import type { TableMemories } from "./memories.ts";
import { type TableOptimizerOptions, tableOptimizerOptions } from "./options.ts";
import { openShard, rowBytes, type Shard } from "./shard.ts";
import { rowStates, type TableStep } from "./table-optimizer.ts";

export type { Ids };

/** Everything that a table is, in parts whose concatenation is the whole: `rows` and what its optimiser keeps. */
export type TableState = Readonly<Record<string, readonly Float32Array[]>>;

export interface EmbeddingTable {
  readonly rows: number;
  readonly width: number;
  /** into[t,:] = row ids[t]; `into` is ids.length × width in ordinary memory. An id out of range is a RangeError. */
  gather(ids: Ids, into: Float32Array): Promise<void>;
  /** Adds gradients[t,:] (ids.length × width, ordinary memory) to what the next apply uses, in the order of t. */
  accumulate(ids: Ids, gradients: Float32Array): Promise<void>;
  /** Σ over touched rows of the squared accumulated gradient, for clipping by a global norm. */
  squaredNorm(): number;
  /** One optimiser step on each touched row; forgets the gradients. */
  apply(step: TableStep): Promise<void>;
  /** Views of the live numbers; a checkpoint writes them between steps. */
  state(): TableState;
  /** Takes up a state, however it is cut into parts, and forgets accumulated gradients. */
  load(state: TableState): void;
  /** The numbers, rows × width, copied to ordinary memory. */
  table(): Float32Array;
  free(): void;
}

export interface EmbeddingTableOptions {
  readonly memories: TableMemories;
  readonly rows: number;
  readonly width: number;
  readonly optimizer: TableOptimizerOptions;
  /** Fills a block of rows, called for consecutive blocks from the first row on; see init.ts. Zeros where absent. */
  readonly init?: (block: Float32Array) => void;
}

export async function createEmbeddingTable(options: EmbeddingTableOptions): Promise<EmbeddingTable> {
  const { memories, rows, width, init } = options;
  const optimizer = parseOptions(tableOptimizerOptions, options.optimizer, "optimizer of an embedding table");
  if (!(Number.isInteger(rows) && rows >= 1 && rows < 2 ** 31 && Number.isInteger(width) && width >= 1)) {
    throw new RangeError(
      `an embedding table must have from 1 to 2³¹-1 rows and a width of at least 1, got ${rows} × ${width}`,
    );
  }
  const most = Math.floor(memories.bytes / rowBytes(optimizer, width));
  if (most < 1) {
    const [row, memory] = [formatBytes(rowBytes(optimizer, width)), formatBytes(memories.bytes)];
    throw new UserError(
      `embedding table: one row of ${width} numbers takes ${row}, a memory holds ${memory}; use a smaller width.`,
    );
  }
  const count = Math.ceil(rows / most);
  const span = Math.ceil(rows / count);
  const shards: Shard[] = [];
  try {
    for (let first = 0; first < rows; first += span) {
      const shard = await openShard(memories, optimizer, Math.min(span, rows - first), width);
      shards.push(shard);
      init?.(shard.rows);
    }
  } catch (error) {
    for (const shard of shards) shard.free();
    throw error;
  }
  const parts = (): Record<string, Float32Array[]> => ({
    rows: shards.map((shard) => shard.rows),
    ...Object.fromEntries(rowStates(optimizer, width).map(({ name }, i) => [name, shards.map((s) => s.state[i]!)])),
  });

  /** The lookups of each shard, with where they came from: null for all of them, where there is one shard. */
  const divide = (ids: Ids): { shard: Shard; own: Ids; from: Int32Array | null }[] => {
    if (shards.length === 1) return [{ shard: shards[0]!, own: ids, from: null }];
    checkIds(ids, rows);
    return divideIds(ids, span, shards.length).map((lookups, s) => ({ shard: shards[s]!, ...lookups }));
  };

  return {
    rows,
    width,
    async gather(ids, into) {
      checkRoom("into", into, ids.length * width);
      for (const { shard, own, from } of divide(ids)) {
        const values = await shard.gather(own);
        if (from) moveRows(values, null, into, from, width);
        else into.set(values);
      }
    },
    async accumulate(ids, gradients) {
      checkRoom("gradients", gradients, ids.length * width);
      for (const { shard, own, from } of divide(ids)) {
        const values = shard.room(own.length);
        if (from) moveRows(gradients, from, values, null, width);
        else values.set(gradients);
        shard.add(own);
      }
    },
    squaredNorm: () => shards.reduce((sum, shard) => sum + shard.squaredNorm(), 0),
    async apply(step) {
      for (const shard of shards) await shard.apply(step);
    },
    state: parts,
    load(state) {
      const own = Object.entries(parts());
      for (const [name, into] of own) checkSize(name, state[name] ?? [], into);
      for (const [name, into] of own) pour(state[name]!, into);
      for (const shard of shards) shard.clear();
    },
    table() {
      const all = new Float32Array(rows * width);
      pour(parts()["rows"]!, [all]);
      return all;
    },
    free() {
      for (const shard of shards) shard.free();
    },
  };
}

function checkRoom(what: string, array: Float32Array, n: number): void {
  if (array.length !== n) throw new RangeError(`${what} must have ${n} elements, got ${array.length}`);
}

/** Row `to[i]` of `target` = row `from[i]` of `source`; null stands for i. */
function moveRows(
  source: Float32Array,
  from: Int32Array | null,
  target: Float32Array,
  to: Int32Array | null,
  width: number,
): void {
  const n = (from ?? to)!.length;
  for (let i = 0; i < n; i++) {
    const [s, t] = [(from ? from[i]! : i) * width, (to ? to[i]! : i) * width];
    for (let j = 0; j < width; j++) target[t + j] = source[s + j]!;
  }
}

function checkSize(name: string, from: readonly Float32Array[], into: readonly Float32Array[]): void {
  const size = (arrays: readonly Float32Array[]) => arrays.reduce((sum, array) => sum + array.length, 0);
  if (size(from) !== size(into)) {
    throw new RangeError(`"${name}" of an embedding table must have ${size(into)} numbers, got ${size(from)}`);
  }
}

/** Copies the concatenation of `from` over that of `into`, which is of the same length. */
function pour(from: readonly Float32Array[], into: readonly Float32Array[]): void {
  let at = 0;
  for (const source of from) {
    let base = 0;
    for (const target of into) {
      const start = Math.max(at, base);
      const end = Math.min(at + source.length, base + target.length);
      if (start < end) target.set(source.subarray(start - at, end - at), start - base);
      base += target.length;
    }
    at += source.length;
  }
}
