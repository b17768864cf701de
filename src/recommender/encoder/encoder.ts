// What some models compute a query vector with: a small graph over the rows of a history, where pooling is not enough.
//
//     rows  float32 [batch, length, width]   the history's rows, the latest last, filled up with zeros in front
//     mask  float32 [batch, length]          1 where there is a row
//     query float32 [batch, d]

import type { GraphTensor } from "../../graph/tensor.ts";

/** A node of an encoder, of the standard operators at opset 21. */
export interface EncoderNode {
  readonly op: string;
  /** Names of values; "" for an optional input that is left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Numbers, texts and lists of whole numbers; a float is `{ float }`. */
  readonly attributes: Readonly<Record<string, number | string | readonly number[] | { readonly float: number }>>;
}

export interface Encoder {
  /** How many of a history's latest items it reads, at most. */
  readonly length: number;
  /** Width of a row, and of the query. */
  readonly width: number;
  readonly d: number;
  /** In the order in which they run; inputs `rows` and `mask`, output `query`. */
  readonly nodes: readonly EncoderNode[];
  /** float32 weights and int64 constants by name. */
  readonly weights: Readonly<Record<string, GraphTensor>>;
}
