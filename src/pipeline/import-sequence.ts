// A recognised sequential recommender becomes our own form: its items' vectors are tables, what computes the query is an
// encoder. The padding's row is no item. Both are run in ONNX Runtime over sequences of all lengths and compared.

import type { Rng } from "../base/rng.ts";
import type { Graph } from "../graph/graph.ts";
import type { Runtime } from "../graph/runtime.ts";
import { encodeOnnx } from "../onnx/encode.ts";
import type { SequencePlan } from "../recommender/foreign/sequence.ts";
import { sequenceEncoder } from "../recommender/foreign/sequence-encoder.ts";
import { lowerToOnnx } from "../recommender/lower.ts";
import type { Recommender } from "../recommender/recommender.ts";
import { f32Table } from "../tables/table.ts";
import { evaluateTerms, transposed } from "./import-factors.ts";
import { runOn } from "./run-on.ts";
import { tensorOf } from "./sample-feeds.ts";

const checkedSequences = 24;
/** Of the largest score: sums of a whole network are ordered otherwise. */
const tolerance = 1e-4;

export interface ImportedSequence {
  readonly recommender: Recommender;
  /** The model's number of each item. */
  readonly numbers: Int32Array;
  readonly apart: number;
}

/** The recommender of the plan, or why its scores are not the graph's. */
export async function importSequence(
  graph: Graph,
  plan: SequencePlan,
  runtime: Runtime,
  rng: Rng,
): Promise<ImportedSequence | { readonly why: string }> {
  const [rows = 0, width = 0] = plan.table.tensor.dims;
  const [raw, ...biases] = await evaluateTerms(
    graph,
    [{ value: plan.right, scale: plan.scale }, ...plan.itemTerms],
    runtime,
  );
  // One score for each row, or for each row but the padding's.
  const numbers = Int32Array.from({ length: rows }, (_, n) => n).filter((n) => n !== plan.padding);
  const columns = [rows, rows - 1].find(
    (n) => raw!.length % n === 0 && biases.every((b) => b.length === n || b.length === 1),
  );
  if (columns === undefined || numbers.length === 0) return { why: "its scores are not one for each row of its table" };
  const d = raw!.length / columns;
  const column = (i: number) => (columns === rows ? numbers[i]! : i);
  const vectors = plan.rightColumns ? transposed(raw!, d, columns) : raw!;
  const encoder = sequenceEncoder(graph, plan, d);
  if ("why" in encoder) return encoder;
  const [item, history] = [new Float32Array(numbers.length * d), new Float32Array(numbers.length * width)];
  const data = plan.table.tensor.data as Float32Array;
  for (const [i, number] of numbers.entries()) {
    item.set(vectors.subarray(column(i) * d, (column(i) + 1) * d), i * d);
    history.set(data.subarray(number * width, (number + 1) * width), i * width);
  }
  const bias = Float32Array.from(numbers, (_, i) =>
    biases.reduce((sum, b) => sum + (b.length === 1 ? b[0]! : b[column(i)]!), 0),
  );
  const tied = d === width && item.every((value, i) => value === history[i]);
  const recommender: Recommender = {
    ...{ query: "history", pool: "sum", items: numbers.length, encoder },
    tables: {
      ...(!tied && { history: f32Table(numbers.length, width, history) }),
      item: f32Table(numbers.length, d, item),
      ...(bias.some((value) => value !== 0) && { bias: f32Table(1, numbers.length, bias) }),
    },
  };
  const apart = await compare(graph, plan, recommender, { numbers, columns, column }, runtime, rng);
  return apart <= tolerance
    ? { recommender, numbers, apart }
    : { why: `its encoder's scores differ from its own by ${apart.toPrecision(2)}` };
}

interface Numbering {
  readonly numbers: Int32Array;
  /** Scores of a row, and where item i's is among them. */
  readonly columns: number;
  column(i: number): number;
}

/** The largest difference of scores over made-up sequences, of the largest score (at least 1). */
async function compare(
  graph: Graph,
  { input, length, padding, sigmoid }: SequencePlan,
  recommender: Recommender,
  { numbers, columns, column }: Numbering,
  runtime: Runtime,
  rng: Rng,
): Promise<number> {
  const [theirs, ours] = [
    await runtime.open(encodeOnnx(graph)),
    await runtime.open(encodeOnnx(lowerToOnnx(recommender))),
  ];
  try {
    const { dtype, shape } = graph.inputs[0]!;
    const batch = typeof shape[0] === "number" ? shape[0] : 1;
    let [apart, size] = [0, 1];
    for (let s = 0; s < checkedSequences; s++) {
      const taken = Array.from({ length: 1 + (s % length) }, () => rng.below(numbers.length));
      const filled = <T>(by: T, of: readonly T[]) => [...new Array<T>(length - of.length).fill(by), ...of];
      const own = filled(
        padding,
        taken.map((i) => numbers[i]!),
      );
      const feed = tensorOf(dtype, [batch, length], Array.from({ length: batch }, () => own).flat());
      const their = (await runOn(theirs, { [input]: feed }, "made-up sequences"))[graph.outputs[0]!.name]!
        .data as Float32Array;
      const run = await runOn(
        ours,
        { history: tensorOf("int64", [1, length], filled(-1, taken)) },
        "made-up sequences",
      );
      const scores = run["scores"]!.data as Float32Array;
      if (their.length !== batch * columns) return Number.POSITIVE_INFINITY;
      for (const [i, score] of scores.entries()) {
        const said = their[column(i)]!;
        const difference = Math.abs((sigmoid ? 1 / (1 + Math.exp(-score)) : score) - said);
        if (!(difference <= apart)) apart = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference;
        size = Math.max(size, Math.abs(said));
      }
    }
    return apart / size;
  } finally {
    await theirs.close();
    await ours.close();
  }
}
