import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { createRng } from "../base/rng.ts";
import { openKernels } from "../node/threads.ts";
import type { Kernels } from "./kernels.ts";
import { adagradRows, adamRows, rowwiseAdagradRows, sgdRows } from "./optimizers.ts";

let k: Kernels;
beforeAll(async () => {
  k = await openKernels(1);
});

const cases = fc.record({
  rows: fc.integer({ min: 1, max: 9 }),
  width: fc.integer({ min: 1, max: 37 }),
  decay: fc.constantFrom(0, 0.01),
  dense: fc.boolean(),
  seed: fc.integer(),
});

/** Three steps on arrays in kernel memory beside three in float64; rows that are never touched must keep their bits. */
async function check(
  c: { rows: number; width: number; decay: number; dense: boolean; seed: number },
  states: number,
  kernel: (t: Float32Array, s: Float32Array[], ids: Int32Array | null, g: Float32Array, step: number) => Promise<void>,
  plain: (w: number, s: number[], g: number, step: number) => [number, ...number[]],
) {
  const rng = createRng(c.seed);
  const s = k.scope();
  const size = c.rows * c.width;
  const table = s.copy(Float32Array.from({ length: size }, () => rng.normal()));
  const state = Array.from({ length: states }, () => s.f32(size));
  const [w, kept] = [Float64Array.from(table), state.map(() => new Float64Array(size))];
  const touched = new Set<number>();
  const start = table.slice();
  for (let step = 1; step <= 3; step++) {
    const all = rng.shuffle(Int32Array.from({ length: c.rows }, (_, i) => i));
    const some = c.dense ? all.sort() : all.subarray(0, rng.below(c.rows + 1));
    const grads = s.copy(Float32Array.from({ length: some.length * c.width }, () => rng.normal()));
    await kernel(table, state, c.dense ? null : s.copy(some), grads, step);
    some.forEach((id, t) => {
      touched.add(id);
      for (let j = 0; j < c.width; j++) {
        const at = id * c.width + j;
        const now = plain(
          w[at],
          kept.map((a) => a[at]),
          grads[t * c.width + j] + c.decay * w[at],
          step,
        );
        [w[at]] = now;
        kept.forEach((a, i) => {
          a[at] = now[i + 1];
        });
      }
    });
  }
  table.forEach((x, at) => {
    // float32 steps of size ≤ 0.1 against float64: a few units in the last place of numbers below 8
    expect(Math.abs(x - w[at])).toBeLessThan(2e-6 * (1 + Math.abs(w[at])));
    if (!touched.has(Math.floor(at / c.width))) expect(x).toBe(start[at]);
  });
  s.free();
}

test("sgdRows", async () => {
  await fc.assert(
    fc.asyncProperty(cases, (c) =>
      check(
        c,
        0,
        (table, _, ids, grads) => sgdRows(k, table, ids, grads, c.width, { learningRate: 0.05, decay: c.decay }),
        (w, _, g) => [w - 0.05 * g],
      ),
    ),
  );
});

test("adagradRows", async () => {
  const options = { learningRate: 0.05, epsilon: 1e-8 };
  await fc.assert(
    fc.asyncProperty(cases, (c) =>
      check(
        c,
        1,
        (table, [a], ids, grads) => adagradRows(k, table, a, ids, grads, c.width, { ...options, decay: c.decay }),
        (w, [a], g) => [w - (0.05 * g) / (Math.sqrt(a + g * g) + 1e-8), a + g * g],
      ),
    ),
  );
});

test("adamRows", async () => {
  const options = { learningRate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
  await fc.assert(
    fc.asyncProperty(cases, (c) =>
      check(
        c,
        2,
        (table, [m, v], ids, grads, step) =>
          adamRows(k, table, m, v, ids, grads, c.width, { ...options, step, decay: c.decay }),
        (w, [m, v], g, step) => {
          const [first, second] = [0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g];
          const [mHat, vHat] = [first / (1 - 0.9 ** step), second / (1 - 0.999 ** step)];
          return [w - (0.01 * mHat) / (Math.sqrt(vHat) + 1e-8), first, second];
        },
      ),
    ),
  );
});

test("rowwiseAdagradRows", async () => {
  await fc.assert(
    fc.asyncProperty(cases, async (c) => {
      const s = k.scope();
      const rng = createRng(c.seed);
      const random = () => Float32Array.from({ length: c.rows * c.width }, () => rng.normal());
      const table = s.copy(random());
      const [start, accumulator] = [table.slice(), s.f32(c.rows).fill(0.1)];
      const ids = c.dense ? null : s.copy(rng.shuffle(Int32Array.from({ length: c.rows }, (_, i) => i)));
      const grads = s.copy(random());
      const options = { learningRate: 0.05, epsilon: 1e-8, decay: c.decay, scale: 0.5 };
      await rowwiseAdagradRows(k, table, accumulator, ids, grads, c.width, options);
      for (let t = 0; t < c.rows; t++) {
        const row = ids ? ids[t] : t;
        const w = [...start.subarray(row * c.width, (row + 1) * c.width)];
        const g = w.map((x, j) => 0.5 * grads[t * c.width + j] + c.decay * x);
        const a = 0.1 + g.reduce((sum, x) => sum + x * x, 0) / c.width;
        // float32 against float64: a sum of at most 37 squares, and a step of size below 0.05·√37
        expect(Math.abs(accumulator[row] - a)).toBeLessThan(1e-6 * a);
        w.forEach((x, j) => {
          const want = x - (0.05 * g[j]) / (Math.sqrt(a) + 1e-8);
          expect(Math.abs(table[row * c.width + j] - want)).toBeLessThan(2e-6 * (1 + Math.abs(want)));
        });
      }
      s.free();
    }),
  );
});

test("every step has the same bits for any number of threads, and for rows that are named or in order", async () => {
  const three = await openKernels(3);
  const [rows, width] = [2000, 37];
  const step = { learningRate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, step: 2, decay: 0.1, scale: 0.7 };
  const bits = async (on: Kernels, named: boolean) => {
    const s = on.scope();
    const rng = createRng(6);
    const random = (n = rows * width) => s.copy(Float32Array.from({ length: n }, () => rng.normal()));
    const ids = named ? s.copy(Int32Array.from({ length: rows }, (_, i) => i)) : null;
    const [table, m, v, each, grads] = [random(), random(), random().map(Math.abs), random(rows), random()];
    const second = s.copy(v);
    await adamRows(on, table, m, second, ids, grads, width, step);
    await adagradRows(on, table, second, ids, grads, width, step);
    await rowwiseAdagradRows(on, table, s.copy(each.map(Math.abs)), ids, grads, width, step);
    await sgdRows(on, table, ids, grads, width, step);
    const found = table.slice();
    s.free();
    return found;
  };
  const want = await bits(k, false);
  expect(await bits(k, true)).toEqual(want);
  expect(await bits(three, false)).toEqual(want);
  expect(await bits(three, true)).toEqual(want);
  await three.close();
});

test("wrong shapes and step 0 are refused", async () => {
  const s = k.scope();
  const options = { learningRate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, step: 0, decay: 0 };
  const [table, grads] = [s.f32(6), s.f32(6)];
  const adam = (v: number, step: number) =>
    adamRows(k, table, s.f32(6), s.f32(v), null, grads, 3, { ...options, step });
  await expect(adam(6, 0)).rejects.toThrow("step must be at least 1");
  await expect(adam(5, 1)).rejects.toThrow("v must have 6 elements");
  await expect(sgdRows(k, table, s.i32(1), grads, 3, options)).rejects.toThrow("grads must have 3 elements, got 6");
  await expect(rowwiseAdagradRows(k, table, s.f32(6), null, grads, 3, options)).rejects.toThrow(
    "accumulator must have 2 elements, got 6",
  );
  s.free();
});
