// Some of the scored rows, such as a slice or a draw of a bootstrap.

import type { Scored } from "./metric.ts";

/** The rows named, in that order; a row may be named twice. */
export function takeScored({ label, score, group }: Scored, rows: Uint32Array): Scored {
  return {
    label: Float32Array.from(rows, (r) => label[r]!),
    score: Float32Array.from(rows, (r) => score[r]!),
    ...(group && { group: Int32Array.from(rows, (r) => group[r]!) }),
  };
}
