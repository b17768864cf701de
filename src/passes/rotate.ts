// The factors of users and items turned by one orthogonal matrix R:  (u R) · (v R) = u · v.  Scores stay what they are and
// R is not kept, but the numbers of a row come closer to a normal distribution with one spread, which few levels fit best
// (before quantising: QuIP, arXiv 2307.13304); or R is learned for as many levels (engine/learned-rotation.ts), or for product
// quantisation (OPQ, engine/piece-rotation.ts).

import { z } from "zod";
import { factorSpace, multiplied, numbersOf } from "../engine/factor-space.ts";
import { levelRotation } from "../engine/learned-rotation.ts";
import { pieceRotation } from "../engine/piece-rotation.ts";
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
    pieces: z
      .int()
      .min(1)
      .max(1024)
      .optional()
      .describe("Learn it for `pq` of so many pieces in place of `learn` (optimised product quantisation)."),
    shared: z.boolean().default(true).describe("With `pieces`: one codebook for all of them, as in `pq`."),
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
  async transform(recommender, { learn, pieces, shared }, { kernels, rng }) {
    const space = factorSpace(recommender);
    if ("refused" in space) return space;
    const { left, item } = space;
    const sides = left === item ? [item] : [left, item];
    const turn = pieces ? await pieceRotation(kernels, sides, { pieces, shared }, rng) : await turnFor(learn);
    const turned = await multiplied(kernels, item, turn, item.cols);
    return space.replace(left === item ? turned : await multiplied(kernels, left, turn, item.cols), turned);

    async function turnFor(levels: number | undefined): Promise<Float32Array> {
      const random = randomRotation(item.cols, rng);
      return levels ? levelRotation(kernels, sides, random, levels) : random;
    }
  },
});
