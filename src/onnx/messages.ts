// What protobufjs makes of the messages of schema.ts. A field that the file does not have reads as its default through
// the prototype; own properties are those that it has.

import { UserError } from "../base/errors.ts";

/** A 64-bit integer as protobufjs gives it. */
export type Long = number | { toString(): string };

export interface Message {
  /** Fields that the schema does not have, each with its tag. */
  readonly $unknowns?: readonly Uint8Array[];
}
export interface Entry extends Message {
  key: string;
  value: string;
}
export interface TensorMessage extends Message {
  dims: Long[];
  data_type: number;
  name: string;
  raw_data: Uint8Array;
  float_data: number[];
  double_data: number[];
  int32_data: number[];
  int64_data: Long[];
  uint64_data: Long[];
  string_data: Uint8Array[];
  external_data: Entry[];
  data_location: number;
}
export interface SparseMessage extends Message {
  values: TensorMessage | null;
  indices: TensorMessage | null;
  dims: Long[];
}
export interface AttributeMessage extends Message {
  name: string;
  type: number;
  f: number;
  i: Long;
  s: Uint8Array;
  t: TensorMessage | null;
  g: GraphMessage | null;
  floats: number[];
  ints: Long[];
  strings: Uint8Array[];
  tensors: TensorMessage[];
  graphs: GraphMessage[];
  doc_string: string;
  ref_attr_name: string;
}
export interface NodeMessage extends Message {
  name: string;
  op_type: string;
  domain: string;
  overload: string;
  input: string[];
  output: string[];
  attribute: AttributeMessage[];
}
interface DimensionMessage extends Message {
  dim_value: Long;
  dim_param: string;
  denotation: string;
}
export interface ValueMessage extends Message {
  name: string;
  type: (Message & { tensor_type: TensorTypeMessage | null; denotation: string }) | null;
}
interface TensorTypeMessage extends Message {
  elem_type: number;
  shape: (Message & { dim: DimensionMessage[] }) | null;
}
export interface GraphMessage extends Message {
  name: string;
  node: NodeMessage[];
  initializer: TensorMessage[];
  input: ValueMessage[];
  output: ValueMessage[];
  value_info: ValueMessage[];
  sparse_initializer: SparseMessage[];
}
export interface OperatorSet extends Message {
  domain: string;
  version: Long;
}
export interface FunctionMessage extends Message {
  name: string;
  domain: string;
  overload: string;
  input: string[];
  output: string[];
  attribute: string[];
  attribute_proto: AttributeMessage[];
  node: NodeMessage[];
  opset_import: OperatorSet[];
  value_info: ValueMessage[];
}
export interface ModelMessage extends Message {
  ir_version: Long;
  producer_name: string;
  producer_version: string;
  domain: string;
  model_version: Long;
  graph: GraphMessage | null;
  opset_import: OperatorSet[];
  metadata_props: Entry[];
  functions: FunctionMessage[];
}

/** `{ rest }` where a message has fields that the schema does not know. */
export const restOf = ({ $unknowns }: Message): { rest?: readonly Uint8Array[] } =>
  $unknowns?.length ? { rest: $unknowns } : {};

/** Refuses fields that have no place to be kept in. */
export function closed<M extends Message>(message: M, where: string): M {
  if (message.$unknowns?.length)
    throw new UserError(
      `${where}: it has fields that this version of ONNX does not define; export it for an earlier one.`,
    );
  return message;
}

/** A 64-bit integer as a number; one that a number cannot hold exactly is a UserError, but for INT64_MAX ("to the end"). */
export function whole(n: Long, where: string): number {
  const number = Number(n);
  if (!Number.isSafeInteger(number) && BigInt(number) !== BigInt(n.toString()) && n.toString() !== INT64_MAX)
    throw new UserError(`${where}: the number ${n} has more than 53 bits, which is not supported.`);
  return number;
}

export const INT64_MAX = "9223372036854775807";
