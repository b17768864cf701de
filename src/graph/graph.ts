// A mutable graph of tensor operations, as ONNX has it: values have names, nodes read and write them in order.
// Knows neither bytes nor files; onnx/ is the codec.

import type { DType, GraphTensor } from "./tensor.ts";

/** What an attribute of a node may be. A whole number is an int, `{ float }` a float. */
export type Attribute =
  | number
  | { readonly float: number }
  | string
  | readonly number[]
  | { readonly floats: readonly number[] }
  | { readonly strings: readonly string[] }
  | GraphTensor;

export interface GraphNode {
  name: string;
  op: string;
  /** "" for the standard operators. */
  domain: string;
  /** Names of values; "" for an optional input that is left out. */
  inputs: string[];
  outputs: string[];
  attributes: Record<string, Attribute>;
}

/** A typed input or output; a dimension is a size or the name of a free one. */
export interface GraphValue {
  name: string;
  dtype: DType;
  shape: (number | string)[];
}

export interface Graph {
  name: string;
  /** Version of the standard operators. */
  opset: number;
  /** Versions of other operator sets by domain, such as "com.microsoft". */
  domains: Record<string, number>;
  inputs: GraphValue[];
  outputs: GraphValue[];
  /** Constants by value name. */
  initializers: Map<string, GraphTensor>;
  /** In an order in which every value is written before it is read. */
  nodes: GraphNode[];
}
