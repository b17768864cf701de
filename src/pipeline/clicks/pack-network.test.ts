// A network of a click recipe that loses parts before it is packed.

import { afterAll, expect, test } from "vitest";
import { createRng } from "../../base/rng.ts";
import { networkGraph } from "../../engine/network-graph.ts";
import { onnxRuntime } from "../../node/onnx-runtime.ts";
import { openKernels } from "../../node/threads.ts";
import { decodeOnnx } from "../../onnx/decode.ts";
import { encodeOnnx } from "../../onnx/encode.ts";
import { registry } from "../registry.ts";
import { checkPacked, packedOptions, packNetwork } from "./pack-network.ts";

const kernels = await openKernels(1);
afterAll(() => kernels.close());
const around = { kernels, runtime: onnxRuntime({ threads: 1 }) };

const rng = createRng("pack");
const method = registry.find("network", "dcnv2", "test");
const inputs = { fields: 3, rows: 30, numeric: 0, bags: [], dense: [] };
const options = method.options.parse({ d: 4, hidden: [12, 12], crossLayers: 2, rank: 2, experts: 3, batchNorm: false });
const { graph } = networkGraph(method, options, inputs, rng.fork("start"));
const n = 300;
const rows = {
  ...{ n, fields: 3, numbers: 0, numeric: new Float32Array(0), bags: [], dense: [] },
  ids: Int32Array.from({ length: 3 * n }, () => rng.below(30)),
  label: Float32Array.from({ length: n }, () => rng.below(2)),
};

test("blocks and experts go by the loss of training rows, and the numbers that went are counted", async () => {
  const source = { onnx: encodeOnnx(graph), rows, name: "small" };
  const wish = packedOptions
    .omit({ of: true })
    .parse({ experts: 0.3, blocks: ["mlp.1.weight"], passes: [{ use: "fp16" }] });
  const { onnx, fewer, flops } = await packNetwork(source, wish, around);
  const left = decodeOnnx(onnx, "small");
  expect(left.initializers.get("cross.gate")!.dims).toEqual([12, 2]);
  expect(left.initializers.has("mlp.1.weight")).toBe(false);
  // An expert: in two layers 12 × 2 in, 2 × 2, 2 × 12 out; a column of the gate. The block: 12 × 12 and 12.
  expect(fewer).toBe(2 * (24 + 4 + 24) + 12 + 156);
  expect(flops).toBeLessThan(
    (await packNetwork(source, packedOptions.omit({ of: true }).parse({ passes: [{ use: "fp16" }] }), around)).flops,
  );
});

test("it must say how", () => {
  expect(() => checkPacked(packedOptions.parse({ of: "one" }), "networks[0]")).toThrow(
    /neurons, heads, experts or blocks/,
  );
  expect(() => checkPacked(packedOptions.parse({ of: "one", blocks: 0.5 }), "networks[0]")).not.toThrow();
});
