// The part of the ONNX protobuf schema (onnx.proto, IR 3 to 13) that has a place in a Graph, as protobufjs reflects it.
// Field numbers are the specification's. Fields left out are not dropped: reading keeps their bytes as $unknowns.

import protobuf from "protobufjs";

const one = (type: string, id: number) => ({ type, id });
const many = (type: string, id: number, packed = false) => ({ rule: "repeated", type, id, options: { packed } });

const nested = {
  ModelProto: {
    fields: {
      ir_version: one("int64", 1),
      producer_name: one("string", 2),
      producer_version: one("string", 3),
      domain: one("string", 4),
      model_version: one("int64", 5),
      graph: one("GraphProto", 7),
      opset_import: many("OperatorSetIdProto", 8),
      metadata_props: many("StringStringEntryProto", 14),
      functions: many("FunctionProto", 25),
    },
  },
  OperatorSetIdProto: { fields: { domain: one("string", 1), version: one("int64", 2) } },
  StringStringEntryProto: { fields: { key: one("string", 1), value: one("string", 2) } },
  GraphProto: {
    fields: {
      node: many("NodeProto", 1),
      name: one("string", 2),
      initializer: many("TensorProto", 5),
      input: many("ValueInfoProto", 11),
      output: many("ValueInfoProto", 12),
      value_info: many("ValueInfoProto", 13),
      sparse_initializer: many("SparseTensorProto", 15),
    },
  },
  FunctionProto: {
    fields: {
      name: one("string", 1),
      input: many("string", 4),
      output: many("string", 5),
      attribute: many("string", 6),
      node: many("NodeProto", 7),
      opset_import: many("OperatorSetIdProto", 9),
      domain: one("string", 10),
      attribute_proto: many("AttributeProto", 11),
      value_info: many("ValueInfoProto", 12),
      overload: one("string", 13),
    },
  },
  NodeProto: {
    fields: {
      input: many("string", 1),
      output: many("string", 2),
      name: one("string", 3),
      op_type: one("string", 4),
      attribute: many("AttributeProto", 5),
      domain: one("string", 7),
      overload: one("string", 8),
    },
  },
  AttributeProto: {
    fields: {
      name: one("string", 1),
      f: one("float", 2),
      i: one("int64", 3),
      s: one("bytes", 4),
      t: one("TensorProto", 5),
      g: one("GraphProto", 6),
      floats: many("float", 7),
      ints: many("int64", 8),
      strings: many("bytes", 9),
      tensors: many("TensorProto", 10),
      graphs: many("GraphProto", 11),
      doc_string: one("string", 13),
      type: one("int32", 20),
      ref_attr_name: one("string", 21),
    },
  },
  TensorProto: {
    fields: {
      dims: many("int64", 1),
      data_type: one("int32", 2),
      float_data: many("float", 4, true),
      int32_data: many("int32", 5, true),
      string_data: many("bytes", 6),
      int64_data: many("int64", 7, true),
      name: one("string", 8),
      raw_data: one("bytes", 9),
      double_data: many("double", 10, true),
      uint64_data: many("uint64", 11, true),
      external_data: many("StringStringEntryProto", 13),
      data_location: one("int32", 14),
    },
  },
  SparseTensorProto: {
    fields: { values: one("TensorProto", 1), indices: one("TensorProto", 2), dims: many("int64", 3) },
  },
  ValueInfoProto: { fields: { name: one("string", 1), type: one("TypeProto", 2) } },
  TypeProto: {
    fields: { tensor_type: one("Tensor", 1), denotation: one("string", 6) },
    nested: { Tensor: { fields: { elem_type: one("int32", 1), shape: one("TensorShapeProto", 2) } } },
  },
  TensorShapeProto: {
    fields: { dim: many("Dimension", 1) },
    nested: {
      Dimension: { fields: { dim_value: one("int64", 1), dim_param: one("string", 2), denotation: one("string", 3) } },
    },
  },
};

const root = protobuf.Root.fromJSON({
  // Text that is no UTF-8 is an error: it would not go back into a file as it was.
  options: { features: { utf8_validation: "VERIFY" } },
  nested: { onnx: { nested } },
});

/** The message that a model file is, and those whose bytes are kept whole. */
export const ModelProto: protobuf.Type = root.lookupType("onnx.ModelProto");
export const AttributeProto: protobuf.Type = root.lookupType("onnx.AttributeProto");
export const GraphProto: protobuf.Type = root.lookupType("onnx.GraphProto");
export const FunctionProto: protobuf.Type = root.lookupType("onnx.FunctionProto");
export const TensorProto: protobuf.Type = root.lookupType("onnx.TensorProto");

/** The message in `bytes`, with the fields that the schema does not have; throws where it is cut short or damaged. */
export function parseMessage(type: protobuf.Type, bytes: Uint8Array): protobuf.Message {
  const reader = protobuf.Reader.create(plain(bytes));
  reader.discardUnknown = false;
  return type.decode(reader);
}

/** The bytes of a message, or of a field alone. */
export const messageBytes = (type: protobuf.Type, message: object): Uint8Array => plain(type.encode(message).finish());

/** Node's Buffer as what it is a kind of, so that graphs compare whoever read them. */
const plain = ({ buffer, byteOffset, byteLength }: Uint8Array) => new Uint8Array(buffer, byteOffset, byteLength);

/** onnx.proto's AttributeProto.AttributeType of the kinds we have. */
export const attributeTypes = {
  float: 1,
  int: 2,
  string: 3,
  tensor: 4,
  graph: 5,
  floats: 6,
  ints: 7,
  strings: 8,
  tensors: 9,
  graphs: 10,
} as const;
