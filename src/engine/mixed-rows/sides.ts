// The two sides of a factor model as an allocator sees them: rows in bands of popularity, and what an error of a row costs
// the scores. With weights a of users and p of items and e the errors of rows,
//
//     Σ_u Σ_j a_u p_j (û · v̂ - u · v)²  ≈  Σ_j p_j e_jᵀ (Σ_u a_u u uᵀ) e_j  +  Σ_u a_u e_uᵀ (Σ_j p_j v vᵀ) e_u

import type { Kernels } from "../../kernels/kernels.ts";
import { decodeTable } from "../../tables/decode.ts";
import { rowsByBand } from "../../tables/mixed-rows.ts";
import { f32Table, type Table } from "../../tables/table.ts";
import { gramOf, numbersOf } from "../factor-space.ts";
import type { Form } from "./forms.ts";
import { timesRoots } from "./weights.ts";

/** Rows of a band that are tried in every form. */
const TRIED = 256;

export interface Side {
  readonly table: Table;
  /** Of each row. */
  readonly weights: Float64Array;
  /** The band of each row, and the rows of each band. */
  readonly band: Uint8Array;
  readonly bands: readonly Int32Array[];
  /** cols × cols: the weighted squares of the other side. */
  readonly gram: Float32Array;
}

export async function sideOf(
  kernels: Kernels,
  table: Table,
  weights: Float64Array,
  popularity: Float64Array,
  bands: number,
  others: Table,
  otherWeights: Float64Array,
): Promise<Side> {
  const band = popularityBands(popularity, bands);
  const scope = kernels.scope();
  try {
    const gram = (await gramOf(kernels, scope, timesRoots(others, otherWeights))).slice();
    return { table, weights, band, bands: rowsByBand(band), gram };
  } finally {
    scope.free();
  }
}

/** The band of each row, the most popular first; bands hold as much popularity each, and none is empty. */
export function popularityBands(popularity: Float64Array, bands: number): Uint8Array {
  const order = Int32Array.from(popularity.keys()).sort((a, b) => popularity[b]! - popularity[a]! || a - b);
  const share = popularity.reduce((sum, x) => sum + x, 0) / bands;
  const found = new Uint8Array(popularity.length);
  let [band, sum] = [0, 0];
  for (const row of order) {
    found[row] = band;
    sum += popularity[row]!;
    if (sum < (band + 1) * share || band === bands - 1 || row === order.at(-1)) continue;
    band++;
  }
  return found;
}

/** Some rows of a float32 table. */
export function pickedRows(table: Table, rows: Int32Array): Table {
  const { cols } = table;
  const data = numbersOf(table);
  const out = new Float32Array(rows.length * cols);
  rows.forEach((row, r) => {
    out.set(data.subarray(row * cols, (row + 1) * cols), r * cols);
  });
  return f32Table(rows.length, cols, out);
}

/** What a form costs the scores of a band, by every so-manieth of its rows. */
export function lossOf(kernels: Kernels, side: Side, band: Int32Array, form: Form): number {
  const { gram, weights } = side;
  const { cols } = side.table;
  const every = Math.ceil(band.length / TRIED);
  const tried = band.filter((_, r) => r % every === 0);
  const rows = pickedRows(side.table, tried);
  const after = decodeTable(form.encode(kernels, rows));
  const error = numbersOf(rows).map((x, i) => after[i]! - x);
  let [loss, weight] = [0, 0];
  for (const [r, row] of tried.entries()) {
    let own = 0;
    for (let c = 0; c < cols; c++) {
      let dot = 0;
      for (let x = 0; x < cols; x++) dot += gram[c * cols + x]! * error[r * cols + x]!;
      own += dot * error[r * cols + c]!;
    }
    loss += weights[row]! * own;
    weight += weights[row]!;
  }
  const all = band.reduce((sum, row) => sum + weights[row]!, 0);
  return (loss * all) / weight;
}
