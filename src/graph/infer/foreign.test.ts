// Models as PyTorch's exporters write them: every value has the type that ONNX Runtime gives it, folded numbers are its
// numbers, and the bound graph computes what the free one does.

import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { onnxRuntime } from "../../node/onnx-runtime.ts";
import { decodeOnnx } from "../../onnx/decode.ts";
import { encodeOnnx } from "../../onnx/encode.ts";
import { convertOpset } from "../../onnx/opset/convert.ts";
import { bindGraph } from "../bind.ts";
import type { Graph } from "../graph.ts";
import type { RunTensor } from "../runtime.ts";
import { elements } from "../tensor.ts";
import { inferGraph } from "./index.ts";

const files = ["foreign", "onnx"].flatMap((folder) =>
  readdirSync(`test/fixtures/${folder}`)
    .filter((name) => name.endsWith(".onnx") && name !== "everything.onnx")
    .map((name) => `${folder}/${name}`),
);
const runtime = onnxRuntime({ threads: 1 });
const batch = 3;

async function run(graph: Graph): Promise<Record<string, RunTensor>> {
  const session = await runtime.open(encodeOnnx(graph));
  const feeds = graph.inputs.map(({ name, dtype, shape }) => {
    const dims = shape.map((d) => (typeof d === "number" ? d : batch));
    const data =
      dtype === "int64"
        ? BigInt64Array.from({ length: elements(dims) }, (_, i) => BigInt(i % 4))
        : Float32Array.from({ length: elements(dims) }, (_, i) => Math.sin(i));
    return [name, { dtype, dims, data }];
  });
  const results = await session.run(Object.fromEntries(feeds));
  await session.close();
  return results;
}

test.each(files)("%s", async (file) => {
  const graph = decodeOnnx(new Uint8Array(readFileSync(`test/fixtures/${file}`)), file);
  // Rules know the operators of opset 21.
  if (graph.opset > 21) convertOpset(graph);
  const { types, constants } = inferGraph(graph, { batch });
  const values = graph.nodes.flatMap(({ outputs }) => outputs.filter(Boolean));
  const traced = await run({
    ...graph,
    outputs: values.map((name) => {
      const { dtype, dims } = types.get(name)!;
      return { name, dtype, shape: dims.map((_, i) => `${name}_${i}`) };
    }),
  });
  for (const name of values) {
    const { dtype, dims, data } = traced[name]!;
    expect({ dtype, dims: [...dims] }, name).toEqual(types.get(name));
    const folded = constants.get(name);
    if (folded) expect(folded.data, name).toEqual(data);
  }
  const bound = bindGraph(graph, { batch });
  expect(bound.nodes.filter(({ op }) => op === "Shape")).toEqual([]);
  const results = await run(bound);
  for (const { name } of graph.outputs) {
    const expected = traced[name]!.data as Float32Array;
    // Folding may let the runtime fuse other nodes, which rounds differently.
    (results[name]!.data as Float32Array).forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i]!, 5);
    });
  }
});
