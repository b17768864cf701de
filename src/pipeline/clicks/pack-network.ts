// A network of the recipe made smaller: its embedding tables and its dense layers packed by passes, as one more network
// that is measured, gated and sealed like the others.

import { z } from "zod";
import type { ForeignManifest } from "../../artifact/foreign.ts";
import { UserError } from "../../base/errors.ts";
import { createRng } from "../../base/rng.ts";
import { batches, type Examples } from "../../data/examples.ts";
import { networkFlops } from "../../engine/network-size.ts";
import type { Graph } from "../../graph/graph.ts";
import type { Runtime } from "../../graph/runtime.ts";
import { elements } from "../../graph/tensor.ts";
import { parseOptions } from "../../kinds/options.ts";
import { decodeOnnx } from "../../onnx/decode.ts";
import { encodeOnnx } from "../../onnx/encode.ts";
import { inspectModel } from "../../recommender/foreign/inspect.ts";
import { qualityOf } from "../graphs/answer-rows.ts";
import { observer } from "../graphs/observe.ts";
import { packGraph } from "../graphs/pack-graph.ts";
import { answersBy, copied, cutWith } from "../graphs/parts/choose.ts";
import { type PartWishes, wishesOf } from "../graphs/parts/part.ts";
import { differentiable } from "../import-model.ts";
import { fileName, fill, type Step, step, wished } from "../recipe.ts";
import { registry } from "../registry.ts";
import type { Surroundings } from "../surroundings.ts";

/** In place of a network's name. */
export const packedUse = "packed";

/** Rows of one run, and those that parts are measured on, at most. */
const [atOnce, measured] = [4096, 8192];

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
  heads: wished.optional().describe("share of the heads of attentions that goes first, or their names"),
  experts: wished.optional().describe("share of the experts of mixtures that goes first, or their names"),
  blocks: wished
    .optional()
    .describe("share of the blocks that goes first (cross layers, square layers), or their names"),
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
export function checkPacked({ passes, layers, neurons, ...rest }: PackedOptions, where: string): void {
  if (passes.length + layers.length + Object.keys(wishesOf(rest)).length === 0 && neurons === undefined)
    throw new UserError(`${where} (packed): say how, by passes, layers, neurons, heads, experts or blocks.`);
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
  { neurons, passes, layers, ...rest }: Packed,
  { kernels, runtime }: Pick<Surroundings, "kernels" | "runtime">,
): Promise<{ onnx: Uint8Array; fewer: number; flops: number }> {
  const whole = decodeOnnx(onnx, name);
  const before = numbersOf(whole);
  const graph = await withoutParts(whole, wishesOf(rest), rows, runtime);
  const parts = graph !== whole;
  const around = { kernels, observe: observer({ batches: (n) => feedsOf(rows, n) }, runtime), rowsGiven: true };
  if (neurons !== undefined) await packGraph(graph, [], { neurons, tables: [], layers: [] }, around);
  const [fewer, flops] = [before - numbersOf(graph), networkFlops(graph)];
  if ((neurons === undefined && !parts) || passes.length + layers.length > 0) {
    const { tables } = inspectModel(graph, differentiable);
    const plan = {
      tables: passes.map(({ use, ...options }) => ({ pass: registry.find("pass", use, name), options })),
      layers: layers.map(({ use, ...options }) => ({ pass: registry.findForLayers(use, name), options })),
    };
    await packGraph(graph, tables, plan, around);
  }
  return { onnx: encodeOnnx(graph), fewer, flops };
}

/** The graph without the parts that are wished away, by what the log loss of training rows rises. */
async function withoutParts(graph: Graph, wishes: PartWishes, rows: Examples, runtime: Runtime): Promise<Graph> {
  if (Object.keys(wishes).length === 0) return graph;
  const drawn = Array.from(feedsOf(rows, measured), copied);
  const label = Float32Array.from(drawn.flatMap((feeds) => [...(feeds["label"]!.data as Float32Array)]));
  const trial = {
    ...{ feeds: drawn, runtime },
    async answers({ graph: cut }: { readonly graph: Graph }) {
      const answers = await answersBy(cut, drawn, runtime);
      const { auc, "log-loss": loss } = qualityOf(label, answers);
      return { answers, auc, loss };
    },
  };
  const manifest = { inputs: [], outputs: [], tables: [] } as unknown as ForeignManifest;
  return (await cutWith({ graph, manifest }, wishes, trial)).cut.graph;
}

/** Of its weights; those that say shapes are none. */
const numbersOf = ({ initializers }: Graph): number =>
  [...initializers.values()].reduce((n, { dims, dtype }) => n + (/float/.test(dtype) ? elements(dims) : 0), 0);

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
