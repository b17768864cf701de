// The inverse of taking parts of an axis: a gradient goes back to where its values came from, zero elsewhere.

import type { Ops } from "../graph/ops.ts";

/** Zeros of a shape. */
export const zeros = (g: Ops, dims: readonly number[]): string => g.expand(g.scalar(0), dims);

/** dy between `before` and `after` zeros along an axis. */
export function padAxis(g: Ops, dy: string, axis: number, before: number, after: number): string {
  // Concat of constant zeros, not Pad: [128, 1, 64] to the end of [128, 50, 64] takes 0.16 ms, by Pad 0.77 ms.
  const fill = (size: number) =>
    size
      ? [
          zeros(
            g,
            g.dims(dy).map((d, i) => (i === axis ? size : d)),
          ),
        ]
      : [];
  return g.concat([...fill(before), dy, ...fill(after)], axis);
}

/**
 * The gradient of an axis of `size` whose distinct `positions` (from 0) were taken in that order. It is a Gather of dy
 * with one zero behind it: in ONNX Runtime a scatter costs several times as much, and several threads race in ScatterND.
 */
export function placeAlong(g: Ops, dy: string, axis: number, size: number, positions: readonly number[]): string {
  const first = positions[0] ?? 0;
  if (positions.every((p, i) => p === first + i)) {
    return padAxis(g, dy, axis, first, size - first - positions.length);
  }
  const source = positions.length < size ? padAxis(g, dy, axis, 0, 1) : dy;
  const from = new Array<number>(size).fill(positions.length);
  positions.forEach((p, i) => {
    from[p] = i;
  });
  return g.gather(source, g.ints(...from), axis);
}
