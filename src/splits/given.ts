// The parts that the source itself publishes. A pair in several parts belongs to the highest: gowalla's valid.txt, for
// one, is a subset of its train.txt, and a test item must never be trained on.

import { z } from "zod";
import { UserError } from "../base/errors.ts";
import { groupPairs, share } from "../data/pairs.ts";
import { defineSplit } from "../kinds/split.ts";

const fraction = z.number().gt(0).max(0.9);

export default defineSplit({
  name: "given",
  summary: "The parts that come with the dataset.",
  needsTime: false,
  options: z.strictObject({
    validation: z
      .union([z.enum(["given", "train"]), fraction], { error: 'must be "given", "train" or a fraction up to 0.9' })
      .default("given")
      .describe(
        "given: the source's validation part is held back (tuning). train: it is trained on (final run). A fraction: it is trained on, and that share of each user's training items is held back at random.",
      ),
  }),
  split({ events, part }, { validation }, rng) {
    if (!part) {
      throw new UserError(
        'split (given): this dataset comes without parts; use another split such as "random", or a dataset with train and test files.',
      );
    }
    const { indptr, of } = groupPairs(events);
    const partOf = new Uint8Array(indptr.at(-1)!);
    for (let e = 0; e < of.length; e++) {
      const given = part[e] === 1 && validation !== "given" ? 0 : part[e]!;
      partOf[of[e]!] = Math.max(partOf[of[e]!]!, given);
    }
    if (typeof validation === "number") holdBack(partOf, indptr, validation, rng);
    return Uint8Array.from(of, (pair) => partOf[pair]!);
  },
});

function holdBack(
  partOf: Uint8Array,
  indptr: Int32Array,
  validation: number,
  rng: { shuffle(values: Int32Array): Int32Array },
): void {
  for (let u = 0; u + 1 < indptr.length; u++) {
    const pairs: number[] = [];
    for (let pair = indptr[u]!; pair < indptr[u + 1]!; pair++) if (partOf[pair] === 0) pairs.push(pair);
    if (pairs.length < 2) continue;
    const order = rng.shuffle(Int32Array.from(pairs));
    const held = Math.min(pairs.length - 1, share(pairs.length, validation));
    for (let k = 0; k < held; k++) partOf[order[k]!] = 1;
  }
}
