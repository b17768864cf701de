import { expect, test } from "vitest";
import { denseGraph, denseRows, layerContext } from "../../../test/dense-graphs.ts";
import { withKernels } from "../../../test/pass-runs.ts";
import quantizeDynamic from "../../layer-passes/quantize-dynamic.ts";
import quantizeStatic from "../../layer-passes/quantize-static.ts";
import { onnxRuntime } from "../../node/onnx-runtime.ts";
import { copyOf } from "../graphs/pack-tables.ts";
import { saturatingSums } from "./sums.ts";

const kernels = withKernels();
const graph = denseGraph("gemm", [64, 64]);
(graph.initializers.get("0.weight")!.data as Float32Array).fill(1);
const ones = { x: { dtype: "float32" as const, dims: [4, 64], data: new Float32Array(256).fill(1) } };

test.each([quantizeDynamic, quantizeStatic])("$name: sums that saturate are found, in 7 bits none", async (pass) => {
  const found = async (reduceRange: boolean) => {
    const edited = copyOf(graph);
    await pass.apply(edited, pass.options.parse({ reduceRange }) as never, layerContext(ones, kernels()));
    return saturatingSums(edited, ones, onnxRuntime({ threads: 1 }));
  };
  expect(await found(false)).toEqual([
    {
      ...{ kind: "sums-saturate", where: "0.weight.int8", bytes: 0 },
      what: `on x86 without VNNI 100 % of its sums saturate on made-up rows, by up to ${32 * (2 * 127 * 255 - 32767)} steps.`,
      mend: "reduceRange: true of quantize-static or quantize-dynamic: weights in 7 bits.",
    },
  ]);
  expect(await found(true)).toEqual([]);
});

test("a graph in float32 has none", async () => {
  expect(await saturatingSums(graph, denseRows(graph), onnxRuntime({ threads: 1 }))).toEqual([]);
});
