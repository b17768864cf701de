import { expect, test } from "vitest";
import { pass32, withKernels } from "../../test/pass-runs.ts";
import { createRng } from "../base/rng.ts";
import { onnxScores } from "../node/onnx-scores.ts";
import { encodeOnnx } from "../onnx/encode.ts";
import { lowerToOnnx } from "../recommender/lower.ts";
import type { Recommender } from "../recommender/recommender.ts";
import { openScorer } from "../recommender/scorer.ts";
import { decodeRow, decodeTable } from "../tables/decode.ts";
import { f32Table, type Table, tableBytes } from "../tables/table.ts";
import int8Row from "./int8-row.ts";
import pruneRows from "./prune-rows.ts";

const kernels = withKernels();
const rng = createRng("prune-rows");
const [rows, cols] = [300, 16];
/** Rows of which every third is the first one again. */
const repeated = (): Float32Array => {
  const data = Float32Array.from({ length: rows * cols }, () => rng.normal());
  for (let r = 0; r < rows; r += 3) data.copyWithin(r * cols, 0, cols);
  return data;
};
const pruned = async (data: Float32Array, options: object) =>
  (await pass32(pruneRows, options, kernels(), rows, cols, data)) as Table;

test("rows that repeat another are kept once, to the bit", async () => {
  const data = repeated();
  const table = await pruned(data, { share: 0 });
  expect(table.values!.rows).toBe(201);
  expect(decodeTable(table)).toEqual(data);
  expect(decodeRow(table, 297)).toEqual(data.slice(0, cols));
  expect(tableBytes(table)).toBe(201 * cols * 4 + rows);
});

test("the share of least norm becomes its mean, the others stay", async () => {
  const data = Float32Array.from(
    { length: rows * cols },
    (_, i) => (Math.floor(i / cols) % 2 ? 1 : 0.01) * rng.normal(),
  );
  const after = decodeTable(await pruned(data, { share: 0.5 }));
  const mean = after.slice(0, cols);
  for (let r = 0; r < rows; r++) {
    const expected = r % 2 ? data.slice(r * cols, (r + 1) * cols) : mean;
    expect(after.slice(r * cols, (r + 1) * cols)).toEqual(expected);
  }
  for (let x = 0; x < cols; x++) {
    let sum = 0;
    for (let r = 0; r < rows; r += 2) sum += data[r * cols + x]!;
    expect(mean[x]).toBeCloseTo(sum / 150, 6);
  }
});

test("other passes go on within it; it scores, and ships as ONNX, as its rows do", async () => {
  const item = await pruned(repeated(), { share: 0.2 });
  const context = { kernels: kernels(), rng: createRng(1) };
  const small = (await int8Row.encode(item, int8Row.options.parse({}), context, "item")) as Table;
  expect([small.encoding, small.values!.encoding]).toEqual(["shared-rows", "int8-row"]);
  const user = f32Table(
    4,
    cols,
    Float32Array.from({ length: 4 * cols }, () => rng.normal()),
  );
  const recommender: Recommender = { query: "user", pool: "sum", items: rows, tables: { user, item: small } };
  const plain = { ...recommender, tables: { user, item: f32Table(rows, cols, decodeTable(small)) } };
  const [ours, theirs] = [recommender, plain].map((one) => {
    const scorer = openScorer(kernels(), one);
    const scores = scorer.score({ user: 2 }).slice();
    scorer.free();
    return scores;
  }) as [Float32Array, Float32Array];
  expect(ours).toEqual(theirs);
  const [onnx] = await onnxScores(encodeOnnx(lowerToOnnx(recommender)), [{ user: 2 }]);
  for (let j = 0; j < rows; j++) expect(Math.abs(onnx![j]! - ours[j]!)).toBeLessThan(1e-4);
});
