// Steps over layers in a row: later ones keep what earlier ones made, to the number.

import { afterAll, expect, test } from "vitest";
import { denseGraph, denseRows, layerContext } from "../../../test/dense-graphs.ts";
import { openGraph, runGraph } from "../../../test/run-graph.ts";
import type { Graph } from "../../graph/graph.ts";
import { openKernels } from "../../node/threads.ts";
import { encodeOnnx } from "../../onnx/encode.ts";
import { registry } from "../registry.ts";
import { type LayerStep, packGraph } from "./pack-graph.ts";
import { copyOf } from "./pack-tables.ts";

const kernels = await openKernels(1);
afterAll(() => kernels.close());

const graph = denseGraph("gemm", [64, 48, 32, 1]);
const step = (use: string, options = {}): LayerStep => ({ pass: registry.findForLayers(use, "layers"), options });

const packed = (...layers: LayerStep[]) => packedOf(graph, ...layers);

async function packedOf(given: Graph, ...layers: LayerStep[]) {
  const now = copyOf(given);
  const { observe } = layerContext(denseRows(given), kernels);
  const said = await packGraph(now, [], { tables: [], layers }, { kernels, observe, rowsGiven: true });
  return { now, said: said.layers };
}

/** The weight that a product of the graph multiplies by, whatever unpacks it. */
async function weightIn(of: Graph, name: string, given = graph): Promise<number[]> {
  const asked = copyOf(of);
  const kept = asked.initializers.get(name);
  if (kept) return Array.from(kept.data, Number);
  asked.outputs = [{ name, dtype: name.endsWith("int8") ? "int8" : "float32", shape: [], unranked: true }];
  const session = await openGraph(asked);
  try {
    return (await session.run(denseRows(given)))[name]!;
  } finally {
    await session.close();
  }
}

const zerosOf = (weight: ArrayLike<number>) => Array.from(weight).flatMap((w, i) => (w === 0 ? [i] : []));

test("pruned layers answer as masked ones do, and the command tells the bytes that are in the file", async () => {
  const { now, said } = await packed(step("prune-magnitude", { sparsity: 0.7 }));
  expect(said.slice(0, 2)).toMatchObject([{ name: "0.weight", encoding: "sparse f32" }, { name: "1.weight" }]);
  const weight = await weightIn(now, "0.weight");
  expect(zerosOf(weight).length).toBe(Math.round(0.7 * 64 * 48));
  const masked = copyOf(graph);
  for (const { name } of said) {
    const { dims, dtype } = graph.initializers.get(name)!;
    masked.initializers.set(name, { dims, dtype, data: Float32Array.from(await weightIn(now, name)) });
  }
  const [ours, theirs] = [await runGraph(now, denseRows(graph)), await runGraph(masked, denseRows(graph))];
  for (const [i, y] of theirs["y"]!.entries()) expect(ours["y"]![i]).toBeCloseTo(y, 4);
  // A bit a place, 4 bytes a kept number in rows of 64, and the nodes that unpack them.
  expect(said[0]!.bytes.after - (64 * 48) / 8 - 4 * 0.3 * 64 * 48).toBeLessThan(64 * 4 + 1400);
});

test.each(["int8-row", "int4-row", "codebook"])("%s behind prune-magnitude keeps every zero", async (use) => {
  const { now: before } = await packed(step("prune-magnitude", { sparsity: 0.7 }));
  const { now } = await packed(step("prune-magnitude", { sparsity: 0.7 }), step(use));
  const zeros = zerosOf(await weightIn(before, "0.weight"));
  const weight = await weightIn(now, "0.weight");
  expect(zeros.every((i) => weight[i] === 0)).toBe(true);
  if (use === "codebook") expect(new Set(weight).size).toBeLessThanOrEqual(17);
});

test("2 of 4 stay through clustering of what is left, and through both kinds of 8-bit layers", async () => {
  const pruned = step("prune-weights", { pattern: "2:4" });
  const { now } = await packed(pruned);
  const zeros = zerosOf(await weightIn(now, "0.weight"));
  expect(zeros.length).toBe((64 * 48) / 2);
  for (let out = 0; out < 48; out++) {
    for (let first = 0; first < 64; first += 4)
      expect([0, 1, 2, 3].filter((k) => zeros.includes((first + k) * 48 + out)).length).toBe(2);
  }
  for (const use of ["quantize-static", "quantize-dynamic"]) {
    const { now: quantized, said } = await packed(pruned, step(use));
    expect(said[0]!.encoding).toMatch(/^50 % zeros; int8/);
    const weight = quantized.initializers.get("0.weight.int8")!.data as Int8Array;
    expect(zeros.every((i) => weight[i] === 0)).toBe(true);
  }
  const { now: clustered } = await packed(pruned, step("prune-magnitude", { sparsity: 0.5 }), step("codebook"));
  const weight = await weightIn(clustered, "0.weight");
  expect(zeros.every((i) => weight[i] === 0)).toBe(true);
});

test("codebook packs the levels of clustered layers as they are, in float32 and in 8 bits", async () => {
  const clustered = step("cluster-weights", { clusters: 16 });
  const { now: alone } = await packed(clustered);
  const levels = await weightIn(alone, "0.weight");
  expect(new Set(levels).size).toBe(16);
  const { now, said } = await packed(clustered, step("codebook", { levels: "f32" }));
  expect(await weightIn(now, "0.weight")).toEqual(levels);
  expect(said[0]).toMatchObject({ encoding: "16 levels; codebook" });
  // Half a byte a number; the pairs of 16 levels and nodes take some 2.5 KB a layer.
  const saved = encodeOnnx(graph).length - encodeOnnx(now).length;
  expect(saved).toBeGreaterThan(3.5 * (64 * 48 + 48 * 32 + 32) - 3 * 2800);
});

test("codebook packs clustered layers in 8 bits as they are, where that is smaller", async () => {
  const wide = denseGraph("gemm", [256, 128, 32, 1]);
  const steps = [step("cluster-weights", { clusters: 16 }), step("quantize-static", { perChannel: false })];
  const { now: quantized } = await packedOf(wide, ...steps);
  // So many levels that the head, which is float32, stays what it is.
  const { now, said } = await packedOf(wide, ...steps, step("codebook", { clusters: 32, levels: "f32" }));
  expect(said.find(({ name }) => name === "0.weight.int8")).toMatchObject({ encoding: "codebook" });
  expect(await weightIn(now, "0.weight.int8", wide)).toEqual(await weightIn(quantized, "0.weight.int8", wide));
  const [ours, theirs] = [await runGraph(now, denseRows(wide)), await runGraph(quantized, denseRows(wide))];
  for (const [i, y] of theirs["y"]!.entries()) expect(ours["y"]![i]).toBeCloseTo(y, 4);
  const saved = encodeOnnx(quantized).length - encodeOnnx(now).length;
  expect(saved).toBeGreaterThan((256 * 128) / 2 - 3500);
  expect(said.find(({ name }) => name === "1.weight.int8")?.refused).toMatch(/^it would not shrink: 4\.10 KB to 5/);
});

test("8-bit numbers that a pass would change stay", async () => {
  const { said } = await packed(step("quantize-static"), step("codebook"));
  expect(said.find(({ name }) => name === "0.weight.int8")?.refused).toBe("its 8-bit numbers would change");
});

test("thin products are quantised, too; a factor that saves nothing is refused", async () => {
  const { now, said } = await packed(step("factorize", { rank: 12 }), step("quantize-static", { least: 256 }));
  expect(said[0]!.encoding).toBe("rank 12 of 48");
  expect(now.initializers.get("0.weight.in.int8")?.dims).toEqual([64, 12]);
  await expect(packed(step("factorize", { energy: 1 }))).rejects.toThrow(/rank 48 of 48 would be more work, not less/);
});
