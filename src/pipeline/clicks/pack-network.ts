// A network of the recipe made smaller: its embedding tables and its dense layers packed by passes, as one more network
// that is measured, gated and sealed like the others.

import { z } from "zod";
import { UserError } from "../../base/errors.ts";
import { createRng } from "../../base/rng.ts";
import { batches, type Examples } from "../../data/examples.ts";
import { networkFlops } from "../../engine/network-size.ts";
import type { Graph } from "../../graph/graph.ts";
import { elements } from "../../graph/tensor.ts";
import { parseOptions } from "../../kinds/options.ts";
import { decodeOnnx } from "../../onnx/decode.ts";
import { encodeOnnx } from "../../onnx/encode.ts";
import { inspectModel } from "../../recommender/foreign/inspect.ts";
import { observer } from "../graphs/observe.ts";
import { packGraph } from "../graphs/pack-graph.ts";
import { differentiable } from "../import-model.ts";
import { fileName, fill, type Step, step } from "../recipe.ts";
import { registry } from "../registry.ts";
import type { Surroundings } from "../surroundings.ts";

/** In place of a network's name. */
export const packedUse = "packed";

/** Rows of one run. */
const atOnce = 4096;

/** The options of a packed network. */
export const packedOptions = z.strictObject({
  of: fileName.describe("the network of the recipe that is packed"),
  passes: z.array(step).max(20).default([]).describe("passes over its embedding tables"),
  neurons: z
    .number()
    .min(0)
    .lt(1)
    .optional()
    .describe("share of every hidden layer's neurons that goes first; 0: those that change no answer"),
  layers: z
    .array(step)
    .max(20)
    .default([])
    .describe("layer passes over its dense layers, or passes over their weights; without any they stay float32"),
});

/** What is done to it. */
export type Packed = Omit<PackedOptions, "of">;

export type PackedOptions = z.output<typeof packedOptions>;

/** Throws where a pass or one of its options is unknown, or names tables, which are those of a recommender. */
export function checkPacked({ passes, layers, neurons }: PackedOptions, where: string): void {
  if (passes.length + layers.length === 0 && neurons === undefined)
    throw new UserError(`${where} (packed): say how, by passes, layers or neurons.`);
  for (const [key, steps] of Object.entries({ passes, layers })) {
    for (const [i, one] of steps.entries()) {
      const at = `${where}.${key}[${i}]`;
      if (key === "passes") fill("pass", one, at);
      else fillLayerStep(one, at);
      if ("tables" in one)
        throw new UserError(`${at} (${one.use}): tables name those of a recommender; a network's are all packed.`);
    }
  }
}

function fillLayerStep({ use, ...options }: Step, where: string): void {
  parseOptions(registry.findForLayers(use, where).options, options, `${where} (${use})`);
}

export interface Source {
  readonly onnx: Uint8Array;
  /** Rows of train, by the columns that it reads. */
  readonly rows: Examples;
  readonly name: string;
}

/** The network packed, and how many numbers fewer it has: those of neurons that went. */
export async function packNetwork(
  { onnx, rows, name }: Source,
  { neurons, passes, layers }: Packed,
  { kernels, runtime }: Pick<Surroundings, "kernels" | "runtime">,
): Promise<{ onnx: Uint8Array; fewer: number; flops: number }> {
  const graph = decodeOnnx(onnx, name);
  const before = numbersOf(graph);
  const around = { kernels, observe: observer({ batches: (n) => feedsOf(rows, n) }, runtime), rowsGiven: true };
  if (neurons !== undefined) await packGraph(graph, [], { neurons, tables: [], layers: [] }, around);
  const [fewer, flops] = [before - numbersOf(graph), networkFlops(graph)];
  if (neurons === undefined || passes.length + layers.length > 0) {
    const { tables } = inspectModel(graph, differentiable);
    const plan = {
      tables: passes.map(({ use, ...options }) => ({ pass: registry.find("pass", use, name), options })),
      layers: layers.map(({ use, ...options }) => ({ pass: registry.findForLayers(use, name), options })),
    };
    await packGraph(graph, tables, plan, around);
  }
  return { onnx: encodeOnnx(graph), fewer, flops };
}

const numbersOf = ({ initializers }: Graph): number =>
  [...initializers.values()].reduce((n, { dims }) => n + elements(dims), 0);

/** Feeds of at most `n` rows, drawn by a seed. */
function* feedsOf(rows: Examples, n: number) {
  let left = n;
  for (const { feeds, n: own } of batches(rows, {
    batch: Math.min(n, atOnce),
    rng: createRng("compress").fork("rows"),
  })) {
    if (own > left) return;
    yield feeds;
    left -= own;
  }
}
