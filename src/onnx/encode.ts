// A graph as the bytes of an ONNX model file. Every tensor goes to raw_data.

import { UserError } from "../base/errors.ts";
import { formatBytes } from "../base/format.ts";
import type { Attribute, Graph, GraphNode, GraphValue } from "../graph/graph.ts";
import { type GraphTensor, tensorBytes } from "../graph/tensor.ts";
import { attributeTypes, dataTypes, ModelProto } from "./schema.ts";

/** Protobuf's ceiling for one message, with room for everything but the initializers. */
const MOST_BYTES = 2 ** 31 - 2 ** 24;
const IR_VERSION = 9;

/** The model file of a graph; more than 2 GB of initializers is a UserError. */
export function encodeOnnx(graph: Graph): Uint8Array {
  let bytes = 0;
  for (const tensor of graph.initializers.values()) bytes += tensor.data.byteLength;
  if (bytes > MOST_BYTES) {
    throw new UserError(
      `ONNX export: the constants take ${formatBytes(bytes)}, one model file holds 2 GB at most; compress the tables or use a factor model.`,
    );
  }
  const message = {
    ir_version: IR_VERSION,
    producer_name: "distilrec",
    opset_import: Object.entries({ "": graph.opset, ...graph.domains }).map(([domain, version]) => ({
      domain,
      version,
    })),
    graph: {
      name: graph.name,
      node: graph.nodes.map(nodeMessage),
      initializer: [...graph.initializers].map(([name, tensor]) => tensorMessage(tensor, name)),
      input: graph.inputs.map(valueMessage),
      output: graph.outputs.map(valueMessage),
    },
  };
  const file = ModelProto.encode(message).finish();
  return new Uint8Array(file.buffer, file.byteOffset, file.byteLength);
}

const nodeMessage = ({ name, op, domain, inputs, outputs, attributes }: GraphNode) => ({
  input: inputs,
  output: outputs,
  name,
  op_type: op,
  attribute: Object.entries(attributes).map(([key, value]) => ({ name: key, ...attributeMessage(value) })),
  ...(domain && { domain }),
});

const utf8 = (text: string) => new TextEncoder().encode(text);

function attributeMessage(value: Attribute): object {
  if (typeof value === "number") return { type: attributeTypes.int, i: value };
  if (typeof value === "string") return { type: attributeTypes.string, s: utf8(value) };
  if ("float" in value) return { type: attributeTypes.float, f: value.float };
  if ("floats" in value) return { type: attributeTypes.floats, floats: value.floats };
  if ("strings" in value) return { type: attributeTypes.strings, strings: value.strings.map(utf8) };
  if ("dtype" in value) return { type: attributeTypes.tensor, t: tensorMessage(value) };
  return { type: attributeTypes.ints, ints: value };
}

const tensorMessage = (tensor: GraphTensor, name?: string) => ({
  dims: tensor.dims,
  data_type: dataTypes[tensor.dtype],
  ...(name !== undefined && { name }),
  raw_data: tensorBytes(tensor),
});

const valueMessage = ({ name, dtype, shape }: GraphValue) => ({
  name,
  type: {
    tensor_type: {
      elem_type: dataTypes[dtype],
      shape: { dim: shape.map((d) => (typeof d === "number" ? { dim_value: d } : { dim_param: d })) },
    },
  },
});
