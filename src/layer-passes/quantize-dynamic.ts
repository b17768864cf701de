// Dense layers in 8 bits, each batch's range measured as it comes (ONNX Runtime's dynamic quantisation). Its fusions make
// one operator of what stands here in plain ones:
//
//     x W + b  →  (q - z) Q · (s · scales) + b     q, s, z = DynamicQuantizeLinear(x);  W ≈ scales · Q

import { z } from "zod";
import { saturationNotes, spread, stepOf } from "../engine/int8/activations.ts";
import { dequantized, type Int8Weights, int8Weights } from "../engine/int8/weights.ts";
import { chosenLayers } from "../engine/layer-changes.ts";
import { asKept, type DenseLayer, layerBytes, weightOf } from "../graph/dense-layers.ts";
import { dtypeCode } from "../graph/infer/dtypes.ts";
import { replacement } from "../graph/replacement.ts";
import { float32 } from "../graph/tensor.ts";
import { type Uses, usesOf } from "../graph/uses.ts";
import { defineLayerPass, type LayerChange } from "../kinds/layer-pass.ts";

const options = z.strictObject({
  perChannel: z.boolean().default(true).describe("A scale for each output of a layer; false: one for the layer."),
  reduceRange: z.boolean().default(false).describe("Weights in 7 bits, whose sums cannot saturate without VNNI."),
  least: z.number().int().min(0).default(1024).describe("Layers of fewer weights than this stay float32."),
});

export default defineLayerPass({
  name: "quantize-dynamic",
  summary: "Multiply in 8 bits, with the range of each batch measured as it comes.",
  options,
  needsRows: () => false,
  tolerance: () => 0.1,
  async apply(graph, given, context) {
    const uses = usesOf(graph);
    const { layers, refused } = chosenLayers(uses, { opset: 13, least: given.least });
    const quantized = layers.map((layer) => ({
      ...layer,
      weights: int8Weights(weightOf(uses, layer), layer.outs, given),
    }));
    const notes = given.reduceRange
      ? undefined
      : await saturationNotes(graph, quantized, (_, data) => stepOf(spread(data)), context);
    const inputs = new Map<string, Quantized>();
    const changes = quantized.map((layer): LayerChange => {
      const { name } = layer;
      const note = notes?.get(name);
      const before = layerBytes(layer);
      const after = before - 3 * layer.weights.data.length + layer.weights.scales.byteLength;
      if (after >= before) return { name, refused: "it would not shrink" };
      put(uses, layer, inputs);
      const stands = { [name]: asKept(layer, dequantized(layer.weights)) };
      return { name, encoding: "int8, dynamic", bytes: { before, after }, stands, ...(note && { note }) };
    });
    uses.removeUnused();
    return [...changes, ...refused];
  },
});

/** The names of an input's numbers in 8 bits, their scale and their zero. */
type Quantized = readonly [q: string, scale: string, zero: string];

function put(
  uses: Uses,
  { name, product, x, ins, outs, bias, weights }: DenseLayer & { readonly weights: Int8Weights },
  inputs: Map<string, Quantized>,
): void {
  const made = replacement(uses, product, name);
  let input = inputs.get(x);
  if (!input) {
    input = ["q", "scale", "zero"].map((part) => uses.unique(`${x}.${part}`)) as unknown as Quantized;
    made.node("DynamicQuantizeLinear", [x], {}, input);
    inputs.set(x, input);
  }
  const [q, scale, zero] = input;
  const { data, scales } = weights;
  const kept = made.constant("int8", { dtype: "int8", dims: [ins, outs], data });
  const sums = made.node("Cast", [made.node("MatMulInteger", [q, kept, zero])], { to: dtypeCode.float32 });
  const perOne = made.constant("scales", float32(scales.length === 1 ? [] : [outs], scales));
  const by = made.node("Mul", [scale, perOne]);
  const [y] = product.outputs as [string];
  if (product.op === "Gemm" && bias !== undefined) made.node("Add", [made.node("Mul", [sums, by]), bias], {}, [y]);
  else made.node("Mul", [sums, by], {}, [y]);
  made.done();
}
