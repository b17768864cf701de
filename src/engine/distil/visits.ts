// Which users a guide visits in which batch of an epoch: in every batch that holds them, or once, so that guidance costs
// what the users cost and not what their interactions do.

import type { Rng } from "../../base/rng.ts";

/** A user, and for how many visits this one stands. */
export type Visit = readonly [user: number, times: number];

/**
 * Draws, for an order of the interactions, the users to visit in each batch. A user whom B batches hold is visited in one
 * of them, drawn evenly, B times over: in expectation each of the B gets what a visit in every batch would give it.
 */
export function visitOnce(
  users: number,
  userOf: Int32Array,
  batch: number,
): (order: Int32Array, rng: Rng) => Visit[][] {
  const [last, held, drawn] = [0, 0, 0].map(() => new Int32Array(users)) as [Int32Array, Int32Array, Int32Array];
  return (order, rng) => {
    last.fill(-1);
    held.fill(0);
    for (const [t, at] of order.entries()) {
      const [u, b] = [userOf[at]!, Math.floor(t / batch)];
      if (last[u] === b) continue;
      last[u] = b;
      if (rng.below(++held[u]!) === 0) drawn[u] = b;
    }
    const visits = Array.from({ length: Math.ceil(order.length / batch) }, (): Visit[] => []);
    for (let u = 0; u < users; u++) if (held[u]! > 0) visits[drawn[u]!]!.push([u, held[u]!]);
    return visits;
  };
}

/** As visitOnce, but every user in each of the batches that hold the user, which draws nothing. */
export function visitAlways(users: number, userOf: Int32Array, batch: number): (order: Int32Array) => Visit[][] {
  const last = new Int32Array(users);
  return (order) => {
    last.fill(-1);
    const visits = Array.from({ length: Math.ceil(order.length / batch) }, (): Visit[] => []);
    for (const [t, at] of order.entries()) {
      const [u, b] = [userOf[at]!, Math.floor(t / batch)];
      if (last[u] !== b) visits[b]!.push([u, 1]);
      last[u] = b;
    }
    return visits;
  };
}

/** Each of `count` users once, evenly over the batches of an epoch. */
export function visitEvenly(count: number, batches: number, rng: Rng): Visit[][] {
  const order = rng.shuffle(Int32Array.from({ length: count }, (_, u) => u));
  const start = (b: number) => Math.floor((b * count) / batches);
  return Array.from({ length: batches }, (_, b) =>
    Array.from(order.subarray(start(b), start(b + 1)), (u): Visit => [u, 1]),
  );
}
