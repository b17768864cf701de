// A mutable graph of tensor operations, as ONNX has it: values have names, nodes read and write them in order.
// Knows neither bytes nor files; onnx/ is the codec. `rest` holds what a model file said that has no place here
// (documentation, device placement, fields of later versions), as bytes that go back into the file unread.

import type { DType, GraphTensor } from "./tensor.ts";

/** What an attribute of a node may be. A whole number is an int, `{ float }` a float. */
export type Attribute =
  | number
  | { readonly float: number }
  | string
  | readonly number[]
  | { readonly floats: readonly number[] }
  | { readonly strings: readonly string[] }
  | GraphTensor
  | { readonly tensors: readonly GraphTensor[] }
  /** A branch of If, the body of Loop or Scan. */
  | { readonly graph: GraphBody }
  | { readonly graphs: readonly GraphBody[] }
  /** In a function: the attribute of that name of the node that calls it. `kind` is its ONNX type code. */
  | { readonly ref: string; readonly kind: number }
  /** A kind that nothing here reads (sparse tensors, types), kept as its bytes. */
  | { readonly opaque: Uint8Array };

export interface GraphNode {
  name: string;
  op: string;
  /** "" for the standard operators. */
  domain: string;
  /** Names of values; "" for an optional input that is left out. */
  inputs: string[];
  outputs: string[];
  attributes: Record<string, Attribute>;
  /** Which of several functions with the same name the node calls. */
  overload?: string;
  /** What a file says of attributes, by their names. */
  attributeDocs?: Readonly<Record<string, string>>;
  rest?: readonly Uint8Array[];
}

/** A typed input or output; a dimension is a size or the name of a free one, "?" for one without a name. */
export interface GraphValue {
  name: string;
  dtype: DType;
  shape: (number | string)[];
  /** Nothing is known of the shape, not even how many dimensions there are; `shape` is []. */
  unranked?: true;
  /** What the type stands for, then each dimension, in the words of the ONNX standard ("DATA_BATCH"). */
  denotations?: readonly string[];
  rest?: readonly Uint8Array[];
}

/** The values and nodes of a graph, or of a graph inside an attribute, which may also read values around it. */
export interface GraphBody {
  name: string;
  inputs: GraphValue[];
  outputs: GraphValue[];
  /** Constants by value name. */
  initializers: Map<string, GraphTensor>;
  /** In an order in which every value is written before it is read. */
  nodes: GraphNode[];
  /** Inputs that may be left out, since an initializer has their name; `at` is their place among all inputs. */
  defaults?: (GraphValue & { at: number })[];
  /** What a file says of the types of other values. A help for readers: inference relies on none of it. */
  values?: GraphValue[];
  rest?: readonly Uint8Array[];
}

export interface Graph extends GraphBody {
  /** Version of the standard operators. */
  opset: number;
  /** Versions of other operator sets by domain, such as "com.microsoft". */
  domains: Record<string, number>;
  /** Operators that the graph brings along as graphs of others. */
  functions?: GraphFunction[];
  /** What the model file said of itself; absent where a graph was built here. */
  file?: ModelFacts;
}

/** An operator defined by nodes; a node whose domain, op and overload match calls it. */
export interface GraphFunction {
  name: string;
  domain: string;
  overload: string;
  inputs: string[];
  outputs: string[];
  /** Attributes that a caller must give, and those that have a default. */
  attributes: string[];
  attributeDefaults: Record<string, Attribute>;
  attributeDocs?: Readonly<Record<string, string>>;
  nodes: GraphNode[];
  /** As Graph's; 0 where no node is a standard operator. */
  opset: number;
  domains: Record<string, number>;
  values?: GraphValue[];
  rest?: readonly Uint8Array[];
}

export interface ModelFacts {
  irVersion: number;
  producer: string;
  producerVersion: string;
  domain: string;
  modelVersion: number;
  metadata: Record<string, string>;
  rest?: readonly Uint8Array[];
}
