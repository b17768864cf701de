// Which items of a batch its users took: those are no negatives of theirs.

import type { Interactions } from "../../data/interactions.ts";

/** [users, items]: 1 where the user took the item. */
export function takenOf(data: Interactions, users: Int32Array, items: Int32Array): Float32Array {
  // The columns of an item are a chain: its last one, then `before` each.
  const last = new Int32Array(data.items).fill(-1);
  const before = new Int32Array(items.length);
  for (const [column, item] of items.entries()) {
    before[column] = last[item]!;
    last[item] = column;
  }
  const taken = new Float32Array(users.length * items.length);
  for (const [row, user] of users.entries()) {
    for (let at = data.indptr[user]!; at < data.indptr[user + 1]!; at++) {
      for (let column = last[data.indices[at]!]!; column >= 0; column = before[column]!) {
        taken[row * items.length + column] = 1;
      }
    }
  }
  return taken;
}
