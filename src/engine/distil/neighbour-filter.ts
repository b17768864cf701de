// A low pass over entities: each vector mixed with the mean of its neighbours', for the student in the training graph and
// for the teacher beside it.
//
//     H e = (1 - α) e + α mean of the e' near e;   a neighbour is left out of a step with probability `drop`

import type { Rng } from "../../base/rng.ts";
import type { Ops } from "../../graph/ops.ts";
import type { RunTensor } from "../../graph/runtime.ts";
import type { Filter } from "../../kinds/embedding-loss.ts";

/** The rows of a batch: where they are in the student's table, and which of their side they are. */
export interface Filtered {
  readonly student: Int32Array;
  readonly teacher: Int32Array;
}

export interface NeighbourFilter {
  readonly student: string;
  readonly teacher: string;
  /** What the graph reads for one batch of at most n entities. */
  feeds(batch: Filtered): Record<string, RunTensor>;
}

/** `nearest` are the side's rows by number, -1 padded; `own` is [n, width] and `rows` the student's whole table. */
export function neighbourFilter(
  g: Ops,
  name: string,
  { own, rows, nearest }: { own: string; rows: string; nearest: Int32Array },
  { vectors, width }: { vectors: Float32Array; width: number },
  { neighbours: k, share, drop }: Filter,
  rng: Rng,
): NeighbourFilter {
  const [n, narrow] = g.dims(own) as [number, number];
  const near = g.gather(rows, g.input(`${name}.near`, "int32", [n * k]), 0);
  const weight = g.input(`${name}.shares`, "float32", [n, k, 1]);
  const mean = g.sum(g.mul(g.reshape(near, [n, k, narrow]), weight), [1]);
  const kept = g.input(`${name}.kept`, "float32", [n, 1]);
  const at = new Int32Array(n * k);
  const shares = new Float32Array(n * k);
  const keeps = new Float32Array(n);
  const theirs = new Float32Array(n * width);
  const met = new Int32Array(k);
  return {
    student: g.add(g.mul(own, kept), mean),
    teacher: g.input(`${name}.filtered`, "float32", [n, width]),
    feeds({ student, teacher }) {
      for (const values of [at, shares, keeps, theirs]) values.fill(0);
      for (let r = 0; r < teacher.length; r++) {
        const entity = teacher[r]!;
        const shift = student[r]! - entity;
        let count = 0;
        for (let e = entity * k; e < (entity + 1) * k && nearest[e]! >= 0; e++) {
          if (drop === 0 || rng.uniform() >= drop) met[count++] = nearest[e]!;
        }
        keeps[r] = count > 0 ? 1 - share : 1;
        const into = theirs.subarray(r * width, (r + 1) * width);
        mix(into, vectors, entity, keeps[r]!);
        for (let c = 0; c < count; c++) {
          at[r * k + c] = met[c]! + shift;
          shares[r * k + c] = share / count;
          mix(into, vectors, met[c]!, share / count);
        }
      }
      return {
        [`${name}.near`]: { dtype: "int32", dims: [n * k], data: at },
        [`${name}.shares`]: { dtype: "float32", dims: [n, k, 1], data: shares },
        [`${name}.kept`]: { dtype: "float32", dims: [n, 1], data: keeps },
        [`${name}.filtered`]: { dtype: "float32", dims: [n, width], data: theirs },
      };
    },
  };
}

function mix(into: Float32Array, vectors: Float32Array, row: number, share: number): void {
  const from = row * into.length;
  for (let x = 0; x < into.length; x++) into[x]! += share * vectors[from + x]!;
}
