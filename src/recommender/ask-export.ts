// Scores of a recommender's ONNX export, asked one query at a time: what proves that an export says what ours says.

import { must } from "../base/errors.ts";
import type { RunTensor, Runtime } from "../graph/runtime.ts";
import type { Query } from "./scorer.ts";

/** All items' scores for each query. */
export async function askExport(
  runtime: Runtime,
  onnx: Uint8Array,
  queries: readonly Query[],
): Promise<Float32Array[]> {
  const session = await runtime.open(onnx);
  try {
    const all: Float32Array[] = [];
    for (const query of queries)
      all.push(must((await session.run(queryFeeds([query])))["scores"], "scores of the export").data as Float32Array);
    return all;
  } finally {
    await session.close();
  }
}

/** What an export reads, of queries that are answered together; shorter histories are padded in front. */
export function queryFeeds(queries: readonly Query[]): Record<string, RunTensor> {
  const users = queries.map(({ user }) => user ?? 0);
  if (!queries[0]?.history) return { user: ids(users, [queries.length]) };
  const length = queries.reduce((most, { history }) => Math.max(most, history!.length), 0);
  const padded = queries.flatMap(({ history }) => [...Array(length - history!.length).fill(-1), ...history!]);
  return { history: ids(padded, [queries.length, length]) };
}

const ids = (values: readonly number[], dims: readonly number[]): RunTensor => ({
  ...{ dtype: "int64", dims },
  data: BigInt64Array.from(values, BigInt),
});
