// Runs an encoder with the kernels: in a server, in a page, on a phone, without ONNX Runtime. One thread, no allocation
// that outlives the call, the same bits everywhere.

import { bug, UserError } from "../../base/errors.ts";
import type { Kernels } from "../../kernels/kernels.ts";
import type { Scope } from "../../kernels/memory.ts";
import { binary, combine, mapEach, unary } from "./elementwise.ts";
import type { Encoder, EncoderNode } from "./encoder.ts";
import { concat, gather, reshape, slice, squeeze, transpose, unsqueeze } from "./layout.ts";
import { type Desk, matmul, rowProducts } from "./product.ts";
import { gru } from "./recurrent.ts";
import { folds, layerNormalization, reduce, softmax } from "./reduce.ts";
import { size, type Value } from "./value.ts";

/** The queries [batch, d] of rows [batch, length, width] and mask [batch, length], in memory of their own. */
export type Encode = (rows: Float32Array, mask: Float32Array, batch: number) => Float32Array;

type Operator = (context: {
  desk: Desk;
  node: EncoderNode;
  inputs: readonly Value[];
  constant(i: number): boolean;
}) => Value | readonly Value[];

const int = (node: EncoderNode, name: string, fallback: number): number => {
  const value = node.attributes[name];
  return typeof value === "number" ? value : fallback;
};
const ints = (value: Value | undefined): number[] => Array.from(value?.data ?? []);

const operators: Readonly<Record<string, Operator>> = {
  ...Object.fromEntries(
    Object.entries(unary).map(([op, f]) => [op, ({ inputs: [x] }) => mapEach(x!, f)] as [string, Operator]),
  ),
  ...Object.fromEntries(
    Object.entries(binary).map(
      ([op, f]) => [op, ({ inputs }) => inputs.reduce((a, b) => combine(a, b, f))] as [string, Operator],
    ),
  ),
  ...Object.fromEntries(
    Object.entries(folds).map(
      ([op, f]) =>
        [op, ({ node, inputs: [x, axes] }) => reduce(x!, ints(axes), int(node, "keepdims", 1) === 1, f)] as [
          string,
          Operator,
        ],
    ),
  ),
  Concat: ({ node, inputs }) => concat(inputs, int(node, "axis", 0)),
  Dropout: ({ inputs: [x] }) => x!,
  Gather: ({ node, inputs: [x, ids] }) => gather(x!, ids!, int(node, "axis", 0)),
  Gemm({ desk, node, inputs: [x, y, c], constant }) {
    const a = int(node, "transA", 0) ? transpose(x!, [1, 0]) : x!;
    const b = int(node, "transB", 0) ? transpose(y!, [1, 0]) : y!;
    const product = matmul(desk, a, b, constant(1));
    return c ? combine(product, c, binary["Add"]!) : product;
  },
  GRU: ({ desk, node, inputs }) => gru(desk, inputs, int(node, "linear_before_reset", 0) === 1),
  LayerNormalization({ node, inputs: [x, scale, bias] }) {
    const epsilon = node.attributes["epsilon"];
    return layerNormalization(
      x!,
      scale!,
      bias,
      typeof epsilon === "object" && "float" in epsilon ? epsilon.float : 1e-5,
    );
  },
  MatMul: ({ desk, inputs: [a, b], constant }) => matmul(desk, a!, b!, constant(1)),
  Reshape: ({ inputs: [x, dims] }) => reshape(x!, ints(dims)),
  Shape({ node, inputs: [x] }) {
    const dims = x!.dims.slice(int(node, "start", 0), int(node, "end", x!.dims.length));
    return { dims: [dims.length], data: Int32Array.from(dims) };
  },
  Slice: ({ inputs: [x, starts, ends, axes] }) =>
    slice(x!, ints(starts), ints(ends), axes ? ints(axes) : [...ints(starts).keys()]),
  Softmax: ({ inputs: [x] }) => softmax(x!),
  Squeeze: ({ inputs: [x, axes] }) => squeeze(x!, axes && ints(axes)),
  Transpose: ({ node, inputs: [x] }) => transpose(x!, node.attributes["perm"] as readonly number[]),
  Unsqueeze: ({ inputs: [x, axes] }) => unsqueeze(x!, ints(axes)),
};

/** Throws a UserError that names what is wrong with an encoder that cannot run here. */
export function checkEncoder({ nodes, weights, length, width, d }: Encoder): void {
  const written = new Set(["rows", "mask", ...Object.keys(weights)]);
  for (const { op, inputs, outputs, attributes } of nodes) {
    const refuse = (why: string): never => {
      throw new UserError(`encoder: ${op} ${why}; this version of distilrec cannot run it.`);
    };
    if (!Object.hasOwn(operators, op)) refuse("is not an operator of encoders");
    const last = (attributes["axis"] ?? -1) === -1;
    if ((op === "Softmax" || op === "LayerNormalization") && !last) refuse("must be over the last axis");
    if (op === "GRU" && (attributes["direction"] ?? "forward") !== "forward") refuse("must run forward");
    const missing = inputs.find((name) => name && !written.has(name));
    if (missing) refuse(`reads "${missing}", which nothing before it writes`);
    for (const name of outputs) written.add(name);
  }
  const whole = [length, width, d].every((n) => Number.isInteger(n) && n > 0);
  if (!whole || !nodes.some(({ outputs }) => outputs.includes("query"))) {
    throw new UserError('encoder: it must have a length, a width, a d and a node that writes "query".');
  }
}

/** Opens an encoder whose constant matrices lie in `kept` and live as long as that. */
export function openEncoder(kernels: Kernels, encoder: Encoder, kept: Scope): Encode {
  checkEncoder(encoder);
  const constants = new Map<Float32Array, Float32Array>();
  const weights = new Map<string, Value>();
  for (const [name, { dims, data }] of Object.entries(encoder.weights)) {
    const numbers = data instanceof BigInt64Array ? Int32Array.from(data, Number) : (data as Float32Array);
    weights.set(name, { dims, data: numbers });
  }
  const product = rowProducts(kernels);
  return (rows, mask, batch) => {
    const scope = kernels.scope();
    const desk: Desk = {
      product,
      copied: (data) => scope.copy(data),
      fresh: (n) => scope.f32(n),
      turned(data, depth, columns, constant) {
        if (!constant) return turn(data, depth, columns, scope.f32(data.length));
        const found = constants.get(data) ?? turn(data, depth, columns, kept.f32(data.length));
        constants.set(data, found);
        return found;
      },
    };
    const length = rows.length / batch / encoder.width;
    const values = new Map(weights);
    values.set("rows", { dims: [batch, length, encoder.width], data: rows });
    values.set("mask", { dims: [batch, length], data: mask });
    try {
      for (const node of encoder.nodes) {
        const inputs = node.inputs.map((name) => values.get(name)) as Value[];
        const constant = (i: number) => weights.has(node.inputs[i] ?? "");
        const made = operators[node.op]!({ desk, node, inputs, constant });
        const outputs: readonly Value[] = "dims" in made ? [made] : made;
        outputs.forEach((value, i) => {
          if (node.outputs[i]) values.set(node.outputs[i], value);
        });
      }
      const query = values.get("query") ?? bug("the encoder writes no query");
      if (query.data.length !== batch * encoder.d) bug(`the encoder's query has dims [${query.dims.join(", ")}]`);
      return (query.data as Float32Array).slice();
    } finally {
      scope.free();
    }
  };
}

function turn(data: Float32Array, depth: number, columns: number, to: Float32Array): Float32Array {
  for (let r = 0; r < depth; r++) for (let c = 0; c < columns; c++) to[c * depth + r] = data[r * columns + c]!;
  return to;
}

/** Kernel memory of an encoder's weights and of one request. */
export function encoderBytes({ weights, nodes, length, width }: Encoder): number {
  const numbers = Object.values(weights).reduce((n, { dims }) => n + size(dims), 0);
  const widest = Math.max(width, ...Object.values(weights).map(({ dims }) => dims.at(-1) ?? 1));
  const steps = Math.max(1, length);
  return 4 * (2 * numbers + nodes.length * steps * 2 * (widest + steps)) + 64 * nodes.length;
}
