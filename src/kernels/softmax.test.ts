import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { createRng } from "../base/rng.ts";
import { openKernels } from "../node/threads.ts";
import type { Kernels } from "./kernels.ts";
import { l2NormalizeBackward, l2NormalizeRows, softmaxLossRows } from "./softmax.ts";

let k: Kernels;
beforeAll(async () => {
  k = await openKernels(1);
});

const shapes = fc.record({
  rows: fc.integer({ min: 1, max: 6 }),
  cols: fc.integer({ min: 1, max: 41 }),
  seed: fc.integer(),
});

const normals = (seed: number, n: number, size = 1) => {
  const rng = createRng(seed);
  return Float32Array.from({ length: n }, () => size * rng.normal());
};

test("the exponential has a relative error ≤ 1e-6", () => {
  const s = k.scope();
  const n = 200_003;
  const x = s.copy(Float32Array.from({ length: n }, (_, i) => -87.3 + (175.5 * i) / n));
  const y = s.f32(n);
  k.exports["expAll"](x.byteOffset, y.byteOffset, n);
  let worst = 0;
  for (let i = 0; i < n; i++) worst = Math.max(worst, Math.abs(y[i] / Math.exp(x[i]) - 1));
  expect(worst).toBeLessThan(3e-7);
  const odd = s.copy(Float32Array.of(Number.NEGATIVE_INFINITY, -100, 0, Number.NaN, 200));
  k.exports["expAll"](odd.byteOffset, odd.byteOffset, 5);
  expect([...odd.subarray(0, 4)]).toEqual([0, 0, 1, Number.NaN]);
  expect(odd[4]).toBeGreaterThan(2e38);
  s.free();
});

test("loss and gradient equal the float64 formula, in place too", () => {
  fc.assert(
    fc.property(
      shapes,
      fc.constantFrom(0.1, 1, 3),
      fc.constantFrom(1, 30),
      ({ rows, cols, seed }, temperature, size) => {
        const s = k.scope();
        const values = normals(seed, rows * cols, size);
        const [scores, grad] = [s.copy(values), s.f32(rows * cols)];
        const loss = softmaxLossRows(k, scores, rows, cols, temperature, grad);
        expect(scores).toEqual(values);
        let expected = 0;
        for (let r = 0; r < rows; r++) {
          const row = Array.from(values.subarray(r * cols, (r + 1) * cols), (x) => x / temperature);
          const most = Math.max(...row);
          const sum = row.reduce((a, x) => a + Math.exp(x - most), 0);
          expected += (Math.log(sum) - row[0] + most) / rows;
          row.forEach((x, c) => {
            const p = Math.exp(x - most) / sum;
            const g = (p - (c === 0 ? 1 : 0)) / temperature / rows;
            // float32 arguments up to 300 carry 2⁻²⁴·300 into the exponent
            expect(Math.abs(grad[r * cols + c] - g)).toBeLessThan((3e-6 + (4e-7 * size) / temperature) / temperature);
          });
        }
        expect(Math.abs(loss - expected)).toBeLessThan(1e-6 * (10 + Math.abs(expected)));
        expect(softmaxLossRows(k, scores, rows, cols, temperature, scores)).toBe(loss);
        expect(scores).toEqual(grad);
        s.free();
      },
    ),
  );
});

test("normalisation and its backward equal the float64 formulas; a zero row stays zero", () => {
  fc.assert(
    fc.property(shapes, fc.boolean(), ({ rows, cols: d, seed }, zero) => {
      const s = k.scope();
      const values = normals(seed, rows * d);
      if (zero) values.fill(0, 0, d);
      const [x, norms, grad, out] = [s.copy(values), s.f32(rows), s.copy(normals(seed + 1, rows * d)), s.f32(rows * d)];
      l2NormalizeRows(k, x, rows, d, norms);
      l2NormalizeBackward(k, x, norms, grad, rows, d, out);
      for (let r = 0; r < rows; r++) {
        const row = Array.from(values.subarray(r * d, (r + 1) * d));
        const g = Array.from(grad.subarray(r * d, (r + 1) * d));
        const norm = Math.hypot(...row);
        expect(norms[r]).toBeCloseTo(norm, 4);
        const unit = row.map((a) => (norm === 0 ? 0 : a / norm));
        const along = unit.reduce((a, b, i) => a + b * g[i], 0);
        for (let c = 0; c < d; c++) {
          const back = norm === 0 ? 0 : (g[c] - unit[c] * along) / norm;
          expect(Math.abs(x[r * d + c] - unit[c])).toBeLessThan(1e-6);
          expect(Math.abs(out[r * d + c] - back)).toBeLessThan(norm === 0 ? 1e-9 : 1e-5 * (1 + 1 / norm));
        }
      }
      l2NormalizeBackward(k, x, norms, grad, rows, d, grad);
      expect(grad).toEqual(out);
      s.free();
    }),
  );
});

test("no rows, no columns and no temperature are refused", () => {
  const s = k.scope();
  expect(() => softmaxLossRows(k, s.f32(0), 0, 3, 1, s.f32(0))).toThrow(RangeError);
  expect(() => softmaxLossRows(k, s.f32(3), 1, 3, 0, s.f32(3))).toThrow("temperature must be positive, got 0");
  s.free();
});
