// A guide's visit to rows of a table in kernel memory: one of them is whoever is visited, others are the candidates, and
// their gradient gathers in a table of the same shape.

import { pullCandidates, scoreCandidates } from "../kernels/candidates.ts";
import type { Kernels } from "../kernels/kernels.ts";
import type { Scope } from "../kernels/memory.ts";
import type { Guide } from "./guide.ts";

/** Where the visited has its row, and the first of the candidates'. */
export interface Visited {
  readonly own: number;
  readonly first: number;
}

/** Adds the gradient of every term over the candidates of `user`, `times` over; returns the weighted loss. */
export type GuideRows = (user: number, at: Visited, times?: number) => number;

/** Visits by `guide` over `rows` of `width` numbers. */
export function guideRows(
  kernels: Kernels,
  scope: Scope,
  guide: Guide,
  { rows, gradient, width }: { readonly rows: Float32Array; readonly gradient: Float32Array; readonly width: number },
): GuideRows {
  const [ids, scores] = [scope.i32(guide.mostCandidates), scope.f32(guide.mostCandidates)];
  return (user, { own, first }, times) => {
    const against = (candidates: Int32Array, n: number) => {
      const some = ids.subarray(0, n);
      some.set(candidates.subarray(0, n));
      return { table: rows, width, own, first, ids: some };
    };
    return guide.visit(
      user,
      (candidates, n, out) => {
        scoreCandidates(kernels, against(candidates, n), scores);
        out.set(scores.subarray(0, n));
      },
      (candidates, n, slopes) => {
        scores.set(slopes.subarray(0, n));
        pullCandidates(kernels, against(candidates, n), scores, gradient);
      },
      times,
    );
  };
}
