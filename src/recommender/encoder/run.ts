// Runs an encoder with the kernels: in a server, in a page, on a phone, without ONNX Runtime. One thread, no kernel
// memory that outlives the call, the same bits everywhere.

import { UserError } from "../../base/errors.ts";
import type { Kernels } from "../../kernels/kernels.ts";
import type { Scope } from "../../kernels/memory.ts";
import type { Encoder } from "./encoder.ts";
import { checkNode, operators } from "./operators.ts";
import { type Desk, rowProducts } from "./product.ts";
import { fresh, narrowed, refuse, type Value } from "./value.ts";

/** The queries [batch, d] of rows [batch, length, width] and mask [batch, length], in memory of their own. */
export type Encode = (rows: Float32Array, mask: Float32Array, batch: number) => Float32Array;

/** Most numbers that all values of one request may be together. */
const MOST = 2 ** 28;

export interface EncoderCost {
  /** Numbers that the nodes write for one history of full length. */
  readonly numbers: number;
  /** Kernel memory of the weights and of one such history, at most. */
  readonly bytes: number;
}

/** Throws a UserError that names what is wrong with an encoder that cannot run here. */
export function checkEncoder(encoder: Encoder): void {
  encoderCost(encoder);
}

/** Runs the encoder over zeros without its products, which finds every wrong shape; a UserError says what is wrong. */
export function encoderCost(encoder: Encoder): EncoderCost {
  const { nodes, weights, length, width, d } = encoder;
  if (![length, width, d].every((n) => Number.isInteger(n) && n > 0)) {
    throw new UserError(`encoder: length, width and d must be 1 or more, got ${length}, ${width} and ${d}.`);
  }
  const written = new Set(["rows", "mask"]);
  for (const name of Object.keys(weights)) {
    if (written.has(name)) throw new UserError(`encoder: a weight may not be called "${name}".`);
    written.add(name);
  }
  for (const node of nodes) {
    checkNode(node);
    const missing = node.inputs.find((name) => name && !written.has(name));
    if (missing !== undefined) refuse(node.op, `reads "${missing}", which nothing before it writes`);
    for (const name of node.outputs.filter(Boolean)) {
      if (written.has(name)) refuse(node.op, `writes "${name}" a second time`);
      written.add(name);
    }
  }
  let bytes = 0;
  const counted = (n: number) => {
    bytes += 4 * n + 64;
  };
  const desk: Desk = {
    copied(data) {
      counted(data.length);
      return data;
    },
    fresh(n) {
      counted(n);
      return fresh("the encoder", [n]) as Float32Array;
    },
    turned(data) {
      counted(data.length);
      return data;
    },
    product: () => {},
  };
  const numbers = (dims: readonly number[]) => fresh("the encoder", dims) as Float32Array;
  const values = new Map([
    ...weightValues(encoder),
    ["rows", { dims: [1, length, width], data: numbers([1, length, width]) }],
    ["mask", { dims: [1, length], data: numbers([1, length]) }],
  ] as [string, Value][]);
  const made = runNodes(encoder, values, desk);
  return { numbers: made, bytes };
}

/** Opens an encoder whose constant matrices lie in `kept` and live as long as that. */
export function openEncoder(kernels: Kernels, encoder: Encoder, kept: Scope): Encode {
  checkEncoder(encoder);
  const constants = new Map<Float32Array, Float32Array>();
  const weights = weightValues(encoder);
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
      runNodes(encoder, values, desk);
      return (values.get("query")!.data as Float32Array).slice();
    } finally {
      scope.free();
    }
  };
}

const weightValues = ({ weights }: Encoder): Map<string, Value> =>
  new Map(
    Object.entries(weights).map(([name, { dims, data }]) => [
      name,
      { dims, data: data instanceof BigInt64Array ? narrowed(data) : (data as Float32Array) },
    ]),
  );

/** Adds what the nodes write to `values`; returns how many numbers that was. */
function runNodes({ nodes, weights, d }: Encoder, values: Map<string, Value>, desk: Desk): number {
  let numbers = 0;
  for (const node of nodes) {
    const inputs = node.inputs.map((name) => values.get(name)) as Value[];
    const constant = (i: number) => Object.hasOwn(weights, node.inputs[i] ?? "");
    const made = operators[node.op]!({ desk, node, inputs, constant });
    const outputs: readonly Value[] = "dims" in made ? [made] : made;
    outputs.forEach((value, i) => {
      numbers += value.data.length;
      if (node.outputs[i]) values.set(node.outputs[i], value);
    });
    if (numbers > MOST) refuse(node.op, `writes on after ${MOST} numbers; such an encoder answers nobody`);
  }
  const query = values.get("query");
  const batch = values.get("mask")!.dims[0]!;
  if (query?.dims.join() !== `${batch},${d}` || !(query.data instanceof Float32Array)) {
    const got = query ? `one of [${query.dims.join(", ")}]` : "none";
    throw new UserError(`encoder: its nodes must write a query of [${batch}, ${d}] numbers, got ${got}.`);
  }
  return numbers;
}

function turn(data: Float32Array, depth: number, columns: number, to: Float32Array): Float32Array {
  for (let r = 0; r < depth; r++) for (let c = 0; c < columns; c++) to[c * depth + r] = data[r * columns + c]!;
  return to;
}
