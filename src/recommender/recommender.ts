// The one form that every factor and neighbourhood model takes once it is fitted, compressed and shipped. What reads
// it (scorer, ONNX lowering, artifact, edge) never asks which model it came from.
//
//     query vector q  =  row `user` of tables.user                       (query: "user")
//                     or pool over the user's items h of row h of        (query: "history")
//                        tables.history, or of tables.item if absent
//     score of item j =  (q · row j of tables.item) * gain[j] + bias[j]
//
// With an encoder the query vector of a history is not its pool but the encoder's output over the rows of its latest
// items. Without tables.item the pooled vector is itself the row of scores (EASE, item-kNN). Without gain it is 1, without
// bias 0. query "none": the scores are the bias (popularity).

import type { Table } from "../tables/table.ts";
import type { Encoder } from "./encoder/encoder.ts";

/** How rows of a history are pooled: their sum, mean, or sum / sqrt(count). */
export type Pool = "sum" | "mean" | "sqrt";

export interface Recommender {
  readonly query: "user" | "history" | "none";
  readonly pool: Pool;
  readonly items: number;
  /** For query "history", whose order then matters: the earliest first. */
  readonly encoder?: Encoder;
  readonly tables: {
    /** users × d */
    readonly user?: Table;
    /** items × d (or items × items without tables.item) */
    readonly history?: Table;
    /** items × d */
    readonly item?: Table;
    /** 1 × items */
    readonly gain?: Table;
    /** 1 × items */
    readonly bias?: Table;
  };
}

export type TableName = keyof Recommender["tables"];
export const tableNames: readonly TableName[] = ["user", "history", "item", "gain", "bias"];

/** The factor 1, 1/n or 1/sqrt(n) of a pool over n rows; 0 rows pool to 0. */
export function poolScale(pool: Pool, n: number): number {
  return n === 0 ? 0 : pool === "sum" ? 1 : pool === "mean" ? 1 / n : 1 / Math.sqrt(n);
}
