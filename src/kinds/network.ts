// A network turns feature columns into one logit a row; it says what the graph is, the engine trains it.

import type { z } from "zod";
import type { Rng } from "../base/rng.ts";
import type { Ops } from "../graph/ops.ts";

/** What a network may read of a row; the graph's inputs of these names come with it. */
export interface NetworkInputs {
  /** Single-valued categorical columns: `ids` int64 [batch, fields], row numbers of one table of `rows` rows. */
  readonly fields: number;
  readonly rows: number;
  /** Where each of them lies in that table: rows [first, first + rows). Wanted where an option names a column. */
  readonly places?: readonly { name: string; first: number; rows: number }[];
  /** `numeric` float32 [batch, numeric]. */
  readonly numeric: number;
  /** Lists of ids, padded: `bag.<name>` int64 [batch, length] and `bag.<name>.mask` float32 of the same shape. */
  readonly bags: readonly { name: string; rows: number; length: number; pool: "mean" | "sum" }[];
  /** Dense vectors: `dense.<name>` float32 [batch, width]. */
  readonly dense: readonly { name: string; width: number }[];
}

/** Fills a new weight of the given dims, row-major. A table is drawn some rows at a time, each time with their dims. */
export type Init = (rng: Rng, dims: readonly number[]) => Float32Array;

export interface NetworkContext {
  readonly g: Ops;
  readonly inputs: NetworkInputs;
  /** One embedding a column, [batch, columns, d]: single-valued ones, pooled lists, projected dense vectors. */
  embed(d: number, name?: string, init?: Init): string;
  /** [batch, 1, d]: one single-valued column by its name in `inputs.places`, from a table of its own. */
  embedColumn(column: string, d: number, name: string, init: Init): string;
  /** How many columns `embed` gives; it may not be called where there is none. */
  readonly columns: number;
  /** float32 [batch, inputs.numeric]; undefined where there is none. */
  readonly numeric: string | undefined;
  /** A weight that the optimiser updates. */
  weight(name: string, dims: readonly number[], init: Init): string;
  /** Zeroes a share of x while training, and scales the rest up. */
  dropout(x: string, rate: number): string;
}

export interface NetworkMethod<S extends z.ZodType = z.ZodType> {
  readonly kind: "network";
  readonly name: string;
  readonly summary: string;
  readonly options: S;
  /** The logits, float32 [batch]. No constant may hold the batch's size: 0 and -1 in Reshape. */
  build(context: NetworkContext, options: z.output<S>): string;
}

export const defineNetwork = <S extends z.ZodType>(method: Omit<NetworkMethod<S>, "kind">): NetworkMethod<S> => ({
  kind: "network",
  ...method,
});
