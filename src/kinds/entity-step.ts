// How a distillation loss over embeddings that is kernels, and no piece of a graph, meets a student.

import type { Rng } from "../base/rng.ts";
import type { Kernels } from "../kernels/kernels.ts";
import type { Scope } from "../kernels/memory.ts";
import type { PlacedNodes } from "../kernels/nodes.ts";

export type Sides<T> = Readonly<Record<"user" | "item", T>>;

export interface EntityContext {
  readonly kernels: Kernels;
  readonly scope: Scope;
  readonly placed: PlacedNodes;
  /** The most entities of a batch. */
  readonly most: Sides<number>;
  readonly rng: Rng;
  readonly learningRate: number;
  /** L2 in every gradient of what a loss learns beside the student. */
  readonly decay: number;
}

/**
 * Adds the gradient of scale · loss over the nodes of a batch, none twice and all in kernel memory; returns that.
 * `progress` is the share of the training that is done.
 */
export type EntityStep = (entities: Sides<Int32Array>, scale: number, progress: number) => Promise<number>;
