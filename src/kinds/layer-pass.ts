// A layer pass makes the dense layers of a graph faster or smaller by changing its nodes: their products in whole numbers,
// fewer neurons, two thin products for a wide one. It says of each layer what it changed, or why it stays.

import type { z } from "zod";
import type { Rng } from "../base/rng.ts";
import type { Graph } from "../graph/graph.ts";
import type { GraphTensor } from "../graph/tensor.ts";
import type { Kernels } from "../kernels/kernels.ts";
import type { Learnable } from "./aware.ts";

/** What a float32 value of the graph holds for one batch. */
export interface Seen {
  readonly dims: readonly number[];
  readonly data: Float32Array;
}

export interface LayerContext {
  readonly kernels: Kernels;
  readonly rng: Rng;
  /** Runs the graph over at most `rows` rows of those that were given, else over made-up ones, and shows these values. */
  observe(
    graph: Graph,
    values: readonly string[],
    rows: number,
    see: (batch: Readonly<Record<string, Seen>>) => void,
  ): Promise<void>;
}

export type LayerChange = {
  /** The layer's weight. */
  readonly name: string;
} & (
  | { readonly refused: string }
  | {
      readonly encoding: string;
      readonly bytes: { readonly before: number; readonly after: number };
      /** Constants that the graph had, with which it would answer as it does now, but for the tolerance. */
      readonly stands: Readonly<Record<string, GraphTensor>>;
      readonly note?: string;
    }
);

export interface LayerPass<S extends z.ZodType = z.ZodType> extends Learnable<z.output<S>> {
  readonly kind: "layer-pass";
  readonly name: string;
  readonly summary: string;
  readonly options: S;
  /** Whether it learns something from rows, so that made-up ones will not do. */
  needsRows(options: z.output<S>): boolean;
  /** Largest error of an answer beside what `stands` answers, as a share of the largest answer. */
  tolerance(options: z.output<S>): number;
  /** Edits the graph in place; a layer that is refused stays as it is. */
  apply(graph: Graph, options: z.output<S>, context: LayerContext): Promise<readonly LayerChange[]>;
}

export const defineLayerPass = <S extends z.ZodType>(method: Omit<LayerPass<S>, "kind">): LayerPass<S> => ({
  kind: "layer-pass",
  ...method,
});
