// The factors of users and items turned by one orthogonal matrix R:  (u R) · (v R) = u · v.  Scores stay what they are and
// R is not kept, but the numbers of a row come closer to a normal distribution with one spread, which few levels fit best
// (before quantising: QuIP, arXiv 2307.13304); or R is learned for as many levels (engine/learned-rotation.ts).

import { z } from "zod";
import { factorSpace, multiplied, numbersOf } from "../engine/factor-space.ts";
import { learnedRotation } from "../engine/learned-rotation.ts";
import { randomRotation } from "../engine/rotations.ts";
import { defineSpacePass } from "../kinds/pass.ts";

export default defineSpacePass({
  name: "rotate",
  summary: "Turn all factors by one rotation, random or learned, so that few levels fit them; scores stay.",
  options: z.strictObject({
    learn: z
      .int()
      .min(2)
      .max(16)
      .optional()
      .describe("Learn the rotation for so many levels a number (2: signs, ITQ); without it random."),
  }),
  tolerance(_options, users, items) {
    // Float32 rounding of R and of two products of d terms.
    const longest = (data: Float32Array, d: number) => {
      let most = 0;
      for (let from = 0; from < data.length; from += d) {
        most = Math.max(most, Math.hypot(...data.subarray(from, from + d)));
      }
      return most;
    };
    const d = items.cols;
    return longest(numbersOf(users), d) * longest(numbersOf(items), d) * Math.sqrt(d) * 2 ** -21;
  },
  async transform(recommender, { learn }, { kernels, rng }) {
    const space = factorSpace(recommender);
    if ("refused" in space) return space;
    const { left, item } = space;
    const random = randomRotation(item.cols, rng);
    const sides = left === item ? [item] : [left, item];
    const turn = learn ? await learnedRotation(kernels, sides, random, learn) : random;
    const turned = await multiplied(kernels, item, turn, item.cols);
    return space.replace(left === item ? turned : await multiplied(kernels, left, turn, item.cols), turned);
  },
});
