import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { createRng } from "../base/rng.ts";
import { openKernels } from "../node/threads.ts";
import type { Kernels } from "./kernels.ts";
import { adagradRows, adamRows, adamTable, sgdRows } from "./optimizers.ts";

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
function check(
  c: { rows: number; width: number; decay: number; dense: boolean; seed: number },
  states: number,
  kernel: (t: Float32Array, s: Float32Array[], ids: Int32Array | null, g: Float32Array, step: number) => void,
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
    kernel(table, state, c.dense ? null : s.copy(some), grads, step);
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

test("sgdRows", () => {
  fc.assert(
    fc.property(cases, (c) =>
      check(
        c,
        0,
        (table, _, ids, grads) => sgdRows(k, table, ids, grads, c.width, { learningRate: 0.05, decay: c.decay }),
        (w, _, g) => [w - 0.05 * g],
      ),
    ),
  );
});

test("adagradRows", () => {
  const options = { learningRate: 0.05, epsilon: 1e-8 };
  fc.assert(
    fc.property(cases, (c) =>
      check(
        c,
        1,
        (table, [a], ids, grads) => adagradRows(k, table, a, ids, grads, c.width, { ...options, decay: c.decay }),
        (w, [a], g) => [w - (0.05 * g) / (Math.sqrt(a + g * g) + 1e-8), a + g * g],
      ),
    ),
  );
});

test("adamRows", () => {
  const options = { learningRate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
  fc.assert(
    fc.property(cases, (c) =>
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

test("a row's bits do not depend on where it lies or on how it is named", () => {
  const s = k.scope();
  const rng = createRng(5);
  const [rows, width] = [7, 13];
  const random = () => s.copy(Float32Array.from({ length: rows * width }, () => rng.normal()));
  const [table, m, v, grads] = [random(), random(), random().map(Math.abs), random()];
  const options = { learningRate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, step: 4, decay: 0.1 };
  const run = (ids: Int32Array | null) => {
    const copy = s.copy(table);
    adamRows(k, copy, s.copy(m), s.copy(v), ids, grads, width, options);
    return copy;
  };
  expect(run(s.copy(Int32Array.from({ length: rows }, (_, i) => i)))).toEqual(run(null));
  s.free();
});

test("adamTable has adamRows' bits for any number of threads", async () => {
  const three = await openKernels(3);
  const [rows, width] = [2000, 37];
  const options = { learningRate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, step: 2, decay: 0.1 };
  const bits = async (threads: Kernels, whole: boolean) => {
    const s = threads.scope();
    const rng = createRng(6);
    const random = () => s.copy(Float32Array.from({ length: rows * width }, () => rng.normal()));
    const [table, m, v, grads] = [random(), random(), s.copy(random().map(Math.abs)), random()];
    if (whole) await adamTable(threads, table, m, v, grads, width, options);
    else adamRows(threads, table, m, v, null, grads, width, options);
    const found = table.slice();
    s.free();
    return found;
  };
  const want = await bits(k, false);
  expect(await bits(k, true)).toEqual(want);
  expect(await bits(three, true)).toEqual(want);
  await three.close();
});

test("wrong shapes and step 0 are refused", () => {
  const s = k.scope();
  const options = { learningRate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, step: 0, decay: 0 };
  const [table, grads] = [s.f32(6), s.f32(6)];
  expect(() => adamRows(k, table, s.f32(6), s.f32(6), null, grads, 3, options)).toThrow("step must be at least 1");
  expect(() => adamRows(k, table, s.f32(6), s.f32(5), null, grads, 3, options)).toThrow("v must have 6 elements");
  expect(() => sgdRows(k, table, s.i32(1), grads, 3, options)).toThrow("grads must have 3 elements, got 6");
  s.free();
});
