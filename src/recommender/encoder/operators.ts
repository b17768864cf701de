// The operators of encoders, and what of them runs here.

import { binary, combine, mapEach, unary } from "./elementwise.ts";
import type { EncoderNode } from "./encoder.ts";
import { concat, gather, reshape, slice, squeeze, transpose, unsqueeze } from "./layout.ts";
import { type Desk, matmul } from "./product.ts";
import { gru } from "./recurrent.ts";
import { folds, layerNormalization, reduce, softmax } from "./reduce.ts";
import { refuse, type Value } from "./value.ts";

type Operator = (context: {
  readonly desk: Desk;
  readonly node: EncoderNode;
  readonly inputs: readonly Value[];
  /** Whether an input is a weight. */
  constant(i: number): boolean;
}) => Value | readonly Value[];

const int = ({ attributes }: EncoderNode, name: string, fallback: number): number => {
  const value = attributes[name];
  return typeof value === "number" ? value : fallback;
};
const float = ({ attributes }: EncoderNode, name: string, fallback: number): number => {
  const value = attributes[name];
  return typeof value === "object" && "float" in value ? value.float : fallback;
};
const ints = (value: Value | undefined): number[] | undefined => value && Array.from(value.data);
const each = <T>(table: Readonly<Record<string, T>>, operator: (f: T, op: string) => Operator) =>
  Object.fromEntries(Object.entries(table).map(([op, f]) => [op, operator(f, op)]));

export const operators: Readonly<Record<string, Operator>> = {
  ...each(
    unary,
    (f) =>
      ({ inputs: [x] }) =>
        mapEach(x!, f),
  ),
  ...each(
    binary,
    (f, op) =>
      ({ inputs }) =>
        inputs.reduce((a, b) => combine(op, a, b, f)),
  ),
  ...each(
    folds,
    (f, op) =>
      ({ node, inputs: [x, axes] }) =>
        reduce(op, x!, ints(axes) ?? [], int(node, "keepdims", 1) === 1, f),
  ),
  Concat: ({ node, inputs }) => concat(inputs, int(node, "axis", 0)),
  Dropout: ({ inputs: [x] }) => x!,
  Gather: ({ node, inputs: [x, ids] }) => gather(x!, ids!, int(node, "axis", 0)),
  Gemm({ desk, node, inputs: [x, y, c], constant }) {
    const [turnA, turnB] = [int(node, "transA", 0), int(node, "transB", 0)];
    const product = matmul(desk, "Gemm", turnA ? transpose(x!) : x!, turnB ? transpose(y!) : y!, constant(1) && !turnB);
    const [alpha, beta] = [float(node, "alpha", 1), float(node, "beta", 1)];
    const scaled = alpha === 1 ? product : mapEach(product, (n) => alpha * n);
    return c ? combine("Gemm", scaled, beta === 1 ? c : mapEach(c, (n) => beta * n), binary["Add"]!) : scaled;
  },
  GRU: ({ desk, node, inputs }) => gru(desk, inputs, int(node, "linear_before_reset", 0) === 1),
  LayerNormalization: ({ node, inputs: [x, scale, bias] }) =>
    layerNormalization(x!, scale!, bias, float(node, "epsilon", 1e-5)),
  MatMul: ({ desk, inputs: [a, b], constant }) => matmul(desk, "MatMul", a!, b!, constant(1)),
  Reshape: ({ inputs: [x, dims] }) => reshape(x!, ints(dims)!),
  Shape({ node, inputs: [x] }) {
    const dims = x!.dims.slice(int(node, "start", 0), int(node, "end", x!.dims.length));
    return { dims: [dims.length], data: Int32Array.from(dims) };
  },
  Slice: ({ inputs: [x, starts, ends, axes, steps] }) => slice(x!, ints(starts)!, ints(ends)!, ints(axes), ints(steps)),
  Softmax: ({ inputs: [x] }) => softmax(x!),
  Squeeze: ({ inputs: [x, axes] }) => squeeze(x!, ints(axes)),
  Transpose: ({ node, inputs: [x] }) => transpose(x!, node.attributes["perm"] as readonly number[] | undefined),
  Unsqueeze: ({ inputs: [x, axes] }) => unsqueeze(x!, ints(axes)!),
};

/** Attributes that the operators read. */
const reads: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(Object.keys(folds).map((op) => [op, ["keepdims"]])),
  Concat: ["axis"],
  Dropout: ["seed"],
  Gather: ["axis"],
  Gemm: ["alpha", "beta", "transA", "transB"],
  GRU: ["hidden_size", "linear_before_reset"],
  LayerNormalization: ["epsilon"],
  Shape: ["start", "end"],
  Transpose: ["perm"],
};
/** What every other attribute must be: what it is where it is left out. */
const usual: Readonly<Record<string, number | string>> = {
  ...{ allowzero: 0, approximate: "none", axis: -1, direction: "forward", layout: 0 },
  ...{ noop_with_empty_axes: 0, stash_type: 1 },
};
/** How many inputs an operator takes, at least and at most; one or two where it is not named. */
const arity: Readonly<Record<string, readonly [number, number]>> = {
  ...Object.fromEntries(Object.keys(unary).map((op) => [op, [1, 1]])),
  ...Object.fromEntries(["Add", "Div", "Mul", "Pow", "Sub"].map((op) => [op, [2, 2]])),
  ...Object.fromEntries(["Gather", "MatMul", "Reshape", "Unsqueeze"].map((op) => [op, [2, 2]])),
  ...Object.fromEntries(["Concat", "Max", "Min"].map((op) => [op, [1, Number.POSITIVE_INFINITY]])),
  ...{ Gemm: [2, 3], GRU: [3, 6], LayerNormalization: [2, 3], Slice: [3, 5] },
};

/** Refuses a node that would be run as something else than it says. */
export function checkNode({ op, inputs, outputs, attributes }: EncoderNode): void {
  if (!Object.hasOwn(operators, op)) refuse(op, "is not an operator of encoders");
  const [least, most] = arity[op] ?? [1, 2];
  const needed = most === Number.POSITIVE_INFINITY ? inputs : inputs.slice(0, least);
  if (inputs.length > most || inputs.length < least || needed.includes("")) refuse(op, `reads ${inputs.join(", ")}`);
  if (op === "GRU" ? inputs[4] || outputs.length > 2 : outputs.length !== 1) {
    refuse(op, "has inputs or outputs that are not kept");
  }
  for (const [name, value] of Object.entries(attributes)) {
    if (!reads[op]?.includes(name) && usual[name] !== value) refuse(op, `has ${name} ${JSON.stringify(value)}`);
  }
}
