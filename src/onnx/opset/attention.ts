// Scaled dot-product attention by what opset 21 has. A query that may look nowhere gives zeros, as the operator says.
//
//     S = Q Kᵀ / √d;  S = softcap · tanh(S / softcap);  Y = Softmax(S + mask, which is 0 or -10³⁰ where it tells) V

import type { GraphNode } from "../../graph/graph.ts";
import { float32 } from "../../graph/tensor.ts";
import {
  type Lift,
  type LiftContext,
  refuseLift,
  replacement,
  takeFloat,
  takeInts,
  type Versions,
  wholeTensor,
} from "./lift.ts";

/** Added to a score, leaves nothing of it; beside any other its exponential is 0. */
const NEVER = -1e30;
/** More than any model has; a list of them is made. */
const MOST_HEADS = 65_536;

const composed: Lift = (node, c) => {
  const [q = "", k = "", v = "", mask = "", ...cache] = node.inputs;
  if (cache.some((name) => name)) refuseLift(node, "its cache of earlier keys is not converted");
  if (node.outputs.slice(1).some((name) => name)) refuseLift(node, "only its first output is converted");
  const dtype = c.dtype(q) ?? "float32";
  if (dtype !== "float32") refuseLift(node, `its form for ${dtype} is not converted`);
  if ((takeInts(node, "softmax_precision")?.[0] ?? 1) !== 1) refuseLift(node, "softmax_precision is not converted");
  const { add, nodes } = replacement(node, c);
  const number = (value: number) => c.constant("number", float32([], Float32Array.of(value)));
  const whole = (...values: number[]) => c.constant("ints", wholeTensor(values));
  const heads = headsOf(node, c);

  // [batch, heads, length, d]
  const apart = (x: string, n: number) =>
    heads.within ? add("Transpose", [add("Reshape", [x, whole(0, 0, n, -1)])], { perm: [0, 2, 1, 3] }) : x;
  /** Heads of keys and values serve several heads of queries each. */
  const shared = (x: string) =>
    heads.keys === heads.queries
      ? x
      : add(
          "Gather",
          [x, whole(...Array.from({ length: heads.queries }, (_, h) => Math.floor((h * heads.keys) / heads.queries)))],
          { axis: 1 },
        );
  const queries = apart(q, heads.queries);
  const keys = shared(apart(k, heads.keys));
  const values = shared(apart(v, heads.keys));
  const size = (x: string, axis: number) => add("Shape", [x], { start: axis, end: axis + 1 });

  const scale = takeFloat(node, "scale");
  const products = add("MatMul", [queries, add("Transpose", [keys], { perm: [0, 1, 3, 2] })]);
  let scores =
    scale === undefined
      ? add("Div", [products, add("Sqrt", [add("Cast", [size(queries, 3)], { to: 1 })])])
      : add("Mul", [products, number(scale)]);
  const cap = takeFloat(node, "softcap") ?? 0;
  if (cap > 0) scores = add("Mul", [add("Tanh", [add("Div", [scores, number(cap)])]), number(cap)]);

  const allowed: string[] = [];
  if (takeInts(node, "is_causal")?.[0] === 1) {
    const counted = (x: string) =>
      add("Range", [scalarInt(c, 0), add("Squeeze", [size(x, 2), whole(0)]), scalarInt(c, 1)]);
    allowed.push(add("LessOrEqual", [counted(keys), add("Unsqueeze", [counted(queries), whole(1)])]));
  }
  const kind = mask && (c.dtype(mask) ?? refuseLift(node, "the type of its mask is not known"));
  if (kind === "bool") allowed.push(mask);
  else if (mask) scores = add("Add", [scores, mask]);
  const allow = allowed.length === 2 ? add("And", allowed) : allowed[0];
  if (allow) scores = add("Add", [scores, add("Where", [allow, number(0), number(NEVER)])]);
  let weights = add("Softmax", [scores], { axis: -1 });
  if (kind === "bool") weights = add("Mul", [weights, add("Cast", [allow!], { to: 1 })]);
  const y = node.outputs[0]!;
  if (!heads.within) add("MatMul", [weights, values], {}, y);
  else {
    const turned = add("Transpose", [add("MatMul", [weights, values])], { perm: [0, 2, 1, 3] });
    add("Reshape", [turned, whole(0, 0, -1)], {}, y);
  }
  return nodes;
};

const scalarInt = (c: LiftContext, value: number): string =>
  c.constant("int", { dtype: "int64", dims: [], data: BigInt64Array.of(BigInt(value)) });

/** How many heads there are, and whether they lie within the last axis. What is not known counts as one head each. */
function headsOf(node: GraphNode, c: LiftContext): { within: boolean; queries: number; keys: number } {
  const [q, k] = [takeInts(node, "q_num_heads")?.[0] ?? 0, takeInts(node, "kv_num_heads")?.[0] ?? 0];
  const within = q > 0;
  const [queries = 1, keys = queries] = within ? [q, k] : [c.dims(node.inputs[0]!)?.[1], c.dims(node.inputs[1]!)?.[1]];
  if (!(queries % keys === 0 && queries <= MOST_HEADS))
    refuseLift(node, `${queries} heads of queries cannot share ${keys} of keys`);
  return { within, queries, keys };
}

const nothingAt =
  (input: number): Lift =>
  (node) => {
    if (node.inputs[input]) refuseLift(node, "lengths of its keys are not converted");
    return undefined;
  };

const unbounded: Lift = (node) => {
  for (const side of ["left_window_size", "right_window_size"]) {
    if ((takeInts(node, side)?.[0] ?? -1) !== -1) refuseLift(node, `${side} is not converted`);
  }
  return undefined;
};

export const attention: Versions = { 23: composed, 24: nothingAt(6), 25: unbounded };
