// Which operators fold, and when.

import { elements, type GraphTensor } from "../../tensor.ts";
import type { FoldRule, InferContext, ValueType } from "../rule.ts";
import * as elementwise from "./elementwise.ts";
import * as generate from "./generate.ts";
import * as indexing from "./indexing.ts";
import * as layout from "./layout.ts";
import * as sizes from "./sizes.ts";
import { folds } from "./tensors.ts";

/** Elements of the largest tensor that is read or made: shape arithmetic and masks, never weights. */
const MOST = 65_536;

const table = (...families: Readonly<Record<string, FoldRule>>[]): ReadonlyMap<string, FoldRule> =>
  new Map(families.flatMap((family) => Object.entries(family)));

/** Need the types of their inputs alone. */
const ofTypes = table(sizes);
/** Need the numbers of every input. */
const ofNumbers = table(elementwise, generate, indexing, layout);

const small = ({ dtype, dims }: ValueType): boolean => folds(dtype) && elements(dims) <= MOST;

/** The numbers of a node's outputs, where they are known before anything runs. */
export function fold(c: InferContext, outputs: readonly ValueType[]): readonly GraphTensor[] | undefined {
  if (c.node.domain !== "") return undefined;
  const typed = ofTypes.get(c.node.op);
  if (typed) return typed(c, outputs);
  const rule = ofNumbers.get(c.node.op);
  const known = rule && outputs.every(small) && c.inputs.every((type, i) => !type || (small(type) && c.constant(i)));
  return known ? rule(c, outputs) : undefined;
}
