// Gradients of the rows of an embedding table that wait for its next step, chained by row. A row's gradients are summed
// in the order of its lookups, so neither threads nor how the lookups were cut changes a bit.

import { checkLength } from "./check.ts";
import type { Kernels } from "./kernels.ts";
import { checkIds } from "./rows.ts";

/** `slots` rows are touched by `lookups` lookups; the arrays have room for more. */
export interface Chains {
  readonly width: number;
  /** One number for each row of the table: its slot plus 1, or 0. */
  readonly slotOf: Int32Array;
  /** By slot: its row, its first and its last lookup. */
  readonly touched: Int32Array;
  readonly first: Int32Array;
  readonly last: Int32Array;
  /** By lookup: the row's next one or -1, and its gradient. */
  readonly next: Int32Array;
  readonly gradients: Float32Array;
  slots: number;
  lookups: number;
}

/** Appends lookups whose gradients lie behind those of the lookups before; ids may repeat. */
export function chainRows(k: Kernels, chains: Chains, ids: Int32Array): void {
  const { width, slotOf, touched, first, last, next, gradients, slots, lookups } = chains;
  checkLength("slotOf", slotOf, slotOf.length);
  checkIds(k, "ids", ids, slotOf.length);
  const room = next.length;
  if (room < lookups + ids.length) throw new RangeError(`chains have room for ${room} lookups, not ${ids.length} more`);
  for (const [name, array] of Object.entries({ touched, first, last, next })) checkLength(name, array, room);
  checkLength("gradients", gradients, room * width);
  chains.slots = k.exports["chainRows"]!(
    ...[ids, slotOf, touched, first, last, next].map((array) => array.byteOffset),
    ...[slots, lookups, ids.length],
  );
  chains.lookups += ids.length;
}

/** Sums each row's gradients into its first lookup; returns Σ x² of the sums, in float64. */
export function sumChains(k: Kernels, { first, next, gradients, slots, width }: Chains): number {
  return k.exports["sumChains"]!(first.byteOffset, next.byteOffset, gradients.byteOffset, slots, width);
}

/** Sums each row's gradients and moves the sums to the front: as many lookups as slots are left. */
export function packChains(k: Kernels, chains: Chains): void {
  sumChains(k, chains);
  const { first, last, next, gradients, slots, width } = chains;
  k.exports["packChains"]!(...[first, last, next, gradients].map((array) => array.byteOffset), slots, width);
  chains.lookups = slots;
}

/** Forgets all lookups, at the cost of the rows that they touched. */
export function clearChains(k: Kernels, chains: Chains): void {
  k.exports["clearSlots"]!(chains.slotOf.byteOffset, chains.touched.byteOffset, chains.slots);
  chains.slots = 0;
  chains.lookups = 0;
}
