// A pass makes a recommender's tables smaller, or ready to be. Most encode one table after another; some move all factor
// matrices into another space together. Each says what it changed, and why if it refused.

import type { z } from "zod";
import type { Rng } from "../base/rng.ts";
import type { Kernels } from "../kernels/kernels.ts";
import type { Recommender, TableName } from "../recommender/recommender.ts";
import type { Table } from "../tables/table.ts";
import type { Learnable } from "./aware.ts";

export interface PassContext {
  readonly kernels: Kernels;
  readonly rng: Rng;
  /** How often training met each user and each item; absent where a model comes without its data. */
  readonly met?: { readonly user: Int32Array; readonly item: Int32Array };
}

export type Refused = { readonly refused: string };
/** A new table, or the reason why this table stays as it is. */
export type Encoded = Table | Refused;

interface Named<S extends z.ZodType> {
  readonly kind: "pass";
  readonly name: string;
  readonly summary: string;
  readonly options: S;
}

export interface TablePass<S extends z.ZodType = z.ZodType> extends Named<S>, Learnable<z.output<S>> {
  /** Largest absolute error of one number that the pass may cause in `dense` (row-major, rows of `cols`). */
  tolerance(options: z.output<S>, dense: Float32Array, cols: number): number;
  /** Encodes one table; `name` says which role it plays. Never changes its input; returns it where it is not chosen. */
  encode(table: Table, options: z.output<S>, context: PassContext, name: TableName): Encoded | Promise<Encoded>;
}

export interface SpacePass<S extends z.ZodType = z.ZodType> extends Named<S> {
  /** Largest absolute error of one score u · v that the pass may cause between the users' and the items' rows. */
  tolerance(options: z.output<S>, users: Table, items: Table): number;
  /** New tables for those that share a space. Never changes its input. */
  transform(
    recommender: Recommender,
    options: z.output<S>,
    context: PassContext,
  ): Promise<Recommender["tables"] | Refused>;
}

export type PassMethod = TablePass | SpacePass;

export const definePass = <S extends z.ZodType>(method: Omit<TablePass<S>, "kind">): TablePass<S> => ({
  kind: "pass",
  ...method,
});

export const defineSpacePass = <S extends z.ZodType>(method: Omit<SpacePass<S>, "kind">): SpacePass<S> => ({
  kind: "pass",
  ...method,
});
