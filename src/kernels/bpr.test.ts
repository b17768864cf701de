import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createRng } from "../base/rng.ts";
import { openKernels } from "../node/threads.ts";
import { type BprOptions, bprEpoch, bprEpochParallel } from "./bpr.ts";
import type { Kernels } from "./kernels.ts";

let one: Kernels;
let three: Kernels;
beforeAll(async () => {
  one = await openKernels(1);
  three = await openKernels(3);
});
afterAll(() => three.close());

interface World {
  users: number;
  items: number;
  d: number;
  seed: number;
  bias: boolean;
}
const worlds = fc.record({
  users: fc.integer({ min: 1, max: 12 }),
  items: fc.integer({ min: 2, max: 30 }),
  d: fc.integer({ min: 1, max: 40 }),
  seed: fc.integer(),
  bias: fc.boolean(),
});

/** Random positives; user 0 has every item, the last user (of three or more) none. */
function build(k: Kernels, { users, items, d, seed, bias }: World) {
  const rng = createRng(seed);
  const rows = Array.from({ length: users }, (_, u) =>
    Array.from({ length: items }, (_, i) => i).filter(
      () => (users > 1 && u === 0) || (rng.uniform() < 0.4 && !(users > 2 && u === users - 1)),
    ),
  );
  if (rows.flat().length === 0) rows[users - 1] = [0];
  const s = k.scope();
  const random = (n: number) => s.copy(Float32Array.from({ length: n }, () => 0.5 * rng.normal()));
  const indptr = s.i32(users + 1);
  rows.forEach((row, u) => {
    indptr[u + 1] = indptr[u] + row.length;
  });
  const options: BprOptions = {
    users: random(users * d),
    items: random(items * d),
    ...(bias && { itemBias: random(items) }),
    userOf: s.copy(Int32Array.from(rows.flatMap((row, u) => row.map(() => u)))),
    itemOf: s.copy(Int32Array.from(rows.flat())),
    indptr,
    indices: s.copy(Int32Array.from(rows.flat())),
    d,
    learningRate: 0.05,
    decay: 0.01,
    samples: 150,
    state: Uint32Array.of(seed | 1, 2, 3, 4),
  };
  return { s, rows, options };
}

/** xoshiro128** and the multiply-and-shift draw, as in the kernel. */
function stream(seed: Uint32Array) {
  const s = seed.slice();
  return (n: number) => {
    const m = Math.imul(s[1], 5);
    const result = Math.imul((m << 7) | (m >>> 25), 9) >>> 0;
    const t = s[1] << 9;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = (s[3] << 11) | (s[3] >>> 21);
    return Math.floor((result * n) / 2 ** 32);
  };
}

/** Ascending, then one of each quarter in turn. */
function strided(drawn: number[]): number[] {
  const sorted = drawn.toSorted((a, b) => a - b);
  const quarter = Math.floor(sorted.length / 4);
  return sorted.map((p, at) => (at < 4 * quarter ? sorted[(at % 4) * quarter + Math.floor(at / 4)] : p));
}

/** The epoch in float64, one step after the other; draws in blocks: first the positives, then the negatives. */
function plain(o: BprOptions, rows: number[][], items: number) {
  const [U, I, b] = [Float64Array.from(o.users), Float64Array.from(o.items), Float64Array.from(o.itemBias ?? [])];
  const below = stream(o.state);
  let [loss, steps, visited] = [0, 0, 0];
  const block = Math.max(64, 64 * Math.floor(o.userOf.length / 512));
  for (let done = 0; done < o.samples; done += block) {
    const drawn = Array.from({ length: Math.min(block, o.samples - done) }, () =>
      o.order ? o.order[visited++ % o.order.length] : below(o.userOf.length),
    );
    const triples = (o.order ? drawn : strided(drawn)).flatMap((p) => {
      const u = o.userOf[p];
      if (rows[u].length === items) return [];
      let j = below(items);
      while (rows[u].includes(j)) j = below(items);
      return [[u, o.itemOf[p], j]];
    });
    for (const [u, i, j] of triples) {
      let x = o.itemBias ? b[i] - b[j] : 0;
      for (let c = 0; c < o.d; c++) x += U[u * o.d + c] * (I[i * o.d + c] - I[j * o.d + c]);
      loss += Math.log1p(Math.exp(-x));
      steps++;
      const g = 1 / (1 + Math.exp(x));
      for (let c = 0; c < o.d; c++) {
        const [p, q, r] = [U[u * o.d + c], I[i * o.d + c], I[j * o.d + c]];
        U[u * o.d + c] += o.learningRate * (g * (q - r) - o.decay * p);
        I[i * o.d + c] += o.learningRate * (g * p - o.decay * q);
        I[j * o.d + c] += o.learningRate * (-g * p - o.decay * r);
      }
      if (o.itemBias) {
        b[i] += o.learningRate * (g - o.decay * b[i]);
        b[j] += o.learningRate * (-g - o.decay * b[j]);
      }
    }
  }
  return { U, I, b, loss: loss / steps };
}

test("equals the float64 epoch draw for draw, with and without an order; the state moves on", () => {
  fc.assert(
    fc.property(worlds, fc.boolean(), (world, ordered) => {
      const { s, rows, options } = build(one, world);
      const rng = createRng(world.seed);
      const order = s.copy(rng.shuffle(Int32Array.from(options.userOf, (_, p) => p)));
      const o = ordered ? { ...options, order } : options;
      const expected = plain(o, rows, world.items);
      const before = o.state.slice();
      const loss = bprEpoch(one, o);
      if (Number.isNaN(expected.loss)) expect(loss).toBeNaN();
      else expect(Math.abs(loss - expected.loss)).toBeLessThan(1e-5 * (1 + expected.loss));
      // 150 float32 steps on numbers of size 1 against float64
      const far = (a: ArrayLike<number>, b: Float64Array) => b.findIndex((x, at) => !(Math.abs(a[at] - x) < 2e-5));
      expect(far(o.users, expected.U)).toBe(-1);
      expect(far(o.items, expected.I)).toBe(-1);
      expect(far(o.itemBias ?? [], expected.b)).toBe(-1);
      if (!Number.isNaN(loss)) expect(o.state).not.toEqual(before);
      s.free();
    }),
    { numRuns: 150 },
  );
});

test("draws more than 64 ahead where there are many positives", () => {
  const world = { users: 60, items: 300, d: 4, seed: 3, bias: true };
  const { s, rows, options } = build(one, world);
  expect(options.userOf.length).toBeGreaterThan(12 * 512);
  const o = { ...options, samples: 1003 };
  const expected = plain(o, rows, world.items);
  const loss = bprEpoch(one, o);
  expect(Math.abs(loss - expected.loss)).toBeLessThan(1e-5);
  for (const [at, x] of expected.U.entries()) expect(Math.abs(o.users[at] - x)).toBeLessThan(1e-4);
  s.free();
});

test("a seed gives the same bits, and two epochs go on from each other", () => {
  const world = { users: 9, items: 25, d: 24, seed: 11, bias: true };
  const run = (samples: number[]) => {
    const { s, options } = build(one, world);
    for (const n of samples) bprEpoch(one, { ...options, samples: n });
    const bytes = [options.users.slice(), options.items.slice(), options.itemBias!.slice(), options.state];
    s.free();
    return bytes;
  };
  expect(run([300])).toEqual(run([300]));
  expect(run([128, 172])).toEqual(run([300]));
});

test("learns: the loss falls, on one thread and on three", async () => {
  for (const k of [one, three]) {
    const { s, options } = build(k, { users: 12, items: 30, d: 16, seed: 4, bias: false });
    const o = { ...options, samples: 3000, decay: 0.001 };
    const first = await bprEpochParallel(k, o);
    for (let epoch = 0; epoch < 20; epoch++) await bprEpochParallel(k, o);
    expect(await bprEpochParallel(k, o)).toBeLessThan(0.5 * first);
    expect(o.users.every(Number.isFinite)).toBe(true);
    s.free();
  }
});

test("large scores neither overflow nor lose the loss", () => {
  const { s, options } = build(one, { users: 3, items: 8, d: 4, seed: 2, bias: false });
  for (const size of [300, -300]) {
    options.users.fill(size);
    options.items.forEach((_, at) => {
      options.items[at] = Math.floor(at / 4);
    });
    expect(bprEpoch(one, { ...options, samples: 60 })).toBeGreaterThanOrEqual(0);
    expect(options.users.every(Number.isFinite)).toBe(true);
  }
  s.free();
});

test("bad shapes, ids and counts are refused", () => {
  const { s, options } = build(one, { users: 3, items: 8, d: 4, seed: 2, bias: false });
  const rejects = (change: Partial<BprOptions>, message: string) =>
    expect(() => bprEpoch(one, { ...options, ...change })).toThrow(message);
  rejects({ d: 5 }, "no whole rows of 5");
  rejects({ samples: -1 }, "samples must be a count, got -1");
  rejects({ state: new Uint32Array(4) }, "state must not be all zero");
  rejects({ itemOf: s.i32(1) }, "itemOf must have");
  rejects({ itemOf: s.copy(options.itemOf.map(() => 8)) }, "itemOf must be below 8, got 8");
  rejects({ order: s.copy(Int32Array.of(-1)) }, "order must be below");
  rejects({ order: s.i32(0) }, "there is no positive to draw");
  expect(bprEpoch(one, { ...options, samples: 0 })).toBeNaN();
  s.free();
});
