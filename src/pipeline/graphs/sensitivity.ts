// What a graph answers when some of its tables and layers hold other numbers. They are inputs of one session, so that no
// trial makes a file or opens a model.

import type { ForeignArtifact } from "../../artifact/foreign.ts";
import type { RunTensor, Runtime } from "../../graph/runtime.ts";
import { encodeOnnx } from "../../onnx/encode.ts";
import type { RowFeeds } from "../row-feeds.ts";
import { runOn } from "../run-on.ts";
import { answerOf } from "./answer.ts";
import { logitsBy } from "./answer-rows.ts";
import { copyOf } from "./pack-tables.ts";

export interface Trials {
  /** The logit of every row, with these numbers in place of the graph's own. */
  logits(changed: ReadonlyMap<string, Float32Array>): Promise<Float32Array>;
  close(): Promise<void>;
}

/** Of an artifact whose answer is one number a row; `names` are float32 constants that will change. */
export async function openTrials(
  { graph, manifest }: ForeignArtifact,
  names: readonly string[],
  rows: RowFeeds,
  runtime: Runtime,
): Promise<Trials> {
  const answer = answerOf(graph, manifest);
  const lifted = copyOf(answer.graph);
  lifted.inputs = [...lifted.inputs];
  const own = new Map<string, RunTensor>();
  for (const name of names) {
    const { dims, data } = lifted.initializers.get(name)!;
    own.set(name, { dtype: "float32", dims, data: data as Float32Array });
    lifted.initializers.delete(name);
    lifted.inputs.push({ name, dtype: "float32", shape: [...dims] });
  }
  const session = await runtime.open(encodeOnnx(lifted));
  return {
    logits(changed) {
      const weights = [...own].map(
        ([name, kept]) => [name, { ...kept, data: changed.get(name) ?? kept.data }] as const,
      );
      return logitsBy(answer, rows, (feeds, which) => {
        const wanted = { ...feeds, ...Object.fromEntries(weights) };
        return runOn(session, Object.fromEntries(session.inputs.map((name) => [name, wanted[name]!])), which);
      });
    },
    close: () => session.close(),
  };
}

/** The mean of squares of what differs. */
export function apart(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]!) ** 2;
  return sum / a.length;
}

/** The variance of numbers. */
export function variance(a: Float32Array): number {
  const mean = a.reduce((sum, x) => sum + x, 0) / a.length;
  return a.reduce((sum, x) => sum + (x - mean) ** 2, 0) / a.length;
}
