// Which layers of a graph a layer pass takes on, and the reasons for the others.

import { addsOther, type DenseLayer, denseLayers, type NoLayer } from "../graph/dense-layers.ts";
import type { Uses } from "../graph/uses.ts";
import type { LayerChange } from "../kinds/layer-pass.ts";

export interface Wanted {
  /** The least version of the standard operators that what is written needs. */
  readonly opset: number;
  /** Of weights in a layer. */
  readonly least: number;
}

export interface Chosen {
  readonly layers: readonly DenseLayer[];
  readonly refused: readonly LayerChange[];
}

/** The layers that a pass may edit; all others with a reason. */
export function chosenLayers(uses: Uses, { opset, least }: Wanted): Chosen {
  const found = denseLayers(uses).map((layer) => [layer, refusal(uses, layer, { opset, least })] as const);
  return {
    layers: found.flatMap(([layer, refused]) => (refused === undefined ? [layer as DenseLayer] : [])),
    refused: found.flatMap(([{ name }, refused]) => (refused === undefined ? [] : [{ name, refused }])),
  };
}

function refusal(uses: Uses, layer: DenseLayer | NoLayer, { opset, least }: Wanted): string | undefined {
  if ("refused" in layer) return layer.refused;
  if (uses.graph.opset < opset) return `the graph is of opset ${uses.graph.opset}, this needs ${opset}`;
  if (layer.ins * layer.outs < least) return `it has ${layer.ins * layer.outs} weights, fewer than least`;
  if (addsOther(layer)) return "its Gemm adds more than a bias of its own";
  const weights = uses.graph.initializers.get(layer.name)!.data as Float32Array;
  return weights.every(Number.isFinite) ? undefined : "one of its numbers is not finite";
}
