// One scale a row, as several encodings keep it: `scales` in float16, or in bytes of a `range`, which then stands beside
// them:  scale = range[0] + byte · range[1].

import type { TensorType } from "./encoding.ts";
import { fromHalf } from "./half.ts";
import type { Table } from "./table.ts";

export type RowScales =
  | { readonly scales: Uint16Array }
  | { readonly scales: Uint8Array; readonly range: Float32Array };

/** What expectTensors is to expect of a table with scales. */
export function scalesExpected({ rows, tensors }: Table): Record<string, { type: TensorType[]; length: number }> {
  if (!("range" in tensors)) return { scales: { type: [Uint16Array], length: rows } };
  return { scales: { type: [Uint8Array], length: rows }, range: { type: [Float32Array], length: 2 } };
}

/** The scales of rows [from, to). */
export function readScales({ tensors }: Table, from: number, to: number): Float32Array {
  const { scales, range } = tensors;
  if (!range) return Float32Array.from((scales as Uint16Array).subarray(from, to), fromHalf);
  return Float32Array.from((scales as Uint8Array).subarray(from, to), (s) => range[0]! + s * range[1]!);
}
