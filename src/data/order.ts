// Events in the order of their pairs: counted into rows by user, then each row sorted; far cheaper than sorting all.

/** Positions of the kept events by user, then item (ties in file order); those of user u are [starts[u], starts[u+1]). */
export function orderByPair(users: number, user: Int32Array, item: Int32Array, keep?: (event: number) => boolean) {
  const starts = new Int32Array(users + 1);
  const kept = new Uint8Array(user.length);
  for (let e = 0; e < user.length; e++) {
    if (keep && !keep(e)) continue;
    kept[e] = 1;
    starts[user[e]! + 1]!++;
  }
  for (let u = 0; u < users; u++) starts[u + 1]! += starts[u]!;
  const order = new Uint32Array(starts.at(-1)!);
  const next = starts.slice(0, users);
  for (let e = 0; e < user.length; e++) if (kept[e]) order[next[user[e]!]!++] = e;
  for (let u = 0; u < users; u++) {
    order.subarray(starts[u]!, starts[u + 1]!).sort((a, b) => item[a]! - item[b]! || a - b);
  }
  return { order, starts };
}
