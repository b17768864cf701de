// What a rule sees of a node that reads values of which a part is gone, and what it says of the node's outputs.

import { UserError } from "../../base/errors.ts";
import type { Attribute, GraphNode } from "../graph.ts";
import { type InferContext, nodeName } from "../infer/rule.ts";
import type { GraphTensor } from "../tensor.ts";
import type { Gone, GoneAxes } from "./gone.ts";

/** A size that stands for a free dimension; no width of a model is a multiple of it. */
export const free = 7919;
export const isFree = (size: number): boolean => size > 0 && size % free === 0;

export interface CutContext extends InferContext {
  /** What is gone of input i. */
  gone(i: number): Gone | undefined;
  /** Dims of the first output before anything went. */
  readonly dims: readonly number[];
  /** A constant that does not depend on free dimensions. */
  fixed(i: number): GraphTensor | undefined;
  /** Input i without `want`, of which a part may be gone already: a constant or a layer sliced, anything else picked from. */
  without(i: number, want: GoneAxes): string;
  /** What input i is on average over rows, with 1 for every free dimension; undefined where means are not to be moved. */
  mean(i: number): GraphTensor | undefined;
  /** Adds a constant. */
  put(label: string, tensor: GraphTensor): string;
  /** Adds a node in this one's place; without `outputs` it writes a new value, whose name comes back. */
  emit(
    op: string,
    inputs: readonly string[],
    attributes?: Record<string, Attribute>,
    outputs?: readonly string[],
  ): string;
  /** Adds the node itself, with other inputs. */
  keep(inputs?: readonly string[], attributes?: Record<string, Attribute>, outputs?: readonly string[]): void;
}

/** Emits what takes the node's place, and says what is gone of its outputs. Throws a UserError where it cannot. */
export type CutRule = (context: CutContext) => readonly (Gone | undefined)[];

export function refuse(node: GraphNode, why: string): never {
  throw new UserError(`${nodeName(node)}: ${why}`);
}
