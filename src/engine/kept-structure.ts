// What of a weight further training keeps: the zeros of a pruned matrix, and the equal numbers of a clustered one.

import type { GraphTensor } from "../graph/tensor.ts";

/** Share of zeros from which a matrix counts as pruned. */
const prunedShare = 0.1;
/** Levels of a clustered weight at most, and weights a level at least. */
const [mostLevels, leastShared] = [256, 4];

/** Whether the zeros of a matrix are a mask. */
export function isPruned({ dims, data }: GraphTensor): boolean {
  const zeros = (data as Float32Array).reduce((n, w) => n + Number(w === 0), 0);
  return dims.length === 2 && zeros >= prunedShare * data.length && zeros < data.length;
}

/** Which level each number of a clustered weight has, and how many numbers a level; undefined for other weights. */
export function levelsOf({ dims, data }: GraphTensor): { codes: Int32Array; sizes: Int32Array } | undefined {
  const most = Math.min(mostLevels, data.length / leastShared);
  const levels = new Map<number, number>();
  if (dims.length !== 2) return undefined;
  for (const w of data as Float32Array) {
    if (!levels.has(w)) levels.set(w, levels.size);
    if (levels.size > most) return undefined;
  }
  if (levels.size < 2) return undefined;
  const codes = Int32Array.from(data as Float32Array, (w) => levels.get(w)!);
  const sizes = new Int32Array(levels.size);
  for (const code of codes) sizes[code]!++;
  return { codes, sizes };
}
