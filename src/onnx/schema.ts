// The part of the ONNX protobuf schema (onnx.proto, IR 8 to 10) that we read and write, as protobufjs reflects it.
// Field numbers are the specification's; fields left out are skipped when reading.

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
      graph: one("GraphProto", 7),
      opset_import: many("OperatorSetIdProto", 8),
      functions: many("bytes", 25),
    },
  },
  OperatorSetIdProto: { fields: { domain: one("string", 1), version: one("int64", 2) } },
  GraphProto: {
    fields: {
      node: many("NodeProto", 1),
      name: one("string", 2),
      initializer: many("TensorProto", 5),
      input: many("ValueInfoProto", 11),
      output: many("ValueInfoProto", 12),
      sparse_initializer: many("bytes", 15),
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
    },
  },
  AttributeProto: {
    fields: {
      name: one("string", 1),
      f: one("float", 2),
      i: one("int64", 3),
      s: one("bytes", 4),
      t: one("TensorProto", 5),
      floats: many("float", 7),
      ints: many("int64", 8),
      strings: many("bytes", 9),
      type: one("int32", 20),
    },
  },
  TensorProto: {
    fields: {
      dims: many("int64", 1),
      data_type: one("int32", 2),
      float_data: many("float", 4, true),
      int32_data: many("int32", 5, true),
      int64_data: many("int64", 7, true),
      name: one("string", 8),
      raw_data: one("bytes", 9),
      external_data: many("bytes", 13),
    },
  },
  ValueInfoProto: { fields: { name: one("string", 1), type: one("TypeProto", 2) } },
  TypeProto: {
    fields: { tensor_type: one("Tensor", 1) },
    nested: { Tensor: { fields: { elem_type: one("int32", 1), shape: one("TensorShapeProto", 2) } } },
  },
  TensorShapeProto: {
    fields: { dim: many("Dimension", 1) },
    nested: { Dimension: { fields: { dim_value: one("int64", 1), dim_param: one("string", 2) } } },
  },
};

/** The message that a model file is. */
export const ModelProto: protobuf.Type = protobuf.Root.fromJSON({ nested: { onnx: { nested } } }).lookupType(
  "onnx.ModelProto",
);

/** onnx.proto's TensorProto.DataType of the types we have. */
export const dataTypes = { float32: 1, uint8: 2, int8: 3, int32: 6, int64: 7, bool: 9, float16: 10 } as const;

/** onnx.proto's AttributeProto.AttributeType of the kinds we have. */
export const attributeTypes = { float: 1, int: 2, string: 3, tensor: 4, floats: 6, ints: 7, strings: 8 } as const;
