// Nodes as a student and as its teacher place them, and lists of them sorted by group.

import { checkLength, parts } from "./check.ts";
import type { Kernels } from "./kernels.ts";
import { rowCount } from "./rows.ts";

/** Row n of `table` (nodes × d) and of `teacher` (nodes × width) are of one node; all in kernel memory. */
export interface PlacedNodes {
  readonly table: Float32Array;
  /** Of the table's shape; gradients are added to it. */
  readonly gradient: Float32Array;
  readonly d: number;
  readonly teacher: Float32Array;
  readonly width: number;
}

/** Group g holds nodes[first[g]] … nodes[first[g + 1] - 1]. */
export interface GroupedNodes {
  readonly nodes: Int32Array;
  readonly first: Int32Array;
}

export function checkPlaced({ table, gradient, d, teacher, width }: PlacedNodes): void {
  const n = rowCount("table", table, d);
  checkLength("gradient", gradient, n * d);
  checkLength("teacher", teacher, n * width);
}

/** Lists of groups for as many threads, of nearly equal work: a group costs its nodes and `fixed`. */
export function sharedLists(k: Kernels, { first }: GroupedNodes, fixed: number): number[][] {
  const groups = Array.from({ length: first.length - 1 }, (_, g) => g);
  const cost = (g: number) => fixed + first[g + 1]! - first[g]!;
  const lists = Array.from({ length: Math.min(parts(k), groups.length) }, () => ({ total: 0, groups: [] as number[] }));
  for (const g of groups.sort((a, b) => cost(b) - cost(a) || a - b)) {
    const least = lists.reduce((best, list) => (list.total < best.total ? list : best));
    least.total += cost(g);
    least.groups.push(g);
  }
  return lists.map((list) => list.groups);
}
