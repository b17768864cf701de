// Dense layers in 8 bits, the range of what they read calibrated once over rows (ONNX Runtime's static quantisation, in
// its QDQ form, whose fusions make QGemm or QLinearMatMul of it):
//
//     Gemm(x, W, b)   →  Gemm(DQ(Q(x)), DQ(W₈), DQ(b₃₂))     b₃₂ = round(b / (s scales)), exact in the sums
//                        Gemm(DQ(Q(x)), DQ(W₈)) + b          before an activation that does not end in 8 bits: ONNX
//                                                            Runtime would join the two and multiply in float32
//     MatMul(x, W)    →  MatMul(DQ(Q(x)), DQ(W₈))
//
// What a layer reads by DQ(Q(x)) already, as a graph that learnt its ranges has it, keeps that range.

import { z } from "zod";
import { calibrate, type Step, saturationNotes, stepOf, withKnownStep } from "../engine/int8/activations.ts";
import { dequantized, type Int8Weights, int8Weights } from "../engine/int8/weights.ts";
import { chosenLayers } from "../engine/layer-changes.ts";
import { projectInt8 } from "../engine/projections.ts";
import { asKept, biasOf, type DenseLayer, isProduct, layerBytes, weightOf } from "../graph/dense-layers.ts";
import { replacement } from "../graph/replacement.ts";
import { float32, int32, uint8 } from "../graph/tensor.ts";
import { type Uses, usesOf } from "../graph/uses.ts";
import { defineLayerPass, type LayerChange } from "../kinds/layer-pass.ts";

const options = z.strictObject({
  method: z
    .enum(["minmax", "moving-average", "percentile", "entropy", "mse"])
    .default("minmax")
    .describe("How the range of what a layer reads follows from rows."),
  percentile: z.number().gt(50).max(100).default(99.99).describe("By percentile: of the numbers that stay within."),
  averaging: z.number().gt(0).max(1).default(0.01).describe("By moving average: weight of the newest batch."),
  rows: z.number().int().min(1).max(1e7).default(4096).describe("Rows to calibrate on, at most."),
  perChannel: z.boolean().default(true).describe("A scale for each output of a layer; false: one for the layer."),
  reduceRange: z.boolean().default(false).describe("Weights in 7 bits, whose sums cannot saturate without VNNI."),
  least: z.number().int().min(0).default(1024).describe("Layers of fewer weights than this stay float32."),
});

export default defineLayerPass({
  name: "quantize-static",
  summary: "Multiply in 8 bits, with ranges that are calibrated once, over rows.",
  options,
  needsRows: () => true,
  // Entropy and percentile clip on purpose.
  tolerance: ({ method }) => (method === "minmax" || method === "mse" ? 0.1 : 0.5),
  aware: ({ averaging, least, ...weights }) => ({
    ...{ averaging, least },
    project: (b, weight, axis) => projectInt8(b, weight, axis, weights),
  }),
  async apply(graph, given, context) {
    const uses = usesOf(graph);
    const { layers: chosen, refused } = chosenLayers(uses, { opset: 13, least: given.least });
    const layers = chosen.map((layer) => withKnownStep(uses, layer));
    const ranges = await calibrate(
      graph,
      layers.filter(({ known }) => !known),
      given,
      context,
    );
    const quantized = layers.map((layer) => {
      const step = layer.known ?? stepOf(ranges.get(layer.x)!);
      return {
        ...layer,
        step,
        weights: int8Weights(weightOf(uses, layer), layer.outs, given, leastScale(uses, layer, step)),
      };
    });
    const steps = new Map(quantized.map(({ name, step }) => [name, step]));
    const notes = given.reduceRange
      ? undefined
      : await saturationNotes(graph, quantized, ({ name }) => steps.get(name)!, context);
    const inputs = new Set(quantized.filter(shrinks).map(({ x }) => x));
    const forms = quantized.map((layer) => ({ ...layer, inSums: sumsBias(uses, layer, inputs) }));
    const changes = forms.map((layer): LayerChange => {
      const { name } = layer;
      const note = notes?.get(name);
      if (!shrinks(layer)) return { name, refused: "it would not shrink" };
      put(uses, layer);
      const bytes = { before: layerBytes(layer), after: bytesAfter(layer) };
      const stands = { [name]: asKept(layer, dequantized(layer.weights)) };
      return { name, encoding: "int8, static", bytes, stands, ...(note && { note }) };
    });
    uses.removeUnused();
    return [...changes, ...refused];
  },
});

/** Biases are kept in units of step · scale in 32 bits, which bounds the scale from below. */
function leastScale(uses: Uses, layer: DenseLayer, { scale }: Step): number {
  const most = biasOf(uses, layer)?.reduce((m, b) => Math.max(m, Math.abs(b)), 0) ?? 0;
  return most / (2 ** 30 * scale);
}

type Quantized = DenseLayer & { readonly weights: Int8Weights; readonly step: Step };

/** What ONNX Runtime joins with a Gemm in front of it. */
const joined = new Set([
  "Relu",
  "LeakyRelu",
  "Sigmoid",
  "Tanh",
  "Elu",
  "Selu",
  "Softplus",
  "Softsign",
  "HardSigmoid",
  "ThresholdedRelu",
]);

/** Whether the bias goes into the sums of a Gemm; `inputs` are the values that layers in 8 bits read. */
function sumsBias(uses: Uses, { product, bias, y }: DenseLayer, inputs: ReadonlySet<string>): boolean {
  if (product.op !== "Gemm" || bias === undefined) return false;
  const [reader, ...others] = uses.readers(y);
  if (!reader || others.length > 0 || uses.isOutput(y) || !joined.has(reader.op)) return true;
  const after = reader.outputs[0]!;
  const ends = uses
    .readers(after)
    .every((node) => node.op === "QuantizeLinear" || (isProduct(node) && node.inputs[0] === after));
  return reader.op === "Relu" && inputs.has(after) && ends && !uses.isOutput(after);
}

const shrinks = (layer: Quantized): boolean => bytesAfter({ ...layer, inSums: true }) < layerBytes(layer);

function bytesAfter({ weights, bias, outs, product, inSums }: Quantized & { readonly inSums: boolean }): number {
  const { data, scales } = weights;
  const ofBias = bias === undefined ? 0 : 4 * outs + (inSums && product.op === "Gemm" ? 8 * scales.length : 0);
  return 5 + data.length + 5 * scales.length + ofBias;
}

function put(uses: Uses, layer: Quantized & { readonly inSums: boolean }): void {
  const { name, product, x, ins, outs, step, inSums } = layer;
  const { data, scales } = layer.weights;
  const one = scales.length === 1;
  const bias = biasOf(uses, layer);
  const made = replacement(uses, product, name);
  const scale = made.constant("x.scale", float32([], Float32Array.of(step.scale)));
  const zero = made.constant("x.zero", uint8([], Uint8Array.of(step.zero)));
  const input = made.node("DequantizeLinear", [made.node("QuantizeLinear", [x, scale, zero]), scale, zero]);
  const per = one ? [] : [outs];
  const weight = made.node(
    "DequantizeLinear",
    [
      made.constant("int8", { dtype: "int8", dims: [ins, outs], data }),
      made.constant("scales", float32(per, scales)),
      made.constant("zeros", { dtype: "int8", dims: per, data: new Int8Array(scales.length) }),
    ],
    { axis: 1 },
  );
  const [y] = product.outputs as [string];
  if (inSums && bias) {
    const units = scales.map((s) => s * step.scale);
    const whole = Int32Array.from(bias, (b, i) => Math.round(b / units[one ? 0 : i]!));
    const zeros = int32(per, new Int32Array(scales.length));
    const parts = [int32([outs], whole), float32(per, units), zeros];
    const names = ["bias", "bias.scales", "bias.zeros"].map((label, i) => made.constant(label, parts[i]!));
    made.node("Gemm", [input, weight, made.node("DequantizeLinear", names, { axis: 0 })], {}, [y]);
  } else if (product.op === "Gemm" && layer.bias !== undefined) {
    made.node("Add", [made.node("Gemm", [input, weight]), layer.bias], {}, [y]);
  } else made.node(product.op, [input, weight], {}, [y]);
  made.done();
}
