// A GraphProto as the body of a graph: its nodes, their attributes, and the graphs inside those.

import { UserError } from "../base/errors.ts";
import type { Attribute, GraphBody, GraphNode, GraphValue } from "../graph/graph.ts";
import type { GraphTensor } from "../graph/tensor.ts";
import { readSparse, readTensor, type Source } from "./decode-tensor.ts";
import { readValue } from "./decode-value.ts";
import {
  type AttributeMessage,
  type GraphMessage,
  type NodeMessage,
  restOf,
  type ValueMessage,
  whole,
} from "./messages.ts";
import { AttributeProto, attributeTypes, GraphProto, messageBytes } from "./schema.ts";

export function readBody(graph: GraphMessage, source: Source): GraphBody {
  const initializers = readInitializers(graph, source);
  const all = graph.input.map((v) => readBoundary(v, source));
  const defaults = all.flatMap((v, at) => (initializers.has(v.name) ? [{ ...v, at }] : []));
  const { values, rest } = readValues(
    graph.value_info,
    restOf(graph).rest ?? [],
    (value_info) => messageBytes(GraphProto, { value_info }),
    source,
  );
  return {
    name: graph.name,
    inputs: all.filter(({ name }) => !initializers.has(name)),
    outputs: graph.output.map((v) => readBoundary(v, source)),
    initializers,
    nodes: graph.node.map((n) => readNode(n, source)),
    ...(defaults.length > 0 && { defaults }),
    ...(values.length > 0 && { values }),
    ...(rest.length > 0 && { rest }),
  };
}

function readInitializers(graph: GraphMessage, source: Source): Map<string, GraphTensor> {
  const initializers = new Map<string, GraphTensor>();
  const add = (name: string, tensor: GraphTensor) => {
    if (initializers.has(name)) throw new UserError(`${source.file}: it has two initializers "${name}".`);
    initializers.set(name, tensor);
  };
  for (const t of graph.initializer) add(t.name, readTensor(t, `initializer "${t.name}"`, source, true));
  for (const sparse of graph.sparse_initializer) {
    const { name, tensor } = readSparse(sparse, source);
    add(name, tensor);
  }
  return initializers;
}

function readBoundary(message: ValueMessage, { file }: Source): GraphValue {
  const value = readValue(message, file);
  if (value) return value;
  throw new UserError(`${file}: value "${message.name}" is not a tensor of a supported number type.`);
}

/** Types of inner values; those that are no tensors join `rest`, each in the bytes that `field` gives. */
export function readValues(
  messages: readonly ValueMessage[],
  rest: readonly Uint8Array[],
  field: (one: readonly ValueMessage[]) => Uint8Array,
  { file }: Source,
): { values: GraphValue[]; rest: readonly Uint8Array[] } {
  const values: GraphValue[] = [];
  const others: Uint8Array[] = [];
  for (const message of messages) {
    const value = readValue(message, file);
    if (value) values.push(value);
    else others.push(field([message]));
  }
  return { values, rest: [...rest, ...others] };
}

/** The standard operators have two names. */
export const domainName = (domain: string): string => (domain === "ai.onnx" ? "" : domain);

export function readNode(node: NodeMessage, source: Source): GraphNode {
  const where = `${source.file}: ${node.op_type} ${node.name || node.output[0] || ""}`;
  return {
    name: node.name,
    op: node.op_type,
    domain: domainName(node.domain),
    inputs: node.input,
    outputs: node.output,
    attributes: readAttributes(node.attribute, where, source),
    ...(node.overload && { overload: node.overload }),
    ...docsOf(node.attribute),
    ...restOf(node),
  };
}

/** What is said of attributes beside their values. */
export function docsOf(attributes: readonly AttributeMessage[]): { attributeDocs?: Record<string, string> } {
  const docs = attributes.filter((a) => a.doc_string).map((a) => [a.name, a.doc_string] as const);
  return docs.length > 0 ? { attributeDocs: Object.fromEntries(docs) } : {};
}

export function readAttributes(
  attributes: readonly AttributeMessage[],
  where: string,
  source: Source,
): Record<string, Attribute> {
  const read = new Map<string, Attribute>();
  for (const a of attributes) {
    if (read.has(a.name)) throw new UserError(`${where}: it has two attributes "${a.name}".`);
    read.set(a.name, readAttribute(a, where, source));
  }
  return Object.fromEntries(read);
}

const kinds: Readonly<
  Record<number, { field: string; read: (a: AttributeMessage, where: string, source: Source) => Attribute }>
> = {
  [attributeTypes.int]: { field: "i", read: (a, where) => whole(a.i, where) },
  [attributeTypes.float]: { field: "f", read: (a) => ({ float: a.f }) },
  [attributeTypes.string]: { field: "s", read: (a) => text(a.s) },
  [attributeTypes.ints]: { field: "ints", read: (a, where) => a.ints.map((n) => whole(n, where)) },
  [attributeTypes.floats]: { field: "floats", read: (a) => ({ floats: a.floats }) },
  [attributeTypes.strings]: { field: "strings", read: (a) => ({ strings: a.strings.map(text) }) },
  [attributeTypes.tensors]: {
    field: "tensors",
    read: (a, _, source) => ({ tensors: a.tensors.map((t) => readTensor(t, `attribute "${a.name}"`, source, false)) }),
  },
  [attributeTypes.graphs]: {
    field: "graphs",
    read: (a, _, source) => ({ graphs: a.graphs.map((g) => readBody(g, source)) }),
  },
  [attributeTypes.tensor]: {
    field: "t",
    read: (a, where, source) => readTensor(a.t ?? empty(a, where), `attribute "${a.name}"`, source, false),
  },
  [attributeTypes.graph]: {
    field: "g",
    read: (a, where, source) => ({ graph: readBody(a.g ?? empty(a, where), source) }),
  },
};

function readAttribute(a: AttributeMessage, where: string, source: Source): Attribute {
  const kind = kinds[a.type];
  const has = Object.entries(a).flatMap(([key, value]) =>
    around.has(key) || (Array.isArray(value) && value.length === 0) ? [] : [key],
  );
  if (a.ref_attr_name && has.length === 1 && !a.$unknowns) return { ref: a.ref_attr_name, kind: a.type };
  const plain = kind && !a.$unknowns && has.every((key) => key === kind.field);
  if (a.type === 0) empty(a, where);
  const value = plain ? kind.read(a, where, source) : undefined;
  // What says more than one value of a kind we have, or text that is none, stays as it is.
  return value === undefined || isBroken(value) ? { opaque: wholeBytes(a) } : value;
}

const around = new Set(["name", "type", "doc_string"]);
const wholeBytes = (a: AttributeMessage) =>
  messageBytes(AttributeProto, { ...a, doc_string: undefined, $unknowns: a.$unknowns });

function empty(a: AttributeMessage, where: string): never {
  throw new UserError(`${where}: attribute "${a.name}" is empty or of a kind that is not supported (${a.type}).`);
}

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
// protobufjs gives an absent bytes field as an empty plain array.
const text = (bytes: Uint8Array) => decoder.decode(Uint8Array.from(bytes));

const isBroken = (value: Attribute): boolean =>
  typeof value === "string"
    ? value.includes("\ufffd")
    : typeof value === "object" && "strings" in value && value.strings.some(isBroken);
