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
    for (const { user, history } of queries) {
      const feeds = history ? { history: ids([...history], [1, history.length]) } : { user: ids([user ?? 0], [1]) };
      all.push(must((await session.run(feeds))["scores"], "scores of the export").data as Float32Array);
    }
    return all;
  } finally {
    await session.close();
  }
}

const ids = (values: readonly number[], dims: readonly number[]): RunTensor => ({
  ...{ dtype: "int64", dims },
  data: BigInt64Array.from(values, BigInt),
});
