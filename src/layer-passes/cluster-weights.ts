// Weights of a dense layer as a few levels that many share (weight clustering: Han et al., Deep Compression, arXiv
// 1510.00149). The file stays as large and a run as long; training that follows moves a level as one, and `codebook` packs
// it. Zeros of a pruned layer stay zeros and are a level of their own.

import { z } from "zod";
import { levelsFrom, nearest, starts } from "../engine/clusters.ts";
import { isPruned } from "../engine/kept-structure.ts";
import { chosenLayers } from "../engine/layer-changes.ts";
import { asKept, layerBytes, weightOf } from "../graph/dense-layers.ts";
import { usesOf } from "../graph/uses.ts";
import { defineLayerPass, type LayerChange } from "../kinds/layer-pass.ts";

export default defineLayerPass({
  name: "cluster-weights",
  summary: "Give the weights of a layer a few levels that they share, and zeros one of their own.",
  options: z.strictObject({
    clusters: z.int().min(2).max(256).default(16).describe("Levels of a layer, at most."),
    start: z
      .enum(starts)
      .default("linear")
      .describe("Where k-means starts: evenly over the range, over the weights, or drawn apart from each other."),
    least: z.number().int().min(0).default(1024).describe("Layers of fewer weights than this stay as they are."),
  }),
  needsRows: () => false,
  tolerance: () => 1e-5,
  aware: () => ({ first: true }),
  async apply(graph, { clusters, start, least }, { rng }) {
    const uses = usesOf(graph);
    const { layers, refused } = chosenLayers(uses, { opset: 7, least });
    const changes = layers.map((layer): LayerChange => {
      const weight = weightOf(uses, layer);
      const zeros = isPruned(graph.initializers.get(layer.name)!);
      const moving = zeros ? weight.filter((w) => w !== 0) : weight;
      const levels = levelsFrom(moving, zeros ? clusters - 1 : clusters, start, rng.fork(layer.name));
      const near = nearest(weight, levels);
      const kept = asKept(layer, zeros ? near.map((w, i) => (weight[i] === 0 ? 0 : w)) : near);
      graph.initializers.set(layer.name, kept);
      const bytes = layerBytes(layer);
      const encoding = `${levels.length + Number(zeros)} levels`;
      return { name: layer.name, encoding, bytes: { before: bytes, after: bytes }, stands: { [layer.name]: kept } };
    });
    return [...changes, ...refused];
  },
});
