// Gradients of the rows of an embedding table that wait for its next step. A row's gradients are summed in the order of
// its lookups, so neither threads nor how the lookups were cut changes a bit.

import { checkLength } from "./check.ts";
import type { Kernels } from "./kernels.ts";
import { checkIds } from "./rows.ts";

/** `slots` rows are touched by `lookups` lookups; the arrays have room for more. */
export interface RowGradients {
  readonly width: number;
  /** One number for each row of the table: its slot plus 1, or 0. */
  readonly slotOf: Int32Array;
  /** By slot: its row. */
  readonly touched: Int32Array;
  /** By slot: the last of the row's lookups; once they are summed, the one that holds the sum. */
  readonly last: Int32Array;
  /** By lookup: the row's next one, and after its last one the first. */
  readonly next: Int32Array;
  /** By lookup. */
  readonly values: Float32Array;
  slots: number;
  lookups: number;
}

/** Takes up lookups whose gradients are, or will be, in `values` behind those of the lookups before; ids may repeat. */
export function joinLookups(k: Kernels, into: RowGradients, ids: Int32Array): void {
  const { width, slotOf, touched, last, next, values, slots, lookups } = into;
  checkLength("slotOf", slotOf, slotOf.length);
  checkIds(k, "ids", ids, slotOf.length);
  const room = next.length;
  if (room < lookups + ids.length)
    throw new RangeError(`there is room for ${room} lookups, not for ${ids.length} more`);
  for (const [name, array] of Object.entries({ last, touched, next })) checkLength(name, array, room);
  checkLength("values", values, room * width);
  into.slots = k.exports["joinLookups"]!(
    ...[ids, slotOf, touched, last, next].map((array) => array.byteOffset),
    ...[slots, lookups, ids.length],
  );
  into.lookups += ids.length;
}

function sumLookups(k: Kernels, { last, next, values, slots, width }: RowGradients): void {
  k.exports["sumSlots"]!(last.byteOffset, next.byteOffset, values.byteOffset, slots, width);
}

/** Σ x² of the rows' gradients, in float64 and in the order of slots. */
export function squaredNorm(k: Kernels, gradients: RowGradients): number {
  sumLookups(k, gradients);
  const { last, values, slots, width } = gradients;
  return k.exports["squaresOfSlots"]!(last.byteOffset, values.byteOffset, slots, width);
}

/** Moves the rows' gradients to the front: as many lookups as slots are left. */
export function packLookups(k: Kernels, gradients: RowGradients): void {
  sumLookups(k, gradients);
  const { last, next, values, slots, width } = gradients;
  k.exports["packSlots"]!(last.byteOffset, next.byteOffset, values.byteOffset, slots, width);
  gradients.lookups = slots;
}

/** Forgets all lookups, at the cost of the rows that they touched. */
export function forgetLookups(k: Kernels, gradients: RowGradients): void {
  k.exports["clearSlots"]!(gradients.slotOf.byteOffset, gradients.touched.byteOffset, gradients.slots);
  gradients.slots = 0;
  gradients.lookups = 0;
}
