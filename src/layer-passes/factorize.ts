// A wide product as two thin ones, by the singular value decomposition of its weight cut after r values (Eckart & Young
// 1936), wherever two cost less than one:
//
//     x W + b  →  (x A) B + b     W ≈ A B,  A of [ins, r], B of [r, outs],  r (ins + outs) < ins · outs
//
// With V the leading eigenvectors of WᵀW: A = W V, B = Vᵀ; with U those of WWᵀ, where that is smaller: A = U, B = UᵀW.

import { z } from "zod";
import { chosenLayers } from "../engine/layer-changes.ts";
import { asKept, biasOf, type DenseLayer, layerBytes, weightOf } from "../graph/dense-layers.ts";
import { replacement } from "../graph/replacement.ts";
import { float32 } from "../graph/tensor.ts";
import { type Uses, usesOf } from "../graph/uses.ts";
import { type Eigen, symmetricEigen } from "../kernels/eigen.ts";
import type { Kernels } from "../kernels/kernels.ts";
import { defineLayerPass, type LayerChange } from "../kinds/layer-pass.ts";

/** Eigenvectors of larger matrices take minutes. */
const mostSide = 1024;

export default defineLayerPass({
  name: "factorize",
  summary: "Multiply by two thin matrices in place of a wide one, where that is less work.",
  options: z.strictObject({
    rank: z.int().min(1).max(4096).optional().describe("Of the two; without it as much as `energy` needs."),
    energy: z
      .number()
      .gt(0)
      .max(1)
      .default(0.9)
      .describe("The share of a weight's squares that stays, without `rank`."),
    least: z.number().int().min(0).default(1024).describe("Layers of fewer weights than this stay as they are."),
  }),
  needsRows: () => false,
  tolerance: () => 1e-3,
  async apply(graph, { rank, energy, least }, { kernels }) {
    const uses = usesOf(graph);
    const { layers, refused } = chosenLayers(uses, { opset: 7, least });
    const changes = layers.map((layer): LayerChange => {
      const { name, ins, outs } = layer;
      if (Math.min(ins, outs) > mostSide) return { name, refused: `both of its sides are above ${mostSide}` };
      const weight = weightOf(uses, layer);
      const onOuts = outs <= ins;
      const side = Math.min(ins, outs);
      const { values, vectors } = eigenOf(kernels, gram(weight, ins, outs, onOuts), side);
      const r = rank ?? rankFor(values, energy);
      if (r * (ins + outs) >= ins * outs) return { name, refused: `rank ${r} of ${side} would be more work, not less` };
      const leading = Float32Array.from(vectors.subarray(0, r * side));
      const [a, b] = onOuts
        ? [timesRows(weight, ins, outs, leading, r), leading]
        : [transposed(leading, r, side), multiplied(leading, weight, r, ins, outs)];
      put(uses, layer, a, b, r);
      const before = layerBytes(layer);
      const after = before - weight.byteLength + a.byteLength + b.byteLength;
      const stands = { [name]: asKept(layer, multiplied(a, b, ins, r, outs)) };
      return { name, encoding: `rank ${r} of ${side}`, bytes: { before, after }, stands };
    });
    uses.removeUnused();
    return [...changes, ...refused];
  },
});

function eigenOf(kernels: Kernels, matrix: Float32Array, n: number): Eigen {
  const scope = kernels.scope();
  try {
    return symmetricEigen(kernels, scope.copy(matrix), n);
  } finally {
    scope.free();
  }
}

/** The least rank that keeps a share of Σ σ², of which `values` are the terms. */
function rankFor(values: Float64Array, energy: number): number {
  const total = values.reduce((sum, v) => sum + Math.max(0, v), 0);
  let [kept, r] = [0, 0];
  while (r < values.length && kept < energy * total) kept += Math.max(0, values[r++]!);
  return Math.max(1, r);
}

/** WᵀW, or WWᵀ. */
function gram(weight: Float32Array, ins: number, outs: number, onOuts: boolean): Float32Array {
  const rows = onOuts ? transposed(weight, ins, outs) : weight;
  const [n, width] = onOuts ? [outs, ins] : [ins, outs];
  const out = new Float32Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let k = 0; k < width; k++) sum += rows[i * width + k]! * rows[j * width + k]!;
      out[i * n + j] = sum;
    }
  }
  return out;
}

/** W · rowsᵀ for W of [n, width] and r rows. */
function timesRows(w: Float32Array, n: number, width: number, rows: Float32Array, r: number): Float32Array {
  const out = new Float32Array(n * r);
  for (let i = 0; i < n; i++) {
    for (let s = 0; s < r; s++) {
      let sum = 0;
      for (let k = 0; k < width; k++) sum += w[i * width + k]! * rows[s * width + k]!;
      out[i * r + s] = sum;
    }
  }
  return out;
}

/** [n, inner] · [inner, width]. */
function multiplied(a: Float32Array, b: Float32Array, n: number, inner: number, width: number): Float32Array {
  return timesRows(a, n, inner, transposed(b, inner, width), width);
}

function transposed(data: Float32Array, rows: number, cols: number): Float32Array {
  const out = new Float32Array(data.length);
  for (let i = 0; i < rows; i++) for (let j = 0; j < cols; j++) out[j * rows + i] = data[i * cols + j]!;
  return out;
}

function put(uses: Uses, layer: DenseLayer, a: Float32Array, b: Float32Array, r: number): void {
  const { name, product, x, ins, outs, bias } = layer;
  const made = replacement(uses, product, name);
  const thin = made.node(product.op, [x, made.constant("in", float32([ins, r], a))]);
  const inGemm = product.op === "Gemm" && biasOf(uses, layer) !== undefined;
  const [y] = product.outputs as [string];
  made.node(product.op, [thin, made.constant("out", float32([r, outs], b)), ...(inGemm ? [bias!] : [])], {}, [y]);
  made.done();
}
