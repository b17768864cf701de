// The bytes of an ONNX model file as a graph. Reads what encode.ts writes and plain models of other producers;
// sub-graphs, functions, external data and sparse initializers are refused by name.

import { UserError } from "../base/errors.ts";
import type { Attribute, Graph, GraphNode, GraphValue } from "../graph/graph.ts";
import { type DType, dtypeBytes, elements, type GraphTensor, tensorOfBytes } from "../graph/tensor.ts";
import { attributeTypes, dataTypes, ModelProto } from "./schema.ts";

/** A 64-bit integer as protobufjs gives it. */
type Long = number | { toNumber(): number; toString(): string };
interface TensorMessage {
  dims: Long[];
  data_type: number;
  name: string;
  raw_data: Uint8Array;
  float_data: number[];
  int32_data: number[];
  int64_data: Long[];
  external_data: unknown[];
}
interface AttributeMessage {
  name: string;
  type: number;
  f: number;
  i: Long;
  s: Uint8Array;
  t: TensorMessage | null;
  floats: number[];
  ints: Long[];
  strings: Uint8Array[];
}
interface NodeMessage {
  name: string;
  op_type: string;
  domain: string;
  input: string[];
  output: string[];
  attribute: AttributeMessage[];
}
interface ValueMessage {
  name: string;
  type?: { tensor_type?: { elem_type: number; shape?: { dim: { dim_value?: Long; dim_param?: string }[] } } };
}
interface ModelMessage {
  opset_import: { domain: string; version: Long }[];
  functions: unknown[];
  graph?: {
    name: string;
    node: NodeMessage[];
    initializer: TensorMessage[];
    input: ValueMessage[];
    output: ValueMessage[];
    sparse_initializer: unknown[];
  };
}

const dtypeOf = new Map(Object.entries(dataTypes).map(([name, code]) => [code as number, name as DType]));
// protobufjs gives an absent bytes field as an empty plain array.
const text = (bytes: Uint8Array) => new TextDecoder().decode(Uint8Array.from(bytes));
const whole = (n: Long) => Number(n);

/** The graph of a model file; `file` names it in the UserError of a damaged or unsupported one. */
export function decodeOnnx(bytes: Uint8Array, file = "model.onnx"): Graph {
  const model = parse(bytes, file);
  const graph = model.graph;
  if (!graph) throw new UserError(`${file}: it holds no graph; it is not an ONNX model.`);
  if (model.functions.length) throw new UserError(`${file}: model-local functions are not supported; inline them.`);
  if (graph.sparse_initializer.length) throw new UserError(`${file}: sparse initializers are not supported.`);
  const opset = model.opset_import.find(({ domain }) => domain === "" || domain === "ai.onnx");
  if (!opset) throw new UserError(`${file}: it names no version of the standard operators; it is damaged.`);
  const initializers = new Map(graph.initializer.map((t) => [t.name, readTensor(t, file)]));
  return {
    name: graph.name,
    opset: whole(opset.version),
    domains: Object.fromEntries(
      model.opset_import.filter((set) => set !== opset).map(({ domain, version }) => [domain, whole(version)]),
    ),
    inputs: graph.input.filter(({ name }) => !initializers.has(name)).map((v) => readValue(v, file)),
    outputs: graph.output.map((v) => readValue(v, file)),
    initializers,
    nodes: graph.node.map((n) => readNode(n, file)),
  };
}

function parse(bytes: Uint8Array, file: string): ModelMessage {
  try {
    return ModelProto.decode(bytes) as unknown as ModelMessage;
  } catch {
    throw new UserError(`${file}: it is not an ONNX model, or it is cut short; copy or export it again.`);
  }
}

function readNode(node: NodeMessage, file: string): GraphNode {
  const where = `${file}: ${node.op_type} ${node.name}`;
  return {
    name: node.name,
    op: node.op_type,
    domain: node.domain,
    inputs: node.input,
    outputs: node.output,
    attributes: Object.fromEntries(node.attribute.map((a) => [a.name, readAttribute(a, where)])),
  };
}

function readAttribute(a: AttributeMessage, where: string): Attribute {
  if (a.type === attributeTypes.int) return whole(a.i);
  if (a.type === attributeTypes.float) return { float: a.f };
  if (a.type === attributeTypes.string) return text(a.s);
  if (a.type === attributeTypes.tensor && a.t) return readTensor(a.t, where);
  if (a.type === attributeTypes.floats) return { floats: a.floats };
  if (a.type === attributeTypes.ints) return a.ints.map(whole);
  if (a.type === attributeTypes.strings) return { strings: a.strings.map(text) };
  throw new UserError(`${where}: attribute "${a.name}" is empty or of a kind that is not supported (${a.type}).`);
}

function readTensor(t: TensorMessage, file: string): GraphTensor {
  const where = `${file}: initializer "${t.name}"`;
  const dtype = dtypeOf.get(t.data_type);
  if (!dtype)
    throw new UserError(`${where} has number type ${t.data_type}, which is not supported; cast it to float32.`);
  if (t.external_data.length)
    throw new UserError(`${where} keeps its data in another file; save the model as one file.`);
  const dims = t.dims.map(whole);
  const needed = elements(dims) * dtypeBytes(dtype);
  const bytes = t.raw_data.length ? t.raw_data : fieldBytes(t, dtype);
  if (bytes.length !== needed || dims.some((d) => d < 0)) {
    const shape = `its shape [${dims.join(", ")}] needs ${needed}`;
    throw new UserError(`${where} holds ${bytes.length} bytes, ${shape}; the file is cut short.`);
  }
  return tensorOfBytes(dtype, dims, bytes);
}

/** The typed fields that hold a tensor's numbers where raw_data does not. */
function fieldBytes(t: TensorMessage, dtype: DType): Uint8Array {
  if (dtype === "float32") return new Uint8Array(Float32Array.from(t.float_data).buffer);
  if (dtype === "int64") return new Uint8Array(BigInt64Array.from(t.int64_data, (n) => BigInt(n.toString())).buffer);
  if (dtype === "int32") return new Uint8Array(Int32Array.from(t.int32_data).buffer);
  if (dtype === "float16") return new Uint8Array(Uint16Array.from(t.int32_data).buffer);
  return Uint8Array.from(t.int32_data);
}

function readValue({ name, type }: ValueMessage, file: string): GraphValue {
  const tensor = type?.tensor_type;
  const dtype = tensor && dtypeOf.get(tensor.elem_type);
  if (!tensor || !dtype) throw new UserError(`${file}: value "${name}" is not a tensor of a supported number type.`);
  const shape = (tensor.shape?.dim ?? []).map((d) => d.dim_param || (d.dim_value == null ? "?" : whole(d.dim_value)));
  return { name, dtype, shape };
}
