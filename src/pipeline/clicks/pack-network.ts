// A network of the recipe made smaller: its embedding tables and, at will, its dense layers packed by passes, as one more
// network that is measured, gated and sealed like the others.

import { z } from "zod";
import { UserError } from "../../base/errors.ts";
import { networkFlops } from "../../engine/network-size.ts";
import type { Graph } from "../../graph/graph.ts";
import { elements } from "../../graph/tensor.ts";
import { decodeOnnx } from "../../onnx/decode.ts";
import { encodeOnnx } from "../../onnx/encode.ts";
import { inspectModel } from "../../recommender/foreign/inspect.ts";
import { packGraph } from "../graphs/pack-graph.ts";
import { differentiable } from "../import-model.ts";
import { fileName, fill, type Step, step } from "../recipe.ts";
import { registry } from "../registry.ts";
import type { Surroundings } from "../surroundings.ts";

/** In place of a network's name. */
export const packedUse = "packed";

/** The options of a packed network. */
export const packedOptions = z.strictObject({
  of: fileName.describe("the network of the recipe that is packed"),
  passes: z.array(step).max(20).default([]).describe("passes over its embedding tables"),
  neurons: z.number().gt(0).lt(1).optional().describe("share of every hidden layer's neurons that goes first"),
  layers: z
    .array(step)
    .max(20)
    .default([])
    .describe("passes over the weights of its dense layers, which else stay float32"),
});

/** What is done to it. */
export type Packed = Omit<PackedOptions, "of">;

export type PackedOptions = z.output<typeof packedOptions>;

/** Throws where a pass or one of its options is unknown, or names tables, which are those of a recommender. */
export function checkPacked({ passes, layers }: PackedOptions, where: string): void {
  for (const [key, steps] of Object.entries({ passes, layers })) {
    for (const [i, one] of steps.entries()) {
      const at = `${where}.${key}[${i}]`;
      fill("pass", one, at);
      if ("tables" in one)
        throw new UserError(`${at} (${one.use}): tables name those of a recommender; a network's are all packed.`);
    }
  }
}

/** The network packed, and how many numbers fewer it has: those of neurons that went. */
export async function packNetwork(
  onnx: Uint8Array,
  name: string,
  { neurons, passes, layers }: Packed,
  { kernels }: Pick<Surroundings, "kernels">,
): Promise<{ onnx: Uint8Array; fewer: number; flops: number }> {
  const graph = decodeOnnx(onnx, name);
  const before = numbersOf(graph);
  if (neurons !== undefined) await packGraph(graph, [], { neurons, tables: [], layers: [] }, kernels);
  const [fewer, flops] = [before - numbersOf(graph), networkFlops(graph)];
  const found = (steps: readonly Step[]) =>
    steps.map(({ use, ...options }) => ({ pass: registry.find("pass", use, name), options }));
  if (neurons === undefined || passes.length + layers.length > 0) {
    const { tables } = inspectModel(graph, differentiable);
    await packGraph(graph, tables, { tables: found(passes), layers: found(layers) }, kernels);
  }
  return { onnx: encodeOnnx(graph), fewer, flops };
}

const numbersOf = ({ initializers }: Graph): number =>
  [...initializers.values()].reduce((n, { dims }) => n + elements(dims), 0);
