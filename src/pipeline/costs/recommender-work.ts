// What a recommender works through for one request over all items, by its shapes and by how the scorer keeps its tables.
// A multiplication and an addition are two operations; decoding and top-k are left out.
//
//     pooling   h · w  additions       h = mean history, w = mean kept numbers in a row of the pooled table
//     encoding  the encoder's graph over min(h, its length) rows, in place of pooling
//     scoring   d · n  multiply-adds   with an item table; gain and bias n operations each
//
// Tables that are scanned are read once for all requests that are answered together, rows of histories once for each.

import { elements } from "../../graph/tensor.ts";
import type { Encoder } from "../../recommender/encoder/encoder.ts";
import { loadedBytes } from "../../recommender/loaded-table.ts";
import { lowerEncoder } from "../../recommender/lower.ts";
import { type Recommender, tableNames } from "../../recommender/recommender.ts";
import type { Cost } from "../../report/cost-results.ts";
import { type Table, tableBytes } from "../../tables/table.ts";
import { type GraphGrowth, graphGrowth, none } from "./growth.ts";

/** Numbers that a table stands for, whatever it is encoded in; of a sparse one only those that it keeps. */
const numbers = ({ values, rows, cols }: Table): number => (values ? values.rows * values.cols : rows * cols);

/** Numbers that the tables and the encoder hold. */
export function parametersOf({ tables, encoder }: Recommender): Cost["parameters"] {
  return {
    tables: tableNames.reduce((sum, name) => sum + (tables[name] ? numbers(tables[name]) : 0), 0),
    weights: Object.values(encoder?.weights ?? {}).reduce((sum, { dims }) => sum + elements(dims), 0),
  };
}

/** The work of one request with a history of the mean length. */
export function recommenderWork(
  { query, items, tables, encoder }: Recommender,
  meanHistory: number,
): Pick<Cost, "flops" | "macs" | "traffic"> {
  const { item, gain, bias } = tables;
  const pooled = tables.history ?? item;
  const scored = query !== "none";
  const reads = encoder ? lengthRead(encoder, meanHistory) : query === "history" ? meanHistory : 0;
  const encoding = encoder ? encoderGrowth(encoder, reads) : nothing;
  const width = pooled ? numbers(pooled) / pooled.rows : 0;
  const row = query === "user" ? (tables.user ? tableBytes(tables.user) / tables.user.rows : 0) : 0;
  const picked = row + (pooled ? reads * (asPairs(pooled, item) ? 8 * width : loadedBytes(pooled) / pooled.rows) : 0);
  const turning = item?.encoding === "turned" ? item.cols ** 2 : 0;
  const macs = item && scored ? item.cols * items + turning : 0;
  const pooling = encoder ? 0 : reads * width;
  const after = (gain ? items : 0) + (bias && scored ? items : 0);
  const scanned = (item && scored ? loadedBytes(item) : 0) + (gain ? 4 * items : 0) + (bias ? 4 * items : 0);
  // Scores are written, changed by gain and by bias, and read for the top k.
  const values = 4 * items * (2 + (gain ? 2 : 0) + (bias ? 2 : 0));
  return {
    flops: {
      fixed: encoding.flops.fixed,
      perRow: Math.round(encoding.flops.perRow + pooling + 2 * macs + after),
    },
    macs: { fixed: encoding.macs.fixed, perRow: encoding.macs.perRow + macs },
    traffic: {
      weights: { fixed: encoding.traffic.weights.fixed + scanned, perRow: encoding.traffic.weights.perRow },
      rows: { fixed: 0, perRow: Math.round(picked) },
      values: { fixed: encoding.traffic.values.fixed, perRow: encoding.traffic.values.perRow + values },
    },
  };
}

/** Bytes that the scorer keeps beside kernel memory: the user table as it ships, a sparse one as rows of pairs, weights. */
export function outsideBytes({ tables, encoder }: Recommender): number {
  const { user, history, item } = tables;
  const pairs = history && asPairs(history, item) ? 8 * numbers(history) + 4 * (history.rows + 1) : 0;
  const weights = Object.values(encoder?.weights ?? {}).reduce((sum, { data }) => sum + data.byteLength, 0);
  return (user ? tableBytes(user) : 0) + pairs + weights;
}

const asPairs = (pooled: Table, item: Table | undefined): boolean => pooled.encoding === "sparse" && !item;

const lengthRead = ({ length }: Encoder, meanHistory: number): number =>
  Math.max(1, Math.min(length, Math.round(meanHistory)));

const encoderGrowth = (encoder: Encoder, length: number): GraphGrowth =>
  graphGrowth(lowerEncoder(encoder), "batch", { length });

const nothing: GraphGrowth = {
  ...{ ops: [], flops: none, macs: none },
  traffic: { weights: none, rows: none, values: none },
};
