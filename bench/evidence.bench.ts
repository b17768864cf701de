// From lists to figures at Gowalla's size: 29,858 users in train with 27 of 40,981 items each, popular ones more often;
// lists of 20 for a tenth of the users; every metric at 10 and 20, over all and four slices, and drawing 499 candidates.

import { bench } from "mitata";
import { createRng } from "../src/base/rng.ts";
import { type Interactions, rowOf } from "../src/data/interactions.ts";
import { drawnCandidates } from "../src/evidence/candidates.ts";
import { catalogueOf } from "../src/evidence/catalogue.ts";
import { evaluate } from "../src/evidence/evaluate.ts";
import { coldUsers, popularityBands } from "../src/evidence/slices.ts";
import { all } from "../src/metrics/index.ts";
import type { Figures } from "./case.ts";

const [USERS, ITEMS, TAKEN, WANTED, K, TAGS] = [29_858, 40_981, 27, 7, 20, 20];
const JUDGED = Math.floor(USERS / 10);

const rng = createRng("evidence bench");
/** Item ⌊n · x³⌋: the first tenth of the catalogue gets nearly half of everything. */
const draw = (count: number) => {
  const row = new Set<number>();
  while (row.size < count) row.add(Math.floor(ITEMS * rng.uniform() ** 3));
  return row;
};
const matrix = (rows: readonly number[][]): Interactions => {
  const indptr = new Int32Array(USERS + 1);
  for (let u = 0; u < USERS; u++) indptr[u + 1] = indptr[u]! + (rows[u]?.length ?? 0);
  const indices = Int32Array.from(rows.flat());
  return { users: USERS, items: ITEMS, indptr, indices, values: new Float32Array(indices.length).fill(1) };
};
const rising = (row: Iterable<number>) => [...row].sort((a, b) => a - b);

const train = matrix(Array.from({ length: USERS }, () => rising(draw(TAKEN))));
const truth = matrix(
  Array.from({ length: JUDGED }, (_, u) =>
    rising([...draw(WANTED + TAKEN)].filter((i) => !rowOf(train, u).includes(i))),
  ),
);
const judgement = { train, seen: train, truth };
const tags = {
  count: TAGS,
  start: Uint32Array.from({ length: ITEMS + 1 }, (_, i) => 2 * i),
  code: Int32Array.from({ length: 2 * ITEMS }, (_, at) => (at % 2) * 10 + rng.below(10)),
};
const catalogue = catalogueOf(train, tags);
const lists = {
  k: K,
  users: Int32Array.from({ length: JUDGED }, (_, u) => u),
  items: Int32Array.from(Array.from({ length: JUDGED }, () => [...draw(K)]).flat()),
  places: Array.from({ length: JUDGED }, (_, u) => {
    const above = Int32Array.from(rowOf(truth, u), () => rng.below(ITEMS / 4));
    return { above, tied: new Int32Array(above.length), others: ITEMS - TAKEN - above.length };
  }),
};
const options = { ks: [10, K], metrics: all, slices: [...popularityBands(catalogue), coldUsers(train, 5)] };
const ids = { userIds: Array.from(train.indptr, String), itemIds: Array.from({ length: ITEMS }, (_, i) => String(i)) };

bench("evaluate 2,985 lists", () => evaluate(lists, judgement, catalogue, options));
bench("draw 499 candidates for 2,985", () =>
  drawnCandidates({ negatives: 499, seed: 1, by: "popularity" }, judgement, ids),
);

/** Milliseconds. */
export default (medianNs: Readonly<Record<string, number>>): Figures =>
  Object.fromEntries(Object.entries(medianNs).map(([name, ns]) => [`${name}, ms`, ns / 1e6]));
