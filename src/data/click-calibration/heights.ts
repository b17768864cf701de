// The heights of a calibration's knots: those of maximal likelihood, with a little pull towards the model as it is.
//
//   min over y of Σ_r softplus(u_r) - t_r u_r + Σ_k (y_k - x_k)² / 2,   u_r on the line through its two knots (x, y)
//
// Convex, and each row touches two neighbours: Newton's method over a tridiagonal matrix, O(rows + knots) a step. With
// two knots it is Platt's line.

import { sigmoid, softplus } from "../../base/logistic.ts";

const mostSteps = 50;

/** Of knots at `from`, rising, for rows of logits z, rising, and labels y. */
export function heights(z: Float64Array, y: Float64Array, from: readonly number[]): number[] {
  const last = from.length - 2;
  const ends = from.slice(1, -1).map((x) => z.findIndex((value) => value > x));
  const endOf = (k: number) => (k === last || ends[k]! < 0 ? z.length : ends[k]!);
  /** Calls `visit` with each row's segment and how far it lies between its knots: beyond 0 and 1 at the outer ones. */
  const each = (visit: (r: number, k: number, share: number) => void) => {
    for (let k = 0, r = 0; k <= last; k++) {
      const width = from[k + 1]! - from[k]!;
      for (const end = endOf(k); r < end; r++) visit(r, k, (z[r]! - from[k]!) / width);
    }
  };
  const loss = (to: readonly number[]) => {
    let sum = to.reduce((pull, height, k) => pull + (height - from[k]!) ** 2 / 2, 0);
    each((r, k, share) => {
      const u = to[k]! + share * (to[k + 1]! - to[k]!);
      sum += softplus(u) - y[r]! * u;
    });
    return sum;
  };
  let to = [...from];
  let value = loss(to);
  for (let step = 0; step < mostSteps; step++) {
    const slope = to.map((height, k) => height - from[k]!);
    const diagonal = to.map(() => 1);
    const beside = to.map(() => 0);
    each((r, k, share) => {
      const p = sigmoid(to[k]! + share * (to[k + 1]! - to[k]!));
      const [wrong, weight] = [p - y[r]!, p * (1 - p)];
      slope[k]! += (1 - share) * wrong;
      slope[k + 1]! += share * wrong;
      diagonal[k]! += (1 - share) ** 2 * weight;
      diagonal[k + 1]! += share ** 2 * weight;
      beside[k]! += share * (1 - share) * weight;
    });
    const move = solveTridiagonal(diagonal, beside, slope);
    const downhill = move.reduce((sum, by, k) => sum - by * slope[k]!, 0);
    if (!(downhill < -1e-14 * z.length)) break;
    const moved = (size: number) => to.map((height, k) => height - size * move[k]!);
    let size = 1;
    while (loss(moved(size)) > value + 1e-4 * size * downhill && size > 1e-10) size /= 2;
    to = moved(size);
    value = loss(to);
  }
  return to;
}

/** x of A x = b, A symmetric and positive with `beside[k]` at (k, k + 1); Thomas' elimination. */
function solveTridiagonal(diagonal: readonly number[], beside: readonly number[], b: readonly number[]): number[] {
  const [d, x] = [[...diagonal], [...b]];
  for (let k = 1; k < d.length; k++) {
    const ratio = beside[k - 1]! / d[k - 1]!;
    d[k]! -= ratio * beside[k - 1]!;
    x[k]! -= ratio * x[k - 1]!;
  }
  for (let k = d.length - 1; k >= 0; k--) x[k] = (x[k]! - (beside[k] ?? 0) * (x[k + 1] ?? 0)) / d[k]!;
  return x;
}
