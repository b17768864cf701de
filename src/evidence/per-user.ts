// A metric's value for every user, from lists: what means, slices and paired tests are made of.

import { rowOf } from "../data/interactions.ts";
import type { Catalogue } from "../kinds/catalogue.ts";
import type { MetricMethod, Places, RankedUser } from "../kinds/metric.ts";
import type { Judgement, RankedLists } from "./lists.ts";
import type { Slice } from "./slices.ts";

export type PerUserMetric = MetricMethod & { readonly perUser: NonNullable<MetricMethod["perUser"]> };

/** One value a row of `lists`, NaN for a user who has none or is not in the slice. */
export function perUserValues(
  lists: RankedLists,
  judgement: Judgement,
  catalogue: Catalogue,
  metric: PerUserMetric,
  k: number,
  slice?: Slice,
): Float64Array {
  const among = slice?.of === "items" ? slice.member : undefined;
  const values = valuesOf(lists, judgement, catalogue, [metric], k, among)[0]!;
  return slice?.of === "users" ? within(values, lists, slice.member) : values;
}

/** The values of several metrics at once; `among` leaves only its items relevant. */
export function valuesOf(
  lists: RankedLists,
  { seen, truth }: Judgement,
  catalogue: Catalogue,
  metrics: readonly PerUserMetric[],
  k: number,
  among?: Uint8Array,
): Float64Array[] {
  const { users, k: longest } = lists;
  const values = metrics.map(() => new Float64Array(users.length).fill(Number.NaN));
  const relevant = new Uint8Array(catalogue.items);
  const hits = new Uint8Array(k);
  for (let r = 0; r < users.length; r++) {
    const taken = rowOf(truth, users[r]!);
    const wanted = among ? taken.filter((item) => among[item]) : taken;
    if (wanted.length === 0) continue;
    for (const item of wanted) relevant[item] = 1;
    const items = lists.items.subarray(r * longest, r * longest + k);
    for (let at = 0; at < k; at++) hits[at] = items[at]! < 0 ? 0 : relevant[items[at]!]!;
    for (const item of wanted) relevant[item] = 0;
    const places = lists.places && among ? pick(lists.places[r]!, taken, among) : lists.places?.[r];
    const user: RankedUser = {
      ...{ hits, relevant: wanted.length, items, history: rowOf(seen, users[r]!) },
      ...(places && { places }),
    };
    for (let m = 0; m < metrics.length; m++) values[m]![r] = metrics[m]!.perUser(user, catalogue);
  }
  return values;
}

/** The values of the users that are members; NaN for the others. */
export const within = (values: Float64Array, { users }: RankedLists, member: Uint8Array): Float64Array =>
  values.map((value, r) => (member[users[r]!] ? value : Number.NaN));

const pick = ({ above, tied, others }: Places, taken: Int32Array, among: Uint8Array): Places => {
  const of = (_: number, e: number) => among[taken[e]!] === 1;
  return { above: above.filter(of), tied: tied.filter(of), others };
};

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
