// Answers single requests from a Recommender with the kernels; the same code in a server and in a page.

import { UserError } from "../base/errors.ts";
import type { Kernels } from "../kernels/kernels.ts";
import type { Scope } from "../kernels/memory.ts";
import { topk } from "../kernels/topk.ts";
import { decodeTable, rowReader } from "../tables/decode.ts";
import { decodeSparse } from "../tables/sparse.ts";
import type { Table } from "../tables/table.ts";
import { encoderInput } from "./encoder/history.ts";
import { encoderCost, openEncoder } from "./encoder/run.ts";
import { type Loaded, load, loadedBytes } from "./loaded-table.ts";
import { poolScale, type Recommender } from "./recommender.ts";

export interface Query {
  /** Row of tables.user; for query "user". */
  readonly user?: number;
  /** Item indices, unique, the earliest first; for query "history". */
  readonly history?: Int32Array;
}

/** The k best items, best first (equal scores: lower index first); shorter when fewer are left. */
export interface Answer {
  readonly items: Int32Array;
  readonly scores: Float32Array;
}

export interface Scorer {
  /** `exclude` may be in any order. */
  recommend(query: Query, k: number, exclude?: Int32Array): Answer;
  /** All scores, one an item; valid until the next call. */
  score(query: Query): Float32Array;
  free(): void;
}

/** Kernel memory that openScorer and one request take for this recommender, at most. */
export function scorerBytes(recommender: Recommender): number {
  const { tables, items } = recommender;
  const dense = (table: Table | undefined) => (table ? table.rows * table.cols * 4 + 64 : 0);
  const load = (table: Table | undefined) => (table ? loadedBytes(table) + 64 : 0);
  const width = Math.max(tables.history?.cols ?? 1, tables.item?.cols ?? 1);
  const asRows = tables.history?.encoding === "sparse" && !tables.item;
  const loaded = load(tables.item) + (asRows ? 0 : load(tables.history));
  const encoding = recommender.encoder ? encoderCost(recommender.encoder).bytes : 0;
  return loaded + dense(tables.gain) + dense(tables.bias) + encoding + 4 * (6 * items + 4 * width) + 4096;
}

/** Loads the tables into kernel memory: int8-row, int4-row and byte codes stay packed, others become f32. */
export function openScorer(kernels: Kernels, recommender: Recommender): Scorer {
  const { items: n, tables, query: kind } = recommender;
  const scope = kernels.scope();
  const dense = (table: Table | undefined) => table && scope.copy(decodeTable(table));
  const gain = dense(tables.gain);
  const bias = dense(tables.bias);
  const scores = scope.f32(n);
  const d = tables.item?.cols ?? n;
  const vector = tables.item ? scope.f32(d) : scores;
  const item = tables.item && load(kernels, tables.item, scope);
  const fill = queryFiller(kernels, recommender, vector, scope, item);
  const outItems = scope.i32(n);
  const outScores = scope.f32(n);
  const excluded = scope.i32(n);

  const score = (query: Query): Float32Array => {
    if (kind === "none") scores.fill(0);
    else fill(query);
    item?.scan(vector, scores);
    if (gain) for (let j = 0; j < n; j++) scores[j]! *= gain[j]!;
    if (bias) for (let j = 0; j < n; j++) scores[j]! += bias[j]!;
    return scores;
  };
  return {
    score,
    recommend(query, k, exclude) {
      score(query);
      const left = exclude ? sortedUnique(exclude, excluded) : 0;
      const count = topk(kernels, scores, n, excluded.subarray(0, left), Math.min(k, n), outItems, outScores);
      return { items: outItems.slice(0, count), scores: outScores.slice(0, count) };
    },
    free: () => scope.free(),
  };
}

/** Fills the query vector (or, without an item table, the scores themselves). */
function queryFiller(
  kernels: Kernels,
  recommender: Recommender,
  vector: Float32Array,
  scope: Scope,
  item: Loaded | undefined,
): (q: Query) => void {
  const { query: kind, pool, tables, items } = recommender;
  if (kind === "none") return () => {};
  if (kind === "user") {
    const table = tables.user!;
    const read = rowReader(table);
    return ({ user }) => {
      if (user === undefined) throw new UserError("This model answers by user; give a user, not a history.");
      if (!(user >= 0 && user < table.rows)) throw new UserError(`user row ${user} is not in 0 … ${table.rows - 1}.`);
      vector.set(read(user));
    };
  }
  const table = tables.history ?? tables.item!;
  const checked = ({ history }: Query): Int32Array => {
    if (!history) throw new UserError("This model answers from a history; give the items a user took.");
    for (const h of history)
      if (!(h >= 0 && h < items)) throw new UserError(`item row ${h} is not in 0 … ${items - 1}.`);
    return history;
  };
  const rescale = (n: number) => {
    const scale = poolScale(pool, n);
    if (scale !== 1) for (let x = 0; x < vector.length; x++) vector[x]! *= scale;
  };
  if (table.encoding === "sparse" && !tables.item) {
    const { indptr, indices, values } = decodeSparse(table);
    return (query) => {
      const history = checked(query);
      vector.fill(0);
      for (const h of history)
        for (let at = indptr[h]!; at < indptr[h + 1]!; at++) vector[indices[at]!]! += values[at]!;
      rescale(history.length);
    };
  }
  const loaded = table === tables.item && item ? item : load(kernels, table, scope);
  const ids = scope.i32(items);
  const { encoder } = recommender;
  if (encoder) {
    const encode = openEncoder(kernels, encoder, scope);
    const row = scope.f32(encoder.width);
    const copyRow = (id: number, into: Float32Array) => {
      ids[0] = id;
      loaded.pool(ids.subarray(0, 1), row);
      into.set(row);
    };
    return (query) => {
      const { rows, mask } = encoderInput(encoder, [checked(query)], copyRow);
      vector.set(encode(rows, mask, 1));
    };
  }
  return (query) => {
    const history = checked(query);
    ids.set(history);
    loaded.pool(ids.subarray(0, history.length), vector);
    rescale(history.length);
  };
}

/** Copies `ids` ascending without repeats into `out`; returns how many. */
function sortedUnique(ids: Int32Array, out: Int32Array): number {
  const sorted = ids.slice().sort();
  let n = 0;
  for (const id of sorted) if (n === 0 || out[n - 1] !== id) out[n++] = id;
  return n;
}
