// A pass makes a recommender's tables smaller. It says for each table whether it changed it, and why if it refused.

import type { z } from "zod";
import type { Rng } from "../base/rng.ts";
import type { Kernels } from "../kernels/kernels.ts";
import type { TableName } from "../recommender/recommender.ts";
import type { Table } from "../tables/table.ts";

export interface PassContext {
  readonly kernels: Kernels;
  readonly rng: Rng;
}

/** A new table, or the reason why this table stays as it is. */
export type Encoded = Table | { readonly refused: string };

export interface PassMethod<S extends z.ZodType = z.ZodType> {
  readonly kind: "pass";
  readonly name: string;
  readonly summary: string;
  readonly options: S;
  /** Largest absolute error of one number that the pass may cause in `dense` (row-major, rows of `cols`). */
  tolerance(options: z.output<S>, dense: Float32Array, cols: number): number;
  /** Encodes one table; `name` says which role it plays. Never changes its input; returns it where it is not chosen. */
  encode(table: Table, options: z.output<S>, context: PassContext, name: TableName): Encoded | Promise<Encoded>;
}

export const definePass = <S extends z.ZodType>(method: Omit<PassMethod<S>, "kind">): PassMethod<S> => ({
  kind: "pass",
  ...method,
});
