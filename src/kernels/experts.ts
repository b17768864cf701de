// Entities pick experts, and experts rebuild their teacher's rows from their student's; over all threads, to the same
// bits for any number of them.

import { checkLength, parts } from "./check.ts";
import { type Kernels, ranges } from "./kernels.ts";
import type { Scope } from "./memory.ts";
import { checkPlaced, type GroupedNodes, type PlacedNodes, sharedLists } from "./nodes.ts";
import type { AdamStep } from "./optimizers.ts";
import { checkIds, rowCount } from "./rows.ts";

/** Slopes of one entity: `count`, rounded up to whole panels. */
export const slopesStride = (count: number): number => Math.ceil(count / 8) * 8;

/** Numbers of a selector: a vector for each of `count`, then their shifts, rounded up. */
export const selectorSize = (count: number, width: number): number => count * width + slopesStride(count);

/** Columns of an expert's second layer: those after the teacher's are 0. */
export const expertColumns = (width: number): number => Math.ceil(width / 8) * 8;

/** Numbers of an expert: hidden × columns and their shifts, d × hidden and their shifts, filled up to a cache line. */
export const expertSize = (d: number, hidden: number, width: number): number =>
  Math.ceil(((hidden + 1) * expertColumns(width) + (d + 1) * hidden) / 16) * 16;

/** One side of a batch, users or items, before a choice of `count`. */
export interface Choosing {
  readonly nodes: Int32Array;
  readonly selector: Float32Array;
  readonly count: number;
  /** Where each belongs by the selector alone. */
  readonly groups: Int32Array;
  /** Which expert each takes this time. */
  readonly chosen: Int32Array;
  /** n × slopesStride(count): by the selector's outputs, of the logarithm of how much the chosen one is preferred. */
  readonly slopes: Float32Array;
}

/**
 * groups = argmax of V e + b; chosen = argmax of V e + b + gumbel(key, node), which a softmax of `temperature` blurs for
 * the slopes.
 */
export async function chooseExperts(
  k: Kernels,
  { teacher, width }: Pick<PlacedNodes, "teacher" | "width">,
  sides: readonly Choosing[],
  temperature: number,
  key: number,
): Promise<void> {
  const scope = k.scope();
  try {
    const calls = sides.flatMap(({ nodes, selector, count, groups, chosen, slopes }) => {
      const stride = slopesStride(count);
      checkIds(k, "nodes", nodes, rowCount("teacher", teacher, width));
      checkLength("selector", selector, selectorSize(count, width));
      checkLength("groups", groups, nodes.length);
      checkLength("chosen", chosen, nodes.length);
      checkLength("slopes", slopes, nodes.length * stride);
      const panels = Math.ceil(count / 8);
      const packed = scope.f32(panels * 8 * width).byteOffset;
      k.exports["packPanels"]!(selector.byteOffset, 1, width, width, count, 0, panels, packed);
      const bias = selector.byteOffset + 4 * count * width;
      return ranges(nodes.length, parts(k)).map(([from, to]) => [
        ...[teacher.byteOffset, width, nodes.byteOffset, from, to, packed, bias, count, stride],
        ...[1 / temperature, key, groups.byteOffset, chosen.byteOffset, slopes.byteOffset],
      ]);
    });
    const bytes = k.exports["chooseScratch"]!(width);
    await k.parallel(
      "chooseExperts",
      calls.map((call) => [...call, scope.u8(bytes).byteOffset]),
    );
  } finally {
    scope.free();
  }
}

/** Sets `gradients[s]` to that by side s's selector, of a loss whose slope by the share of an entity's expert is its gate. */
export async function selectorGradients(
  k: Kernels,
  { teacher, width }: Pick<PlacedNodes, "teacher" | "width">,
  sides: readonly (Choosing & { readonly gates: Float32Array; readonly gradient: Float32Array })[],
): Promise<void> {
  const scope = k.scope();
  try {
    const calls = sides.flatMap(({ nodes, count, slopes, gates, gradient }) => {
      const stride = slopesStride(count);
      checkLength("slopes", slopes, nodes.length * stride);
      checkLength("gates", gates, nodes.length);
      checkLength("gradient", gradient, selectorSize(count, width));
      gradient.fill(0);
      const bytes = k.exports["selectorScratch"]!(width, stride);
      return ranges(Math.ceil(width / 8), k.threads).map(([from, to]) => [
        ...[teacher.byteOffset, width, nodes.byteOffset, 0, nodes.length, gates.byteOffset, slopes.byteOffset],
        ...[count, stride, from * 8, Math.min(width, to * 8), gradient.byteOffset],
        ...[gradient.byteOffset + 4 * count * width, scope.u8(bytes).byteOffset],
      ]);
    });
    await k.parallel("selectorGradient", calls);
  } finally {
    scope.free();
  }
}

/** Experts, one after the other, with Adam's moments. */
export interface Experts {
  readonly hidden: number;
  readonly weights: Float32Array;
  readonly m: Float32Array;
  readonly v: Float32Array;
}

/** Room that `stepExperts` works in, for tables of these widths; made once. */
export function expertRoom(k: Kernels, scope: Scope, d: number, hidden: number, width: number): Uint8Array[] {
  const bytes = k.exports["expertScratch"]!(d, hidden, expertColumns(width));
  return Array.from({ length: parts(k) }, () => scope.u8(bytes));
}

/**
 * L = Σ_g scales[g] Σ_e ‖t_e - E_g(x_e)‖², e the entities of group g. Adds its gradient by the student's rows, takes a
 * step of each expert, sets gates[places[e]] to the slope by a factor on E_g(x_e); returns L.
 */
export async function stepExperts(
  k: Kernels,
  placed: PlacedNodes,
  { nodes, first }: GroupedNodes,
  { hidden, weights, m, v }: Experts,
  by: {
    readonly scales: Float32Array;
    readonly places: Int32Array;
    readonly gates: Float32Array;
    readonly losses: Float64Array;
    readonly room: readonly Uint8Array[];
    readonly lists: Int32Array;
  },
  { learningRate, beta1, beta2, step, decay = 0 }: AdamStep,
): Promise<number> {
  const { table, gradient, d, teacher, width } = placed;
  const count = first.length - 1;
  checkPlaced(placed);
  checkIds(k, "nodes", nodes, rowCount("table", table, d));
  checkIds(k, "places", by.places, by.gates.length);
  for (const [name, array] of Object.entries({ weights, m, v })) {
    checkLength(name, array, count * expertSize(d, hidden, width));
  }
  checkLength("scales", by.scales, count);
  checkLength("losses", by.losses, count);
  let at = 0;
  const calls = sharedLists(k, { nodes, first }, 24).map((list, i) => {
    by.lists.set(list, at);
    const from = by.lists.byteOffset + 4 * at;
    at += list.length;
    return [
      ...[from, list.length, first.byteOffset, nodes.byteOffset, by.places.byteOffset],
      ...[table.byteOffset, gradient.byteOffset, d, teacher.byteOffset, width, hidden],
      ...[weights, m, v, by.scales, by.gates, by.losses].map((array) => array.byteOffset),
      ...[decay, learningRate / (1 - beta1 ** step), 1 / Math.sqrt(1 - beta2 ** step), by.room[i]!.byteOffset],
    ];
  });
  await k.parallel("stepExperts", calls);
  return by.losses.reduce((sum, loss) => sum + loss, 0);
}
