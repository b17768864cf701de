// What a trained network answers: its graph with the probability beside the logit, and that graph over examples.

import { UserError } from "../../base/errors.ts";
import { batches, type Examples, type Feed } from "../../data/examples.ts";
import type { Graph } from "../../graph/graph.ts";
import type { Runtime, Session } from "../../graph/runtime.ts";
import { runOn } from "../run-on.ts";

/** Rows of one run. */
const atOnce = 4096;

/** The graph of a network with outputs `probability` and `logits`, both float32 [batch]. */
export const answering = (graph: Graph): Graph => ({
  ...graph,
  nodes: [
    ...graph.nodes,
    { op: "Sigmoid", domain: "", name: "probability", inputs: ["logits"], outputs: ["probability"], attributes: {} },
  ],
  outputs: [{ name: "probability", dtype: "float32", shape: ["batch"] }, ...graph.outputs],
});

interface Answers {
  readonly probability: Float32Array;
  readonly logits: Float32Array;
}

/** What ONNX Runtime says of each row, over the model's bytes. */
export async function answers(
  onnx: Uint8Array,
  examples: Examples,
  runtime: Runtime,
  step?: (done: number, total: number) => void,
): Promise<Answers> {
  const session = await runtime.open(onnx);
  const said = { probability: new Float32Array(examples.n), logits: new Float32Array(examples.n) };
  let at = 0;
  try {
    for (const { feeds, n } of batches(examples, { batch: atOnce })) {
      const { probability, logits } = await runOn(session, feedsOf(session, feeds), `rows ${at + 1} to ${at + n}`);
      said.probability.set(probability!.data as Float32Array, at);
      said.logits.set(logits!.data as Float32Array, at);
      at += n;
      step?.(at, examples.n);
    }
  } finally {
    await session.close();
  }
  return said;
}

/** Of a batch's feeds those that the session takes; one that the columns do not give is a UserError. */
export function feedsOf(session: Session, feeds: Readonly<Record<string, Feed>>): Record<string, Feed> {
  const wanted = session.inputs.map((name) => {
    const feed = feeds[name];
    if (feed) return [name, feed] as const;
    throw new UserError(`the model reads "${name}", which its columns do not give; the two do not belong together.`);
  });
  return Object.fromEntries(wanted);
}

/** The first n examples, or all where they are fewer. */
export function firstRows(examples: Examples, n: number): Examples {
  const rows = Math.min(n, examples.n);
  return {
    ...{ ...examples, n: rows, label: examples.label.subarray(0, rows) },
    ...(examples.group && { group: examples.group.subarray(0, rows) }),
  };
}
