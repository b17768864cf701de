// Graphs with dense layers in each form that exporters write, and rows for them.

import { createRng } from "../src/base/rng.ts";
import { buildGraph } from "../src/graph/builder.ts";
import type { Graph } from "../src/graph/graph.ts";
import type { RunTensor } from "../src/graph/runtime.ts";
import { elements, float32 } from "../src/graph/tensor.ts";
import type { Kernels } from "../src/kernels/kernels.ts";
import type { LayerContext } from "../src/kinds/layer-pass.ts";
import { onnxRuntime } from "../src/node/onnx-runtime.ts";
import { observer } from "../src/pipeline/graphs/observe.ts";

export const widths = [48, 40, 32, 1] as const;
export const batch = 96;

/** How layers stand: Gemm with W or Wᵀ, with batch normalisation behind it, or MatMul and Add over rows of vectors. */
export type Form = "gemm" | "transposed" | "normalised" | "matmul";
export const forms: readonly Form[] = ["gemm", "transposed", "normalised", "matmul"];

/** x → relu(… W + b) → … → one number, with weights of about unit variance of what comes out. */
export function denseGraph(form: Form, sizes: readonly number[] = widths, opset = 17): Graph {
  const b = buildGraph(form, opset);
  const rng = createRng(`dense ${form}`);
  const numbers = (dims: readonly number[], scale: number) =>
    float32(
      dims,
      Float32Array.from({ length: elements(dims) }, () => scale * rng.normal()),
    );
  const first = sizes[0]!;
  let h = b.input("x", "float32", form === "matmul" ? ["batch", 3, first] : ["batch", first]);
  for (const [l, outs] of sizes.slice(1).entries()) {
    const ins = sizes[l]!;
    const scale = Math.sqrt(2 / ins);
    const bias = b.constant(`${l}.bias`, numbers([outs], 0.2));
    if (form === "matmul") {
      const product = b.node("MatMul", [h, b.constant(`${l}.weight`, numbers([ins, outs], scale))]);
      h = b.node("Add", [product, bias]);
    } else if (form === "transposed") {
      h = b.node("Gemm", [h, b.constant(`${l}.weight`, numbers([outs, ins], scale)), bias], { transB: 1 });
    } else h = b.node("Gemm", [h, b.constant(`${l}.weight`, numbers([ins, outs], scale)), bias]);
    if (l === sizes.length - 2) break;
    if (form === "normalised") {
      const of = (label: string, shift: number) => {
        const { data } = numbers([outs], 0.1);
        return b.constant(
          `${l}.${label}`,
          float32(
            [outs],
            (data as Float32Array).map((x) => shift + x),
          ),
        );
      };
      h = b.node("BatchNormalization", [h, of("scale", 1), of("shift", 0), of("mean", 0), of("variance", 1)]);
    }
    h = b.node("Relu", [h]);
  }
  b.node("Identity", [h], {}, "y");
  b.output("y", "float32", form === "matmul" ? ["batch", 3, 1] : ["batch", 1]);
  return b.graph;
}

/** Rows whose columns hang together, as those of real inputs do. */
export function denseRows(graph: Graph, rows = batch): Record<string, RunTensor> {
  const rng = createRng("rows");
  const [{ shape } = { shape: [] }] = graph.inputs;
  const dims = [rows, ...(shape.slice(1) as number[])];
  const width = dims.at(-1)!;
  const mix = Array.from({ length: 8 * width }, () => rng.normal());
  const data = new Float32Array(elements(dims));
  for (let at = 0; at < data.length; at += width) {
    const factors = Array.from({ length: 8 }, () => rng.normal() / 3);
    for (let c = 0; c < width; c++) {
      data[at + c] = factors.reduce((sum, f, k) => sum + f * mix[k * width + c]!, 0.1 * rng.normal());
    }
  }
  return { x: { dtype: "float32", dims, data } };
}

/** A context whose rows are those of `denseRows`. */
export function layerContext(feeds: Readonly<Record<string, RunTensor>>, kernels: Kernels): LayerContext {
  const runtime = onnxRuntime({ threads: 1 });
  return { kernels, rng: createRng("layers"), observe: observer({ batches: () => [feeds] }, runtime) };
}
