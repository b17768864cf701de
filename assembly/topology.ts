// How entities lie to each other by their teacher's rows and by their student's, compared without a matrix of pairs: with
// rows of length 1, T and S,
//
//     ‖T Tᵀ - S Sᵀ‖² = ‖Tᵀ T‖² - 2 ‖Tᵀ S‖² + ‖Sᵀ S‖²,   by S: 4 S (Sᵀ S) - 4 T (Tᵀ S)
//     ‖P Tᵀ - Q Sᵀ‖² = … - 2 ⟨Pᵀ Q, Tᵀ S⟩ + ⟨Qᵀ Q, Sᵀ S⟩,   by S: 2 S (Qᵀ Q) - 2 T (Pᵀ Q)
//
// whose products are as small as the rows are wide. What no student changes is left out.

import { sumLanes } from "./exp";
import { floats, panelBytes } from "./experts";
import { gemmPanels, gemmScratch, packPanels } from "./gemm";
import { addRow, gather } from "./rows";
import { l2NormalizeBackward, l2NormalizeRows } from "./softmax";

const CHUNK: i32 = 64;

/**
 * The groups' sums of rows, of length 1, at `theirs` (groups × width) and `own` (groups × d), and their products at
 * `across` = theirsᵀ own (width × d) and `within` = ownᵀ own (d × d); panels of own fit in `scratch` with gemmScratch.
 */
export function groupCentres(
  groups: i32, first: usize, nodes: usize, table: usize, d: i32, teacher: usize, width: i32, theirs: usize, own: usize,
  norms: usize, across: usize, within: usize, scratch: usize,
): void {
  memory.fill(theirs, 0, <usize>(groups * width) << 2);
  memory.fill(own, 0, <usize>(groups * d) << 2);
  for (let k = 0; k < groups; k++) {
    const start = load<i32>(first + (<usize>k << 2)), end = load<i32>(first + (<usize>k << 2), 4);
    for (let e = start; e < end; e++) {
      const node = <usize>load<i32>(nodes + (<usize>e << 2));
      addRow(theirs + (<usize>(k * width) << 2), teacher + ((node * <usize>width) << 2), <usize>width << 2);
      addRow(own + (<usize>(k * d) << 2), table + ((node * <usize>d) << 2), <usize>d << 2);
    }
  }
  l2NormalizeRows(theirs, groups, width, norms);
  l2NormalizeRows(own, groups, d, norms);
  const spare = scratch + panelBytes(groups, d);
  packPanels(own, d, 1, groups, d, 0, (d + 7) >> 3, scratch);
  gemmPanels(theirs, 1, width, groups, scratch, across, d, 0, width, 0, d, 0, spare);
  gemmPanels(own, 1, d, groups, scratch, within, d, 0, d, 0, d, 0, spare);
}

/** Bytes that stepTopology, and groupCentres over as many `groups`, need at `scratch`. */
export function topologyScratch(d: i32, width: i32, groups: i32): usize {
  return 2 * floats(width * d) + 2 * floats(d * d) + panelBytes(width, d) + panelBytes(d, d) + floats(CHUNK * width)
    + 2 * floats(CHUNK * d) + floats(CHUNK) + panelBytes(CHUNK, d) + panelBytes(groups, d) + gemmScratch();
}

/**
 * For the groups list[0…listed), each the entities first[k] … first[k+1]-1 of `nodes`: losses[k] = scale · (the pairs of
 * its entities and, where `across` and `within` are not 0, the pairs of them with the centres), and `gradient` is added
 * that by the student's rows.
 */
export function stepTopology(
  list: usize, listed: i32, first: usize, nodes: usize, table: usize, gradient: usize, d: i32, teacher: usize,
  width: i32, across: usize, within: usize, scale: f32, losses: usize, scratch: usize,
): void {
  const A = scratch;
  const B = A + floats(width * d);
  const panelsA = B + floats(d * d);
  const panelsB = panelsA + panelBytes(width, d);
  const T = panelsB + panelBytes(d, d);
  const S = T + floats(CHUNK * width);
  const D = S + floats(CHUNK * d);
  const norms = D + floats(CHUNK * d);
  const panels = norms + floats(CHUNK);
  const spare = panels + panelBytes(CHUNK, d);
  const across8 = (d + 7) >> 3;
  for (let l = 0; l < listed; l++) {
    const k = load<i32>(list + (<usize>l << 2));
    const start = load<i32>(first + (<usize>k << 2)), end = load<i32>(first + (<usize>k << 2), 4);
    for (let e0 = start; e0 < end; e0 += CHUNK) {
      const n = min(CHUNK, end - e0);
      unitRows(teacher, nodes + (<usize>e0 << 2), T, n, width, norms);
      unitRows(table, nodes + (<usize>e0 << 2), S, n, d, norms);
      packPanels(S, d, 1, n, d, 0, across8, panels);
      const mode = e0 == start ? 0 : 1;
      gemmPanels(T, 1, width, n, panels, A, d, 0, width, 0, d, mode, spare);
      gemmPanels(S, 1, d, n, panels, B, d, 0, d, 0, d, mode, spare);
    }
    let loss: f64 = 0;
    if (end > start) {
      loss = toSlopes(B, within, d * d) - 2 * toSlopes(A, across, width * d);
      packPanels(A, d, 1, width, d, 0, across8, panelsA);
      packPanels(B, d, 1, d, d, 0, across8, panelsB);
    }
    store<f64>(losses + (<usize>k << 3), <f64>scale * loss);
    for (let e0 = start; e0 < end; e0 += CHUNK) {
      const n = min(CHUNK, end - e0);
      const ids = nodes + (<usize>e0 << 2);
      unitRows(teacher, ids, T, n, width, norms);
      unitRows(table, ids, S, n, d, norms);
      gemmPanels(S, d, 1, d, panelsB, D, d, 0, n, 0, d, 0, spare);
      gemmPanels(T, width, 1, width, panelsA, D, d, 0, n, 0, d, -1, spare);
      l2NormalizeBackward(S, norms, D, n, d, D);
      for (let e = 0; e < n; e++) {
        const node = <usize>load<i32>(ids + (<usize>e << 2));
        addScaled(gradient + ((node * <usize>d) << 2), D + (<usize>(e * d) << 2), scale, <usize>d << 2);
      }
    }
  }
}

function unitRows(table: usize, ids: usize, out: usize, n: i32, width: i32, norms: usize): void {
  gather(table, ids, out, n, width);
  l2NormalizeRows(out, n, width, norms);
}

/** C = 4 C + 2 M, M nothing where it is 0; returns what was ‖C‖² + ⟨M, C⟩. */
function toSlopes(C: usize, M: usize, n: i32): f64 {
  const bytes = <usize>n << 2;
  let sum: f64 = 0;
  let lanes = f32x4.splat(0);
  let k: usize = 0;
  for (; k + 16 <= bytes; k += 16) {
    const c = v128.load(C + k);
    const other = M == 0 ? f32x4.splat(0) : v128.load(M + k);
    lanes = f32x4.add(lanes, f32x4.mul(c, f32x4.add(c, other)));
    v128.store(C + k, f32x4.add(f32x4.mul(c, f32x4.splat(4)), f32x4.add(other, other)));
  }
  for (; k < bytes; k += 4) {
    const c = load<f32>(C + k);
    const other: f32 = M == 0 ? 0 : load<f32>(M + k);
    sum += <f64>(c * (c + other));
    store<f32>(C + k, 4 * c + 2 * other);
  }
  return sum + <f64>sumLanes(lanes);
}

// @ts-ignore: decorator
@inline
function addScaled(to: usize, from: usize, scale: f32, bytes: usize): void {
  let k: usize = 0;
  for (; k + 16 <= bytes; k += 16) {
    v128.store(to + k, f32x4.add(v128.load(to + k), f32x4.mul(f32x4.splat(scale), v128.load(from + k))));
  }
  for (; k < bytes; k += 4) store<f32>(to + k, load<f32>(to + k) + scale * load<f32>(from + k));
}
