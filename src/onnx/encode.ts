// A graph as the bytes of an ONNX model file, and of one more file for tensors that do not fit into it.

import { UserError } from "../base/errors.ts";
import { formatBytes } from "../base/format.ts";
import type { Attribute, Graph, GraphBody, GraphFunction, ModelFacts } from "../graph/graph.ts";
import { type GraphTensor, tensorBytes } from "../graph/tensor.ts";
import { attributeMessages, bodyMessage, nodeMessage, type Place, unread, valueMessage } from "./encode-graph.ts";
import { ourFacts } from "./facts.ts";
import { ModelProto, messageBytes } from "./schema.ts";

/** Protobuf's ceiling for one message, with room for everything but the initializers. */
const MOST_BYTES = 2 ** 31 - 2 ** 24;
const ALIGNMENT = 64;
/** Shapes, axes and the like stay in the model file, where every reader finds them. */
const LEAST_EXTERNAL_BYTES = 1024;

/** A model file and, where some tensors lie outside it, the other file. */
export interface EncodedModel {
  readonly model: Uint8Array;
  readonly external?: {
    readonly location: string;
    readonly bytes: number;
    /** To be written one after another: views of the tensors, and zeros between them up to a multiple of 64 bytes. */
    readonly chunks: readonly Uint8Array[];
  };
}

/** The model file of a graph; more than 2 GB of initializers is a UserError. */
export function encodeOnnx(graph: Graph): Uint8Array {
  const bytes = initializerBytes(graph);
  if (bytes > MOST_BYTES) {
    throw new UserError(
      `ONNX export: the constants take ${formatBytes(bytes)}, one model file holds 2 GB at most; compress the tables or use a factor model.`,
    );
  }
  return encode(graph, () => undefined);
}

/**
 * The model file of a graph of any size. Where its initializers take more than `most` bytes (2 GB, protobuf's limit),
 * those of 1 KB and more go to the file `location` beside it.
 */
export function encodeOnnxParts(graph: Graph, location: string, most: number = MOST_BYTES): EncodedModel {
  if (initializerBytes(graph) <= most) return { model: encode(graph, () => undefined) };
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  const model = encode(graph, (tensor) => {
    const data = tensorBytes(tensor);
    if (data.length < LEAST_EXTERNAL_BYTES) return undefined;
    const padding = -bytes & (ALIGNMENT - 1);
    const offset = bytes + (bytes % ALIGNMENT === 0 ? 0 : padding);
    if (offset > bytes) chunks.push(new Uint8Array(offset - bytes));
    chunks.push(data);
    bytes = offset + data.length;
    const entries = { location, offset: String(offset), length: String(data.length) };
    return { data_location: 1, external_data: Object.entries(entries).map(([key, value]) => ({ key, value })) };
  });
  return { model, external: { location, bytes, chunks } };
}

function initializerBytes(body: GraphBody): number {
  let bytes = 0;
  for (const tensor of body.initializers.values()) bytes += tensor.data.byteLength;
  for (const node of body.nodes) {
    for (const value of Object.values(node.attributes)) bytes += attributeBytes(value);
  }
  return bytes;
}

function attributeBytes(value: Attribute): number {
  if (typeof value !== "object") return 0;
  if ("dtype" in value) return (value as GraphTensor).data.byteLength;
  if ("tensors" in value) return value.tensors.reduce((n, t) => n + t.data.byteLength, 0);
  if ("graph" in value) return initializerBytes(value.graph);
  return "graphs" in value ? value.graphs.reduce((n, g) => n + initializerBytes(g), 0) : 0;
}

function encode(graph: Graph, place: Place): Uint8Array {
  const { opset, domains, functions = [], file } = graph;
  const facts = file ?? ourFacts(opset);
  const alone = graph.initializers.size > (graph.defaults?.length ?? 0);
  const message = {
    ...factsMessage(alone ? { ...facts, irVersion: Math.max(facts.irVersion, INITIALIZERS_ALONE) } : facts),
    opset_import: opsetMessages({ opset, domains }),
    graph: bodyMessage(graph, place),
    functions: functions.map((f) => functionMessage(f, place)),
  };
  return messageBytes(ModelProto, message);
}

/** Before this IR version, every initializer had to be among the inputs. */
const INITIALIZERS_ALONE = 4;

const factsMessage = (facts: ModelFacts) => ({
  ir_version: facts.irVersion,
  producer_name: facts.producer,
  producer_version: facts.producerVersion,
  domain: facts.domain,
  model_version: facts.modelVersion,
  metadata_props: Object.entries(facts.metadata).map(([key, value]) => ({ key, value })),
  ...unread(facts.rest),
});

const opsetMessages = ({ opset, domains }: Pick<Graph, "opset" | "domains">) =>
  Object.entries({ ...(opset > 0 && { "": opset }), ...domains }).map(([domain, version]) => ({ domain, version }));

const functionMessage = (f: GraphFunction, place: Place) => ({
  name: f.name,
  domain: f.domain,
  overload: f.overload,
  input: f.inputs,
  output: f.outputs,
  attribute: f.attributes,
  attribute_proto: attributeMessages(f.attributeDefaults, place, f.attributeDocs),
  node: f.nodes.map((node) => nodeMessage(node, place)),
  opset_import: opsetMessages(f),
  value_info: (f.values ?? []).map(valueMessage),
  ...unread(f.rest),
});
