// Scores by ONNX Runtime, on one thread: what proves that an exported model says what ours says.

import { askExport } from "../recommender/ask-export.ts";
import type { Query } from "../recommender/scorer.ts";
import { onnxRuntime } from "./onnx-runtime.ts";

/** All items' scores for each query, one request at a time. */
export const onnxScores = (model: Uint8Array, queries: readonly Query[]): Promise<Float32Array[]> =>
  askExport(onnxRuntime({ threads: 1 }), model, queries);
