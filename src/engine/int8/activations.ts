// The inputs of dense layers in 8 bits: x ≈ s (q - z), q of 0 … 255, over a range that holds 0.

import type { DenseLayer } from "../../graph/dense-layers.ts";
import type { Graph, GraphNode } from "../../graph/graph.ts";
import { elements } from "../../graph/tensor.ts";
import type { Uses } from "../../graph/uses.ts";
import type { LayerContext } from "../../kinds/layer-pass.ts";
import { counts, type Range, type RangeOptions, rangeFinder } from "./ranges.ts";
import { saturation } from "./saturation.ts";
import type { Int8Weights } from "./weights.ts";

export interface Step {
  readonly scale: number;
  readonly zero: number;
}

/** As DynamicQuantizeLinear rounds. */
export function stepOf([lo, hi]: Range): Step {
  const scale = Math.fround((hi - lo) / 255) || 1;
  return { scale, zero: Math.min(255, Math.max(0, Math.round(-lo / scale))) };
}

/** A layer and, where the graph has its input in 8 bits by constant steps (as it learnt them), the step and what is rounded. */
export function withKnownStep(uses: Uses, layer: DenseLayer): DenseLayer & { readonly known?: Step } {
  const read = uses.producer(beforeDropouts(uses, layer.x));
  const rounded = uses.producer(read?.inputs[0] ?? "");
  if (read?.op !== "DequantizeLinear" || rounded?.op !== "QuantizeLinear") return layer;
  const [known, other] = [stepIn(uses, read), stepIn(uses, rounded)];
  if (!known || !other || known.scale !== other.scale || known.zero !== other.zero) return layer;
  return { ...layer, x: rounded.inputs[0]!, known };
}

/** The value that Dropout, which answers leave as it is, reads. */
export function beforeDropouts(uses: Uses, value: string): string {
  const node = uses.producer(value);
  return node?.op === "Dropout" && node.domain === "" ? beforeDropouts(uses, node.inputs[0]!) : value;
}

function stepIn({ constant }: Uses, { inputs }: GraphNode): Step | undefined {
  const [scale, zero] = [constant(inputs[1]!), constant(inputs[2] ?? "")];
  if (scale?.dtype !== "float32" || zero?.dtype !== "uint8" || elements(scale.dims) !== 1) return undefined;
  return { scale: scale.data[0] as number, zero: zero.data[0] as number };
}

const quantized = (data: Float32Array, { scale, zero }: Step): Uint8Array =>
  Uint8Array.from(data, (x) => Math.min(255, Math.max(0, Math.round(x / scale) + zero)));

/** The range of what each layer reads, over rows. */
export async function calibrate(
  graph: Graph,
  layers: readonly DenseLayer[],
  options: RangeOptions & { readonly rows: number },
  { observe }: Pick<LayerContext, "observe">,
): Promise<ReadonlyMap<string, Range>> {
  const finders = new Map(layers.map(({ x }) => [x, rangeFinder(options)]));
  const values = [...finders.keys()];
  await observe(graph, values, options.rows, (batch) => {
    for (const [value, finder] of finders) finder.see(batch[value]!.data);
  });
  if (counts(options.method)) {
    await observe(graph, values, options.rows, (batch) => {
      for (const [value, finder] of finders) finder.count(batch[value]!.data);
    });
  }
  return new Map([...finders].map(([value, finder]) => [value, finder.range()]));
}

const simulatedRows = 64;

/** What to say of layers whose sums would saturate without VNNI, by simulating some rows. */
export async function saturationNotes(
  graph: Graph,
  layers: readonly (DenseLayer & { readonly weights: Int8Weights })[],
  stepFor: (layer: DenseLayer, data: Float32Array) => Step,
  { observe }: Pick<LayerContext, "observe">,
): Promise<ReadonlyMap<string, string>> {
  const notes = new Map<string, string>();
  const values = [...new Set(layers.map(({ x }) => x))];
  await observe(graph, values, simulatedRows, (batch) => {
    for (const layer of layers) {
      const data = batch[layer.x]!.data.subarray(0, simulatedRows * layer.ins);
      const { wrong, sums, worst } = saturation(layer.weights, layer.ins, quantized(data, stepFor(layer, data)));
      if (wrong === 0 || notes.has(layer.name)) continue;
      const share = ((100 * wrong) / sums).toPrecision(2);
      notes.set(
        layer.name,
        `without VNNI ${share} % of its sums saturate, by up to ${worst} steps; reduceRange avoids it`,
      );
    }
  });
  return notes;
}

/** The least and the largest number, and 0. */
export function spread(data: Float32Array): Range {
  let [lo, hi] = [0, 0];
  for (const x of data) {
    if (x < lo) lo = x;
    if (x > hi) hi = x;
  }
  return [lo, hi];
}
