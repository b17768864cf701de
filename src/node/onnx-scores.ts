// Scores by ONNX Runtime: what proves that an exported model says what ours says.

import { InferenceSession, Tensor } from "onnxruntime-node";
import type { Query } from "../recommender/scorer.ts";

/** All items' scores for each query, one request at a time on one thread. */
export async function onnxScores(model: Uint8Array, queries: readonly Query[]): Promise<Float32Array[]> {
  const session = await InferenceSession.create(model, { logSeverityLevel: 3, intraOpNumThreads: 1 });
  try {
    const all: Float32Array[] = [];
    for (const { user, history } of queries) {
      const { scores } = await session.run(history ? { history: rowOf(history) } : { user: ids([user ?? 0], [1]) });
      all.push(scores?.data as Float32Array);
    }
    return all;
  } finally {
    await session.release();
  }
}

const rowOf = (history: Int32Array): Tensor => ids([...history], [1, history.length]);
const ids = (values: readonly number[], dims: readonly number[]): Tensor =>
  new Tensor("int64", BigInt64Array.from(values, BigInt), dims);
