// Every loss against its formula in float64, through a graph that ONNX Runtime runs.

import { expect, test } from "vitest";
import { runGraph } from "../../../test/run-graph.ts";
import { createRng } from "../../base/rng.ts";
import { buildGraph } from "../../graph/builder.ts";
import { type Ops, opsOn } from "../../graph/ops.ts";
import { typedBuilder } from "../../graph/typed-builder.ts";
import { bpr, cosineContrastive } from "./pairwise.ts";
import { binaryCrossEntropy } from "./pointwise.ts";
import { fullSoftmax, inBatchSoftmax, multinomial, sampledSoftmax } from "./softmax.ts";
import { taughtCrossEntropy } from "./taught.ts";

const rng = createRng("objectives");
const [n, m] = [4, 6];
const matrix = (rows: number, columns: number, draw = () => 3 * rng.normal()) =>
  Array.from({ length: rows }, () => Array.from({ length: columns }, draw));
const scores = matrix(n, m);
const [positive] = matrix(1, n) as [number[]];
const sum = (xs: readonly number[]) => xs.reduce((a, b) => a + b, 0);
const mean = (xs: readonly number[]) => sum(xs) / xs.length;
const logSumExp = (xs: readonly number[]) => Math.log(sum(xs.map(Math.exp)));
const softplus = (x: number) => Math.log1p(Math.exp(x));

async function lossOf(build: (g: Ops) => string): Promise<number> {
  const { graph } = buildGraph("loss", 21);
  const g = opsOn(typedBuilder(graph, {}));
  const loss = build(g);
  expect(g.dims(loss)).toEqual([]);
  g.output(loss, "loss", []);
  return (await runGraph(graph, {}))["loss"]![0]!;
}
const vector = (g: Ops, xs: readonly number[]) => g.float("v", [xs.length], Float32Array.from(xs));
const table = (g: Ops, rows: readonly number[][]) =>
  g.float("m", [rows.length, rows[0]!.length], Float32Array.from(rows.flat()));

test("binary cross-entropy, exact for large logits", async () => {
  const [logits, labels] = [
    [-300, -1, 0, 2, 300],
    [0, 1, 0.5, 0, 1],
  ];
  const wanted = mean(logits.map((z, i) => Math.max(z, 0) - z * labels[i]! + Math.log1p(Math.exp(-Math.abs(z)))));
  expect(await lossOf((g) => binaryCrossEntropy(g, vector(g, logits), vector(g, labels)))).toBeCloseTo(wanted, 4);
});

test("cross-entropy with a teacher: labels' and teacher's shares, both softened, and τ²", async () => {
  const [logits, labels, teacher] = [
    [-1, 0.5, 2],
    [0, 1, 0],
    [-3, 1, 0.2],
  ] as const;
  const bce = (y: number, z: number) => softplus(z) - y * z;
  const [alpha, temperature] = [0.7, 2];
  const own = mean(logits.map((z, i) => bce(labels[i]!, z)));
  const kept = mean(logits.map((z, i) => bce(1 / (1 + Math.exp(-teacher[i]! / temperature)), z / temperature)));
  const loss = await lossOf((g) =>
    taughtCrossEntropy(g, vector(g, logits), vector(g, labels), { teacher: vector(g, teacher), alpha, temperature }),
  );
  expect(loss).toBeCloseTo((1 - alpha) * own + alpha * temperature ** 2 * kept, 5);
});

test("BPR over every pair", async () => {
  const wanted = mean(scores.flatMap((row, r) => row.map((x) => softplus(x - positive[r]!))));
  const own = (g: Ops) => g.unsqueeze(vector(g, positive), 1);
  expect(await lossOf((g) => bpr(g, own(g), table(g, scores)))).toBeCloseTo(wanted, 5);
});

test("CCL pushes only what is beyond the margin", async () => {
  const [margin, weight] = [0.4, 20];
  const cosines = matrix(n, m, () => 2 * rng.uniform() - 1);
  const own = [0.9, -0.2, 0.4, 0];
  const wanted = mean(own.map((p, r) => 1 - p + weight * mean(cosines[r]!.map((x) => Math.max(0, x - margin)))));
  const loss = (g: Ops) => cosineContrastive(g, vector(g, own), table(g, cosines), { margin, weight });
  expect(await lossOf(loss)).toBeCloseTo(wanted, 5);
});

test("full softmax, with rows left out by their weight", async () => {
  const targets = [5, 0, 2, 2];
  const each = targets.map((t, r) => logSumExp(scores[r]!) - scores[r]![t]!);
  const ids = (g: Ops) => g.constant("t", { dtype: "int64", dims: [n], data: BigInt64Array.from(targets, BigInt) });
  expect(await lossOf((g) => fullSoftmax(g, table(g, scores), ids(g)))).toBeCloseTo(mean(each), 5);
  const some = (g: Ops) => fullSoftmax(g, table(g, scores), ids(g), vector(g, [1, 0, 0, 1]));
  expect(await lossOf(some)).toBeCloseTo((each[0]! + each[3]!) / 2, 5);
  const none = (g: Ops) => fullSoftmax(g, table(g, scores), ids(g), vector(g, [0, 0, 0, 0]));
  expect(await lossOf(none)).toBe(0);
});

test.each([1, 0.5])("sampled softmax at temperature %d", async (temperature) => {
  const wanted = mean(
    positive.map((p, r) => logSumExp([p, ...scores[r]!].map((x) => x / temperature)) - p / temperature),
  );
  const loss = (g: Ops) => sampledSoftmax(g, vector(g, positive), table(g, scores), temperature);
  expect(await lossOf(loss)).toBeCloseTo(wanted, 4);
});

test("in-batch softmax takes log q off each column and leaves repeated items out", async () => {
  const temperature = 0.5;
  const square = matrix(n, n);
  const logQ = [-1, -3, -2, -5];
  const repeated = [
    [0, 1, 0, 0],
    [1, 0, 0, 0],
    [0, 0, 0, 0],
    [0, 0, 1, 0],
  ];
  const each = square.map((row, r) => {
    const corrected = row.map((x, c) => x / temperature - logQ[c]!);
    return logSumExp(corrected.filter((_, c) => !repeated[r]![c])) - corrected[r]!;
  });
  const loss = (g: Ops) => inBatchSoftmax(g, table(g, square), vector(g, logQ), table(g, repeated), temperature);
  expect(await lossOf(loss)).toBeCloseTo(mean(each), 4);
});

test("a multinomial counts every item that was taken", async () => {
  const counts = matrix(n, m, () => rng.below(2));
  const each = scores.map((row, r) => sum(row.map((x, i) => counts[r]![i]! * (logSumExp(row) - x))));
  expect(await lossOf((g) => multinomial(g, table(g, scores), table(g, counts)))).toBeCloseTo(mean(each), 4);
});
