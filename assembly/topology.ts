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
import { addRow, copyRow } from "./rows";
import { l2NormalizeBackward, l2NormalizeRows } from "./softmax";

const CHUNK: i32 = 64;

/** Columns of what is computed from the student's rows: whole panels, 0 after its own. */
// @ts-ignore: decorator
@inline
function columns(d: i32): i32 {
  return (d + 7) & ~7;
}

/**
 * The groups' sums of rows, of length 1, at `theirs` (groups × width) and `own` (groups × columns), and their products
 * at `across` = theirsᵀ own (width × columns) and `within` = ownᵀ own (columns × columns).
 */
export function groupCentres(
  groups: i32, first: usize, nodes: usize, table: usize, d: i32, teacher: usize, width: i32, theirs: usize, own: usize,
  norms: usize, across: usize, within: usize, scratch: usize,
): void {
  const w = columns(d);
  memory.fill(theirs, 0, <usize>(groups * width) << 2);
  memory.fill(own, 0, <usize>(groups * w) << 2);
  for (let k = 0; k < groups; k++) {
    const start = load<i32>(first + (<usize>k << 2)), end = load<i32>(first + (<usize>k << 2), 4);
    for (let e = start; e < end; e++) {
      const node = <usize>load<i32>(nodes + (<usize>e << 2));
      addRow(theirs + (<usize>(k * width) << 2), teacher + ((node * <usize>width) << 2), <usize>width << 2);
      addRow(own + (<usize>(k * w) << 2), table + ((node * <usize>d) << 2), <usize>d << 2);
    }
  }
  l2NormalizeRows(theirs, groups, width, norms);
  l2NormalizeRows(own, groups, w, norms);
  const spare = scratch + panelBytes(groups, w);
  packPanels(own, w, 1, groups, w, 0, w >> 3, scratch);
  gemmPanels(theirs, 1, width, groups, scratch, across, w, 0, width, 0, w, 0, spare);
  gemmPanels(own, 1, w, groups, scratch, within, w, 0, w, 0, w, 0, spare);
}

/** Bytes that stepTopology, and groupCentres over as many `groups`, need at `scratch`. */
export function topologyScratch(d: i32, width: i32, groups: i32): usize {
  const w = columns(d);
  return 2 * floats(width * w) + 2 * floats(w * w) + floats(CHUNK * width) + 2 * floats(CHUNK * w) + floats(CHUNK)
    + panelBytes(CHUNK, w) + panelBytes(groups, w) + gemmScratch();
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
  const w = columns(d);
  const A = scratch;
  const B = A + floats(width * w);
  const panelsA = B + floats(w * w);
  const panelsB = panelsA + floats(width * w);
  const T = panelsB + floats(w * w);
  const S = T + floats(CHUNK * width);
  const D = S + floats(CHUNK * w);
  const norms = D + floats(CHUNK * w);
  const panels = norms + floats(CHUNK);
  const spare = panels + panelBytes(CHUNK, w);
  for (let l = 0; l < listed; l++) {
    const k = load<i32>(list + (<usize>l << 2));
    const start = load<i32>(first + (<usize>k << 2)), end = load<i32>(first + (<usize>k << 2), 4);
    for (let e0 = start; e0 < end; e0 += CHUNK) {
      const n = min(CHUNK, end - e0);
      unitRows(teacher, nodes + (<usize>e0 << 2), T, n, width, width, norms);
      unitRows(table, nodes + (<usize>e0 << 2), S, n, d, w, norms);
      packPanels(S, w, 1, n, w, 0, w >> 3, panels);
      const mode = e0 == start ? 0 : 1;
      gemmPanels(T, 1, width, n, panels, A, w, 0, width, 0, w, mode, spare);
      gemmPanels(S, 1, w, n, panels, B, w, 0, w, 0, w, mode, spare);
    }
    let loss: f64 = 0;
    if (end > start) {
      loss = toSlopes(B, within, w * w) - 2 * toSlopes(A, across, width * w);
      packPanels(A, w, 1, width, w, 0, w >> 3, panelsA);
      packPanels(B, w, 1, w, w, 0, w >> 3, panelsB);
    }
    store<f64>(losses + (<usize>k << 3), <f64>scale * loss);
    for (let e0 = start; e0 < end; e0 += CHUNK) {
      const n = min(CHUNK, end - e0);
      const ids = nodes + (<usize>e0 << 2);
      // What the first pass left of a group that is one chunk is still there.
      if (end - start > CHUNK) {
        unitRows(teacher, ids, T, n, width, width, norms);
        unitRows(table, ids, S, n, d, w, norms);
      }
      gemmPanels(S, w, 1, w, panelsB, D, w, 0, n, 0, w, 0, spare);
      gemmPanels(T, width, 1, width, panelsA, D, w, 0, n, 0, w, -1, spare);
      l2NormalizeBackward(S, norms, D, n, w, D);
      for (let e = 0; e < n; e++) {
        const node = <usize>load<i32>(ids + (<usize>e << 2));
        addScaled(gradient + ((node * <usize>d) << 2), D + (<usize>(e * w) << 2), scale, <usize>d << 2);
      }
    }
  }
}

/** Rows of `width` numbers at `out`, `stride` apart, of length 1 but for 0 in what is over. */
function unitRows(table: usize, ids: usize, out: usize, n: i32, width: i32, stride: i32, norms: usize): void {
  if (stride > width) memory.fill(out, 0, <usize>(n * stride) << 2);
  for (let e = 0; e < n; e++) {
    const node = <usize>load<i32>(ids + (<usize>e << 2));
    copyRow(out + (<usize>(e * stride) << 2), table + ((node * <usize>width) << 2), <usize>width << 2);
  }
  l2NormalizeRows(out, n, stride, norms);
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
