// Single weights of dense layers set to 0: the smallest of a layer, or of every m inputs of an output all but the n largest
// (n:m sparsity, Mishra et al., arXiv 2104.08378). The file stays as large and a run as long: what follows makes use of
// the zeros. Quantisation to 8 bits keeps them; `prune-magnitude` packs them; gzip sees them. In training weights are
// pruned at once, or more and more of them (Zhu & Gupta, arXiv 1710.01878):
//
//     share of zeros after t of the updates  =  sparsity · (1 - (1 - (t - begin) / (end - begin))³)

import { z } from "zod";
import { chosenLayers } from "../engine/layer-changes.ts";
import { asKept, type DenseLayer, layerBytes, weightOf } from "../graph/dense-layers.ts";
import { usesOf } from "../graph/uses.ts";
import { defineLayerPass, type LayerChange } from "../kinds/layer-pass.ts";

export default defineLayerPass({
  name: "prune-weights",
  summary: "Set the smallest weights of layers to 0, over a layer or within every m inputs of an output.",
  options: z
    .strictObject({
      sparsity: z.number().gt(0).lt(1).default(0.5).describe("The share of a layer's weights that becomes 0."),
      pattern: z
        .string()
        .regex(/^[1-9]\d?:[1-9]\d?$/, 'must be n:m such as "2:4"')
        .optional()
        .describe('Such as "2:4": of every 4 inputs of an output 2 stay; in place of `sparsity`.'),
      least: z.number().int().min(0).default(1024).describe("Layers of fewer weights than this stay as they are."),
      schedule: z
        .enum(["constant", "polynomial"])
        .default("constant")
        .describe("In training: all zeros at once, or more and more, by a cubic curve."),
      begin: z.number().min(0).max(0.9).default(0).describe("By the curve: the share of training where it begins."),
      end: z.number().gt(0).max(0.9).default(0.5).describe("By the curve: the share of training where it ends."),
      every: z.number().int().min(1).max(1e6).default(100).describe("By the curve: updates from one mask to the next."),
    })
    .refine(({ pattern }) => pattern === undefined || !(parts(pattern)[0] >= parts(pattern)[1]), {
      error: "must keep fewer than it has",
      path: ["pattern"],
    })
    .refine(({ pattern, schedule }) => pattern === undefined || schedule === "constant", {
      error: "must be constant with a pattern, which has no shares between",
      path: ["schedule"],
    })
    .refine(({ begin, end }) => begin < end, { error: "must be after begin", path: ["end"] }),
  needsRows: () => false,
  tolerance: () => 1e-5,
  aware: ({ schedule, sparsity, least, begin, end, every }) =>
    schedule === "constant"
      ? { first: true }
      : {
          least,
          pruning: {
            ...{ every, end },
            zero(weight, done) {
              const left = 1 - Math.min(1, Math.max(0, (done - begin) / (end - begin)));
              zeroShare(weight, sparsity * (1 - left ** 3));
            },
          },
        },
  async apply(graph, { sparsity, pattern, least }) {
    const uses = usesOf(graph);
    const { layers, refused } = chosenLayers(uses, { opset: 7, least });
    const changes = layers.map((layer): LayerChange => {
      const weight = weightOf(uses, layer);
      if (pattern === undefined) zeroShare(weight, sparsity);
      else zeroWithin(weight, layer, parts(pattern));
      const kept = asKept(layer, weight);
      graph.initializers.set(layer.name, kept);
      const zeros = weight.reduce((n, w) => n + Number(w === 0), 0);
      const bytes = layerBytes(layer);
      const encoding = `${((100 * zeros) / weight.length).toFixed(0)} % zeros`;
      return { name: layer.name, encoding, bytes: { before: bytes, after: bytes }, stands: { [layer.name]: kept } };
    });
    return [...changes, ...refused];
  },
});

const parts = (pattern: string) => pattern.split(":").map(Number) as [n: number, m: number];

const zeroShare = (weight: Float32Array, share: number) =>
  zeroSmallest(weight, Array.from(weight.keys()), Math.round(share * weight.length));

/** Of every m inputs of an output, the last ones of a shorter group included, n stay. */
function zeroWithin(weight: Float32Array, { ins, outs }: DenseLayer, [n, m]: readonly [number, number]): void {
  for (let out = 0; out < outs; out++) {
    for (let first = 0; first < ins; first += m) {
      const places = Array.from({ length: Math.min(m, ins - first) }, (_, k) => (first + k) * outs + out);
      zeroSmallest(weight, places, places.length - n);
    }
  }
}

/** Of equals the later go. */
function zeroSmallest(weight: Float32Array, places: number[], count: number): void {
  places.sort((i, j) => Math.abs(weight[i]!) - Math.abs(weight[j]!) || j - i);
  for (const place of places.slice(0, Math.max(0, count))) weight[place] = 0;
}
