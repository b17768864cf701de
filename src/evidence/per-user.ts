// A metric's value for every user, from lists: what means, slices and paired tests are made of.

import { rowOf } from "../data/interactions.ts";
import type { Catalogue, MetricMethod } from "../kinds/metric.ts";
import type { Judgement, RankedLists } from "./lists.ts";
import type { Slice } from "./slices.ts";

/** One value a row of `lists`, NaN for a user who has none or is not in the slice. */
export function perUserValues(
  lists: RankedLists,
  { seen, truth }: Judgement,
  catalogue: Catalogue,
  metric: MetricMethod & { perUser: NonNullable<MetricMethod["perUser"]> },
  k: number,
  slice?: Slice,
): Float64Array {
  const { users, k: longest } = lists;
  const values = new Float64Array(users.length).fill(Number.NaN);
  const among = slice?.of === "items" ? slice.member : undefined;
  const relevant = new Uint8Array(catalogue.items);
  for (let r = 0; r < users.length; r++) {
    const user = users[r]!;
    if (slice?.of === "users" && !slice.member[user]) continue;
    const taken = rowOf(truth, user);
    const wanted = among ? taken.filter((item) => among[item]) : taken;
    if (wanted.length === 0) continue;
    for (const item of wanted) relevant[item] = 1;
    const items = lists.items.subarray(r * longest, r * longest + k);
    const hits = Uint8Array.from(items, (item) => (item < 0 ? 0 : relevant[item]!));
    for (const item of wanted) relevant[item] = 0;
    values[r] = metric.perUser({ hits, relevant: wanted.length, items, history: rowOf(seen, user) }, catalogue);
  }
  return values;
}

/** Mean and standard error of the values that are numbers, and how many those are. */
export function meanOf(values: Float64Array): { mean: number; standardError: number; n: number } {
  let [n, sum, squares] = [0, 0, 0];
  for (const x of values) {
    if (Number.isNaN(x)) continue;
    n++;
    sum += x;
  }
  const mean = sum / n;
  for (const x of values) if (!Number.isNaN(x)) squares += (x - mean) ** 2;
  return { mean, standardError: Math.sqrt(squares / Math.max(1, n - 1) / n), n };
}
