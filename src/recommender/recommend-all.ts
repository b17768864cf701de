// Top-k lists of many users at once, for evaluation and for a teacher's lists; scores block by block in kernel memory.

import { type Interactions, rowOf, sequenceOf } from "../data/interactions.ts";
import { gemmNT } from "../kernels/gemm.ts";
import type { Kernels } from "../kernels/kernels.ts";
import type { Scope } from "../kernels/memory.ts";
import { recommendFactors, recommendScores } from "../kernels/recommend-many.ts";
import { spmm } from "../kernels/spmm.ts";
import { decodeTable } from "../tables/decode.ts";
import { decodeSparse } from "../tables/sparse.ts";
import type { Table } from "../tables/table.ts";
import { encoderInput } from "./encoder/history.ts";
import { encoderCost, openEncoder } from "./encoder/run.ts";
import { poolScale, type Recommender } from "./recommender.ts";

/** Row r of both is the list of users[r]: best first, -1 pads where fewer than k items are left. */
export interface Lists {
  readonly k: number;
  readonly items: Int32Array;
  readonly scores: Float32Array;
}

/** Users scored at once, and the scores that may lie in memory where all of them are asked for. */
const block = 512;
const denseScores = 2 ** 26;
/** Histories encoded at once, at most, and the numbers that they may take together. */
const encoderBatch = { histories: 32, numbers: 2 ** 24 };

/** Lists for any users of `histories`, with the tables in kernel memory meanwhile. */
export interface Ranker {
  /** The k best items of each of `users`, without the items of `exclude`, which has a row for every user. */
  rank(
    users: Int32Array,
    exclude: Interactions,
    k: number,
    progress?: (done: number, total: number) => void,
  ): Promise<Lists>;
  /** All scores, b × items in kernel memory, of `users` from `from` on, b at a time; `visit` may change them. */
  score(users: Int32Array, visit: (from: number, scores: Float32Array, b: number) => Promise<void>): Promise<void>;
  free(): void;
}

/**
 * Opens a recommender for many users; `histories` gives history models their input, a row for every user. An item whose
 * score is NaN is in no list; where `refuse` is given, it is called with the first user who has such a score instead.
 */
export async function openRanker(
  kernels: Kernels,
  recommender: Recommender,
  histories: Interactions,
  refuse?: (user: number) => never,
): Promise<Ranker> {
  const { tables, items: n } = recommender;
  const scope = kernels.scope();
  try {
    const loaded = (table: Table | undefined) => table && scope.copy(decodeTable(table));
    const gain = loaded(tables.gain);
    const bias = loaded(tables.bias);
    const post = { ...(gain && { gain }), ...(bias && { bias }) };
    const scoreRows = await scoreBlock(kernels, recommender, loaded, histories, scope);
    let sound = false;
    const score = async (rows: Int32Array, local: Scope): Promise<Scored> => {
      const scored = await scoreRows(rows, subset(histories, rows), local);
      if (!refuse) return scored;
      const shared = "items" in scored ? [gain, bias, scored.items] : [gain, bias];
      sound ||= shared.every((table) => !table || firstNaN(table) < 0);
      if (!sound) refuse(rows[0]!);
      const values = "queries" in scored ? scored.queries : scored.scores;
      const at = firstNaN(values);
      if (at >= 0) refuse(rows[Math.floor((at * rows.length) / values.length)]!);
      return scored;
    };
    const rankBlock = async (rows: Int32Array, exclude: Interactions, k: number): Promise<Lists> => {
      const local = kernels.scope();
      try {
        const b = rows.length;
        const excluded = subset(exclude, rows);
        const common = {
          ...{ b, n, top: k },
          excludeIndptr: local.copy(excluded.indptr),
          excludeIndices: local.copy(excluded.indices),
          outItems: local.i32(b * k),
          outScores: local.f32(b * k),
        };
        const scored = await score(rows, local);
        if ("queries" in scored) {
          const { queries, items, d } = scored;
          await recommendFactors(kernels, { users: queries, items, d, ...post, ...common });
        } else {
          finish(scored.scores, n, gain, bias);
          await recommendScores(kernels, { scores: scored.scores, ...common });
        }
        return { k, items: common.outItems.slice(), scores: common.outScores.slice() };
      } finally {
        local.free();
      }
    };
    return {
      async rank(users, exclude, k, progress) {
        const lists = { k, items: new Int32Array(users.length * k), scores: new Float32Array(users.length * k) };
        for (let from = 0; from < users.length; from += block * kernels.threads) {
          const to = Math.min(users.length, from + block * kernels.threads);
          const { items, scores } = await rankBlock(users.subarray(from, to), exclude, k);
          lists.items.set(items, from * k);
          lists.scores.set(scores, from * k);
          progress?.(to, users.length);
        }
        return lists;
      },
      async score(users, visit) {
        const size = Math.max(1, Math.min(block * kernels.threads, Math.floor(denseScores / n)));
        for (let from = 0; from < users.length; from += size) {
          const rows = users.subarray(from, from + size);
          const local = kernels.scope();
          try {
            const scored = await score(rows, local);
            const scores = "scores" in scored ? scored.scores : local.f32(rows.length * n);
            if ("queries" in scored) {
              const { queries, items, d } = scored;
              await gemmNT(kernels, queries, items, rows.length, n, d, scores);
            }
            finish(scores, n, gain, bias);
            await visit(from, scores, rows.length);
          } finally {
            local.free();
          }
        }
      },
      free: () => scope.free(),
    };
  } catch (error) {
    scope.free();
    throw error;
  }
}

/** The k best items of each of `users`, by a ranker that is opened for them alone. */
export async function recommendAll(
  kernels: Kernels,
  recommender: Recommender,
  request: {
    readonly users: Int32Array;
    readonly histories: Interactions;
    readonly exclude: Interactions;
    readonly k: number;
    readonly progress?: (done: number, total: number) => void;
  },
): Promise<Lists> {
  const { users, histories, exclude, k, progress } = request;
  const ranker = await openRanker(kernels, recommender, histories);
  try {
    return await ranker.rank(users, exclude, k, progress);
  } finally {
    ranker.free();
  }
}

type Scored = { queries: Float32Array; items: Float32Array; d: number } | { scores: Float32Array };
type Subset = { indptr: Int32Array; indices: Int32Array };

/** How this recommender scores a block: by factors (a product follows) or by ready rows of scores. */
async function scoreBlock(
  kernels: Kernels,
  recommender: Recommender,
  loaded: (table: Table | undefined) => Float32Array | undefined,
  histories: Interactions,
  scope: Scope,
): Promise<(rows: Int32Array, input: Subset, scope: Scope) => Promise<Scored>> {
  const { query, pool, items: n, tables } = recommender;
  if (query === "none") {
    return async (rows, _input, scope) => ({ scores: scope.f32(rows.length * n) });
  }
  if (query === "user") {
    const user = decodeTable(tables.user!);
    const items = loaded(tables.item)!;
    const d = items.length / n;
    return async (rows, _input, scope) => {
      const queries = scope.f32(rows.length * d);
      for (let r = 0; r < rows.length; r++) queries.set(user.subarray(rows[r]! * d, (rows[r]! + 1) * d), r * d);
      return { queries, items, d };
    };
  }
  const history = tables.history ?? tables.item!;
  const scales = (input: Subset) =>
    Float32Array.from({ length: input.indptr.length - 1 }, (_, r) =>
      poolScale(pool, input.indptr[r + 1]! - input.indptr[r]!),
    );
  if (!tables.item && history.encoding === "sparse") {
    const { indptr, indices, values } = decodeSparse(history);
    return async (rows, input, scope) => {
      const scores = scope.f32(rows.length * n);
      const scale = scales(input);
      for (let r = 0; r < rows.length; r++) {
        for (let e = input.indptr[r]!; e < input.indptr[r + 1]!; e++) {
          const h = input.indices[e]!;
          for (let at = indptr[h]!; at < indptr[h + 1]!; at++) {
            scores[r * n + indices[at]!]! += scale[r]! * values[at]!;
          }
        }
      }
      return { scores };
    };
  }
  const table = loaded(history)!;
  const items = tables.item === history ? table : loaded(tables.item);
  const width = history.cols;
  const { encoder } = recommender;
  if (encoder) {
    const encode = openEncoder(kernels, encoder, scope);
    const fit = Math.floor(encoderBatch.numbers / encoderCost(encoder).numbers);
    const batch = Math.max(1, Math.min(encoderBatch.histories, fit));
    const copyRow = (item: number, into: Float32Array) => into.set(table.subarray(item * width, (item + 1) * width));
    return async (rows, _input, local) => {
      const queries = local.f32(rows.length * encoder.d);
      // Histories of like length together: a batch is as long as its longest.
      const sequences = [...rows].map((user) => sequenceOf(histories, user).slice(-encoder.length));
      const order = [...sequences.keys()].sort((a, b) => sequences[a]!.length - sequences[b]!.length || a - b);
      for (let from = 0; from < order.length; from += batch) {
        const some = order.slice(from, from + batch);
        const { rows: input, mask } = encoderInput(
          encoder,
          some.map((at) => sequences[at]!),
          copyRow,
        );
        const made = encode(input, mask, some.length);
        some.forEach((at, i) => {
          queries.set(made.subarray(i * encoder.d, (i + 1) * encoder.d), at * encoder.d);
        });
      }
      return { queries, items: items!, d: encoder.d };
    };
  }
  return async (rows, input, scope) => {
    const pooled = scope.f32(rows.length * width);
    const csr = { indptr: scope.copy(input.indptr), indices: scope.copy(input.indices) };
    await spmm(kernels, csr, rows.length, table, width, pooled);
    if (pool !== "sum") {
      const scale = scales(input);
      for (let r = 0; r < rows.length; r++) {
        for (let x = r * width; x < (r + 1) * width; x++) pooled[x]! *= scale[r]!;
      }
    }
    return items ? { queries: pooled, items, d: width } : { scores: pooled };
  };
}

/** Rows of raw scores become scores · gain + bias. */
function finish(scores: Float32Array, n: number, gain?: Float32Array, bias?: Float32Array): void {
  for (let from = 0; from < scores.length; from += n) {
    if (gain) for (let j = 0; j < n; j++) scores[from + j]! *= gain[j]!;
    if (bias) for (let j = 0; j < n; j++) scores[from + j]! += bias[j]!;
  }
}

function firstNaN(values: Float32Array): number {
  for (let at = 0; at < values.length; at++) if (Number.isNaN(values[at]!)) return at;
  return -1;
}

/** The CSR of some rows. */
function subset(matrix: Interactions, rows: Int32Array): Subset {
  const indptr = new Int32Array(rows.length + 1);
  for (let r = 0; r < rows.length; r++) indptr[r + 1] = indptr[r]! + rowOf(matrix, rows[r]!).length;
  const indices = new Int32Array(indptr[rows.length]!);
  for (let r = 0; r < rows.length; r++) indices.set(rowOf(matrix, rows[r]!), indptr[r]!);
  return { indptr, indices };
}
