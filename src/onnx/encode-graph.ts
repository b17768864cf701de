// The body of a graph as the message that protobufjs writes: the reverse of decode-graph.ts. Tensors go to raw_data, or
// where `place` says, and are not copied before the file is written.

import { bug } from "../base/errors.ts";
import type { Attribute, GraphBody, GraphNode, GraphValue } from "../graph/graph.ts";
import { dtypeCode } from "../graph/infer/dtypes.ts";
import { type GraphTensor, tensorBytes, tensorStrings } from "../graph/tensor.ts";
import { INT64_MAX } from "./messages.ts";
import { AttributeProto, attributeTypes, parseMessage } from "./schema.ts";

/** Fields that say where an initializer's bytes are, or undefined to keep them in the model file. */
export type Place = (tensor: GraphTensor) => object | undefined;

export const unread = (rest: readonly Uint8Array[] | undefined): { $unknowns?: readonly Uint8Array[] } =>
  rest ? { $unknowns: rest } : {};

export function bodyMessage(body: GraphBody, place: Place): object {
  const input: GraphValue[] = [...body.inputs];
  for (const value of body.defaults ?? []) input.splice(value.at, 0, value);
  return {
    name: body.name,
    node: body.nodes.map((node) => nodeMessage(node, place)),
    initializer: [...body.initializers].map(([name, tensor]) => ({ name, ...tensorMessage(tensor, place) })),
    input: input.map(valueMessage),
    output: body.outputs.map(valueMessage),
    value_info: (body.values ?? []).map(valueMessage),
    ...unread(body.rest),
  };
}

export const nodeMessage = (node: GraphNode, place: Place): object => ({
  input: node.inputs,
  output: node.outputs,
  name: node.name,
  op_type: node.op,
  attribute: attributeMessages(node.attributes, place, node.attributeDocs),
  ...(node.domain && { domain: node.domain }),
  ...(node.overload && { overload: node.overload }),
  ...unread(node.rest),
});

export const attributeMessages = (
  attributes: Readonly<Record<string, Attribute>>,
  place: Place,
  docs: Readonly<Record<string, string>> = {},
): object[] =>
  Object.entries(attributes).map(([name, value]) => {
    const doc = Object.hasOwn(docs, name) && { doc_string: docs[name] };
    return typeof value === "object" && "opaque" in value
      ? Object.assign(parseMessage(AttributeProto, value.opaque), doc)
      : { name, ...attributeMessage(value, place), ...doc };
  });

const utf8 = (text: string) => new TextEncoder().encode(text);

function attributeMessage(value: Attribute, place: Place): object {
  if (typeof value === "number") return { type: attributeTypes.int, i: int64Of(value) };
  if (typeof value === "string") return { type: attributeTypes.string, s: utf8(value) };
  if ("float" in value) return { type: attributeTypes.float, f: value.float };
  if ("floats" in value) return { type: attributeTypes.floats, floats: value.floats };
  if ("strings" in value) return { type: attributeTypes.strings, strings: value.strings.map(utf8) };
  if ("dtype" in value) return { type: attributeTypes.tensor, t: tensorMessage(value) };
  if ("tensors" in value) return { type: attributeTypes.tensors, tensors: value.tensors.map((t) => tensorMessage(t)) };
  if ("graph" in value) return { type: attributeTypes.graph, g: bodyMessage(value.graph, place) };
  if ("graphs" in value) return { type: attributeTypes.graphs, graphs: value.graphs.map((g) => bodyMessage(g, place)) };
  if ("ref" in value) return { type: value.kind, ref_attr_name: value.ref };
  return { type: attributeTypes.ints, ints: (value as readonly number[]).map(int64Of) };
}

/** A whole number as protobufjs takes 64 bits of it; what lies above them means "to the end" and is INT64_MAX. */
function int64Of(n: number): number | string {
  if (!Number.isInteger(n)) bug(`the number ${n} of an attribute is not whole; a float is { float }`);
  return Number.isSafeInteger(n) ? n : n >= 2 ** 63 ? INT64_MAX : BigInt(n).toString();
}

function tensorMessage(tensor: GraphTensor, place?: Place): object {
  return {
    dims: tensor.dims,
    data_type: dtypeCode[tensor.dtype],
    ...(tensor.dtype === "string"
      ? { string_data: tensorStrings(tensor) }
      : (place?.(tensor) ?? { raw_data: tensorBytes(tensor) })),
    ...unread(tensor.rest),
  };
}

export function valueMessage({ name, dtype, shape, unranked, denotations = [], rest }: GraphValue): object {
  const dim = shape.map((d, i) => ({
    ...(typeof d === "number" ? { dim_value: d } : d !== "?" && { dim_param: d }),
    ...(denotations[i + 1] && { denotation: denotations[i + 1] }),
  }));
  return {
    name,
    type: {
      tensor_type: { elem_type: dtypeCode[dtype], ...(!unranked && { shape: { dim } }) },
      ...(denotations[0] && { denotation: denotations[0] }),
    },
    ...unread(rest),
  };
}
