// Batches of users' sequences for next-item models: at each place the item that follows is the target. Sequences of
// like length share a batch, so that little of it is padding.

import type { Rng } from "../../base/rng.ts";
import { type Interactions, sequenceOf } from "../../data/interactions.ts";
import type { RunTensor } from "../../graph/runtime.ts";

export interface SequenceBatch {
  /** Whose sequences they are. */
  readonly users: Int32Array;
  /** How many targets it has. */
  readonly targets: number;
  /**
   * `history` and `target` int64 [batch, length], the latest last, filled up with item 0 in front; `mask` float32
   * [batch, length], 1 where there is an item, and `counts`, 1 where there is a target.
   */
  readonly feeds: Readonly<Record<"history" | "target" | "mask" | "counts", RunTensor>>;
}

/** Lengths that batches are padded to: with few of them there are few graphs to make. */
function paddedLength(n: number, most: number): number {
  let length = 8;
  while (length < n) length *= 2;
  return Math.min(length, most);
}

/**
 * An epoch over every user with two items or more, the latest `length` + 1 of each, in an order that `rng` draws. With
 * `whole` over every user with items, the latest `length` of each: the last place holds the last item, and has no target.
 */
export function sequenceBatches(
  train: Interactions,
  { length, batch }: { length: number; batch: number },
  rng: Rng,
  whole = false,
): SequenceBatch[] {
  const beyond = whole ? 0 : 1;
  const buckets = new Map<number, Owned[]>();
  for (let user = 0; user < train.users; user++) {
    const sequence = sequenceOf(train, user).slice(-length - beyond);
    if (sequence.length < 1 + beyond) continue;
    const key = paddedLength(sequence.length - beyond, length);
    const bucket = buckets.get(key) ?? [];
    bucket.push({ user, sequence });
    buckets.set(key, bucket);
  }
  const batches: SequenceBatch[] = [];
  for (const [padded, bucket] of [...buckets].sort(([a], [b]) => a - b)) {
    const order = rng.shuffle(Int32Array.from(bucket.keys()));
    for (let from = 0; from < order.length; from += batch) {
      batches.push(
        pack(
          [...order.subarray(from, from + batch)].map((at) => bucket[at]!),
          padded,
          whole,
        ),
      );
    }
  }
  return [...rng.shuffle(Int32Array.from(batches.keys()))].map((at) => batches[at]!);
}

interface Owned {
  readonly user: number;
  readonly sequence: Int32Array;
}

function pack(owned: readonly Owned[], length: number, whole: boolean): SequenceBatch {
  const dims = [owned.length, length];
  const n = owned.length * length;
  const [history, target] = [new BigInt64Array(n), new BigInt64Array(n)];
  const [mask, counts] = [new Float32Array(n), new Float32Array(n)];
  let targets = 0;
  for (const [b, { sequence }] of owned.entries()) {
    const places = whole ? sequence.length : sequence.length - 1;
    for (let i = 0; i < places; i++) {
      const at = (b + 1) * length - places + i;
      history[at] = BigInt(sequence[i]!);
      mask[at] = 1;
      if (i + 1 === sequence.length) continue;
      target[at] = BigInt(sequence[i + 1]!);
      counts[at] = 1;
      targets++;
    }
  }
  return {
    users: Int32Array.from(owned, ({ user }) => user),
    targets,
    feeds: {
      history: { dtype: "int64", dims, data: history },
      target: { dtype: "int64", dims, data: target },
      mask: { dtype: "float32", dims, data: mask },
      counts: { dtype: "float32", dims, data: counts },
    },
  };
}
