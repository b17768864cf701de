// Preparing a shuffled batch of 4096 rows in Criteo's form (26 ids, 13 numbers) out of 400 thousand, and the exact AUC of
// a million rows.

import { bench } from "mitata";
import { createRng } from "../src/base/rng.ts";
import { auc } from "../src/data/click-metrics/auc.ts";
import { batches, type Examples } from "../src/data/examples.ts";
import type { Figures } from "./case.ts";

const [N, FIELDS, NUMBERS, BATCH, SCORED] = [409_600, 26, 13, 4096, 1_000_000];

const rng = createRng("batches bench");
const examples: Examples = {
  n: N,
  label: Float32Array.from({ length: N }, () => rng.below(2)),
  ids: Int32Array.from({ length: N * FIELDS }, () => rng.below(1e6)),
  fields: FIELDS,
  numeric: Float32Array.from({ length: N * NUMBERS }, rng.uniform),
  numbers: NUMBERS,
  bags: [],
  dense: [],
};
const label = Float32Array.from({ length: SCORED }, () => rng.below(2));
const score = Float32Array.from(label, (y) => rng.uniform() + y / 2);

/** Epoch after epoch; the shuffle of an epoch's rows is part of its first batch. */
function* endless(): Generator<number> {
  for (;;) for (const batch of batches(examples, { batch: BATCH, rng })) yield batch.n;
}
const stream = endless();

bench("batch 4096 × (26 + 13)", () => stream.next().value);
bench("auc 1 M rows", () => auc(label, score));

/** Milliseconds. */
export default (medianNs: Readonly<Record<string, number>>): Figures =>
  Object.fromEntries(Object.entries(medianNs).map(([name, ns]) => [`${name}, ms`, ns / 1e6]));
