// Whether a recommender's tables fit together; for recommenders that come from outside.

import { UserError } from "../base/errors.ts";
import { checkTable } from "../tables/decode.ts";
import type { Table } from "../tables/table.ts";
import { checkEncoder } from "./encoder/run.ts";
import { type Recommender, type TableName, tableNames } from "./recommender.ts";

/** Throws a UserError unless every table is sound, needed tables are there and all shapes agree. */
export function checkRecommender(recommender: Recommender): void {
  const { query, items, tables, encoder } = recommender;
  if (encoder) {
    checkEncoder(encoder);
    if (query !== "history" || tables.item?.cols !== encoder.d) {
      const got = `got query "${query}" and ${tables.item ? `${tables.item.cols} dimensions` : "no item table"}`;
      throw new UserError(`an encoder needs query "history" and an item table of ${encoder.d} dimensions, ${got}.`);
    }
  }
  const width = tables.item?.cols ?? items;
  const shapes: Record<TableName, readonly [rows: number | undefined, cols: number]> = {
    user: [undefined, width],
    history: [items, encoder?.width ?? width],
    item: [items, width],
    gain: [1, items],
    bias: [1, items],
  };
  for (const name of tableNames) {
    const table = tables[name];
    if (!table) continue;
    const [rows, cols] = shapes[name];
    if ((rows ?? table.rows) !== table.rows || cols !== table.cols) {
      const got = `got ${table.rows} × ${table.cols}`;
      throw new UserError(`table "${name}" must be ${rows ?? "users"} × ${cols}, ${got}; seal the artifact again.`);
    }
    checkTable(table);
  }
  const needed: Record<Recommender["query"], [Table | undefined, string]> = {
    user: [tables.user, "user"],
    history: [tables.history ?? tables.item, "history"],
    none: [tables.bias, "bias"],
  };
  const [table, name] = needed[query];
  if (!table)
    throw new UserError(`a recommender with query "${query}" needs table "${name}"; seal the artifact again.`);
}
