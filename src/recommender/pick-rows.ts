// A recommender over part of its users and items, or over all in another order: rows of its tables are picked as they
// are, so that scores stay the same to the bit.

import { f32Table, type Table } from "../tables/table.ts";
import type { Recommender } from "./recommender.ts";

/** Whether pickRows can: dense float32 tables, and items that have vectors. */
export const canPickRows = ({ tables }: Recommender): boolean =>
  tables.item !== undefined && Object.values(tables).every(({ encoding }) => encoding === "f32");

/** The recommender whose item i is the old items[i] and whose user u is the old users[u]. */
export function pickRows(recommender: Recommender, items: Int32Array, users: Int32Array): Recommender {
  const { tables } = recommender;
  const { user, history, item, gain, bias } = tables;
  return {
    ...recommender,
    items: items.length,
    tables: {
      ...(user && { user: rows(user, users) }),
      ...(history && { history: rows(history, items) }),
      ...(item && { item: rows(item, items) }),
      ...(gain && { gain: columns(gain, items) }),
      ...(bias && { bias: columns(bias, items) }),
    },
  };
}

function rows({ cols, tensors }: Table, picked: Int32Array): Table {
  const data = tensors["data"] as Float32Array;
  const out = new Float32Array(picked.length * cols);
  for (let r = 0; r < picked.length; r++) out.set(data.subarray(picked[r]! * cols, (picked[r]! + 1) * cols), r * cols);
  return f32Table(picked.length, cols, out);
}

const columns = ({ tensors }: Table, picked: Int32Array): Table =>
  f32Table(
    1,
    picked.length,
    Float32Array.from(picked, (c) => (tensors["data"] as Float32Array)[c]!),
  );
